"""Turns of phrase in answers to a form, in English and Spanish. Pure; each function looks at one message."""

from __future__ import annotations

import re

from patchline.nlu import parts

_STOPS = re.compile(
    r"(?:no+|nope|nah|naw|no,? (?:thanks?|thank you|thx|ty)"
    r"|(?:please )?(?:cancel|stop)(?: (?:it|this|that|(?:the|my|this) request))?(?: please)?|quit|exit"
    r"|never ?mind|nvm|forget (?:it|that|about it)|(?:i'?d |i would )?(?:rather|prefer) not(?: to)?"
    r"|i don'?t want (?:to|this|that|it)(?: any ?more)?|do(?:n'?t| not) (?:call|bother)(?: me)?|leave it|not now"
    r"|(?:i )?changed my mind|no gracias|cancel[ae]r?|ol[vw][ií]de(?:lo|se)|olv[ií]dalo|d[eé]jelo|d[eé]jalo|mejor no"
    r"|prefiero no|ya no(?:,? gracias)?)"
)
# The same with something after it; "no, ..." is a correction.
_STOPS_SO = re.compile(
    r"(?:never ?mind|nvm|forget (?:it|that|about it)|cancel|stop|no thanks?|no,? thank you|changed my mind|no gracias)"
    r"(?: *[,.;!-]+ *| (?:i(?:'?m|'ll| am)?|it'?s|thanks?|we) ).+"
    r"|i(?:'ll| will|'d rather|'m going to) (?:just )?(?:call|ring|phone)(?: (?:them|you|the clinic|myself|in|it))*"
)
_REFUSES = re.compile(
    r"\b(?:rather not|prefer not|do(?:n'?t| not) want|won'?t|not (?:giving|comfortable)|prefiero no|no quiero)\b"
)
_SKIPS = re.compile(
    r"(?:skip(?: (?:it|this|that)(?: one)?)?|pass|no name|anonymous|omitir|saltar|sin nombre|an[oó]nimo)"
)
_CANCELS = re.compile(r"(?:cancel|cancel (?:it|my|a|the) ?(?:visit|appointment|appt)?|cancelar)")
_WHY = re.compile(
    r"(?:but |and |ok |y )?(?:why|what for|how come|por ?qu[eé]|para qu[eé])"
    r"|.*\bwhy (?:do|would|are|r|must)?\s*(?:you|u|they)\b.*\b(?:need|want|ask|know)\w*\b.*"
    r"|.*\bwhy (?:my|the|a) (?:name|number|phone|time).*"
    r"|.*\b(?:need|want|use)\b.{0,25}\bfor"
    r"|.*\bwhat (?:is|'s|are) (?:it|that|this) for"
    r"|.*\bwho (?:sees|gets|reads|will (?:see|get)|can see)\b.*"
    r"|.*\b(?:safe|ok|okay) to (?:give|tell|share)\b.*|.*\b(?:private|confidential)\b.*"
    r"|.*\bmy (?:name|number|phone|details|data|info)\b.*\b(?:safe|secure|shared?|sold)\b.*"
    r"|.*\b(?:por|para) ?qu[eé] (?:lo |la )?(?:necesita|quiere|pregunta)\w*.*"
)
_CLOCK = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_TIME = re.compile(
    rf"\b(?:any ?time|whenever|a\.?s\.?a\.?p|as soon as|now|soon(?:er|est)?|right away|today|tonight|tom+or+ow|tmrw"
    r"|mornings?|afternoons?|evenings?|nights?|nite|noon|midday|midnight|lunch(?:time|es)?|breakfast|dinner|supper"
    r"|early|earlier|late|later|week(?:day|end)?s?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri"
    r"|hours?|minutes?|o'?clock|half past|quarter (?:past|to)"
    rf"|(?:after|before|around|about|at|from|between|until|till?|by|past|not before) {_CLOCK}"
    rf"|{_CLOCK} ?(?:am|pm|a\.m|p\.m)|\d{{1,2}}[:.]\d\d|{_CLOCK} ?(?:-|to|or) ?{_CLOCK}"
    r"|hoy|mañana|manana|tarde|noche|mediod[ií]a|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo"
    r"|a las? \d|despu[eé]s de|antes de|cualquier|pronto|cuanto antes)\b"
)
_ANY_TIME = re.compile(
    r"(?:any ?time|whenever(?: .{0,20})?|no preference|(?:it )?does(?:n'?t| not) matter|(?:i )?don'?t (?:mind|care)"
    r"|all day|any|(?:a )?cualquier (?:hora|momento)|cuando (?:quieran|sea|puedan)|me da igual|da igual)"
)
_PROPOSES = re.compile(
    r"(?:(?:how|what) about|(?:can|could|would|will) (?:you|u|they|someone|somebody|a nurse|the nurse|he|she)\b"
    r"|pueden? (?:llamar|marcar)"
    r"|(?:is|are) .{0,30}\b(?:ok|okay|possible|fine|good)\b|.*\b(?:work|suit)s?\W*$)"
)
_AGREES = re.compile(
    r"(?:yes+|yeah|yep|yup|ye|ya|yea|y|sure|ok(?:ay)?|k|please(?: do)?|go ahead|of course|correct"
    r"|that'?s (?:right|fine|ok)|all (?:right|good|correct)|right|fine|(?:please |pls )?try (?:it )?again|again"
    r"|s[ií]|claro|vale|de acuerdo|por favor|intent[ae]r?lo? de nuevo|otra vez)\b"
)
_OBJECTS = re.compile(r"\b(?:but|except|actually|instead|change|wrong|not|don'?t|no|pero|mal|cambi\w+)\b")
_WRONG = re.compile(
    r"\b(?:wrong|incorrect|not (?:right|that|this|my|the)|isn'?t (?:right|my)|change|fix|mal|equivocad[oa]"
    r"|cambiar?)\b"
)
_FIELDS = {
    "phone": re.compile(r"\b(?:number|phone|cell|mobile|n[uú]mero|tel[eé]fono)\b"),
    "patient_name": re.compile(r"\b(?:name|nombre)\b"),
    "best_time": re.compile(r"\b(?:time|hour|hora)\b"),
    "visit": re.compile(r"\b(?:visit|appointment|reason|cita|asunto)\b"),
}
_TITLE = re.compile(r"(?:mr|mrs|ms|miss|dr|doctor|prof|sr|sra|srta|señor|señora|doctora)\b\.? +\S", re.IGNORECASE)
_GREETING = r"(?:(?:hi|hello|ok|yes|no|sorry|sure)[,.!]* +)*"
_NAME_IS = re.compile(
    rf"^{_GREETING}(?:(?:(?:my|the|her|his|our|their)(?: \w+'?s)? (?:first |last |full )?)?name(?: is|'s|:| should be)?"
    r"|(?:just )?ask for|me llamo|mi nombre es|se llama|pregunten por)\s+(?P<name>\S.*)$",
    re.IGNORECASE,
)
_IT_IS = re.compile(
    rf"^{_GREETING}(?:i'?m|i am|it'?s|it is|this is|call me|just|soy|es)\s+(?P<name>\S.*)$", re.IGNORECASE
)
_WHO_IT_IS = re.compile(r"[,.;(] *(?=(?:he|she|they|i|my|his|her|it|that|the|not|es|mi)\b)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][^\W\d_'’.\-]*(?:['’.\-][^\W\d_]*)*")
_NO_NAMES = frozenset(
    """
    a about after again all alright am an and any are at be because before but by call can cannot correct could day
    did do does doctor dont don't for from get go going had hang has have hello help here hey hi his how human i if
    in is it its it's just know later like me more moment my need no none not nothing now nurse of ok okay on one or
    our out phone please right sec so sorry stop sure thank thanks that that's thats the then there they this time
    to today too understand up wait want was we well what when where which who why will with would yeah yep yes you
    your bueno con del el en esto gracias hola la los mi no para por que quiero si sí un una usted ya
    """.split()
)
_SMALL = frozenset("de la del los las van von der den al el bin and y".split())  # not capitals in many names
_SPANISH_QUESTIONS = frozenset("cuánto cuanto cuánta cuándo qué cómo dónde cuál puedo puede debo tengo".split())
_MOST_WORDS = 6


def stops(text: str) -> bool:
    """Whether a message says no more than that the request should end.

    >>> stops("Never mind."), stops("no, the number is 202 555 0142")
    (True, False)
    """
    plain = _plain(text)
    return _STOPS.fullmatch(plain) is not None or _STOPS_SO.fullmatch(plain) is not None


def refuses(text: str) -> bool:
    """Whether somebody would rather not say what was asked for."""
    return _REFUSES.search(_plain(text)) is not None


def skips_name(text: str) -> bool:
    plain = _plain(text)
    speaks_of_it = _FIELDS["patient_name"].search(plain) is not None
    return _SKIPS.fullmatch(plain) is not None or (speaks_of_it and refuses(text))


def cancels(text: str) -> bool:
    """Whether it is the visit that is to be cancelled, where a visit was asked about."""
    return _CANCELS.fullmatch(_plain(text)) is not None


def asks_why(text: str) -> bool:
    """Whether it asks what something is needed for, or who gets it."""
    return _WHY.fullmatch(_plain(text)) is not None


def asks(text: str) -> bool:
    """Whether it is a question; "when the baby sleeps" and "Will Fallon" are none.

    >>> asks("when will they call"), asks("when my wife is back"), asks("Will Fallon")
    (True, False, False)
    """
    if text.rstrip().endswith("?"):
        return True
    words = _plain(text).split()
    if words and words[0] in ("when", "if", "may"):
        return len(words) > 1 and words[1] in ("will", "can", "do", "does", "is", "are", "should", "would", "i", "did")
    if words and words[0] in _SPANISH_QUESTIONS:
        return True
    return len(words) > 2 and parts.asks(text) and not _capitals(text)


def tells_time(text: str) -> bool:
    return _TIME.search(_plain(text)) is not None


def any_time(text: str) -> bool:
    return _ANY_TIME.fullmatch(_plain(text)) is not None


def proposes(text: str) -> bool:
    """Whether a question is an answer: "is 3 pm ok?", "can you call tomorrow?"."""
    return _PROPOSES.match(_plain(text)) is not None


def agrees(text: str) -> bool:
    return _AGREES.match(_plain(text)) is not None


def objects(text: str) -> bool:
    return _OBJECTS.search(_plain(text)) is not None


def speaks_of_a_phone(text: str) -> bool:
    return _FIELDS["phone"].search(_plain(text)) is not None


def wrong(text: str) -> str | None:
    """The slot that somebody says is wrong, e.g. "phone" for "the number is wrong"."""
    plain = _plain(text)
    if not _WRONG.search(plain):
        return None
    return next((slot for slot, words in _FIELDS.items() if words.search(plain)), None)


def names(text: str) -> str | None:
    """The name in a message that may be nothing but a name; None where it is something else.

    >>> names("my name is Maria"), names("I don't know"), names("karen price")
    ('Maria', None, 'karen price')
    """
    found = _NAME_IS.match(text.strip()) or _IT_IS.match(text.strip())
    name = trimmed(re.split(_WHO_IT_IS, found["name"] if found else text)[0])
    words = re.split(r"[\s,()&]+", name.strip(" ()"))
    if not 1 <= len(words) <= _MOST_WORDS or not all(_WORD.fullmatch(word) for word in words if word):
        return None
    plain = [word.lower().strip(".") for word in words]
    whole = _NAME_IS.match(text.strip()) or _capitals(name)
    return None if not whole and any(word in _NO_NAMES for word in plain) else name


def surely_a_name(text: str) -> bool:
    """Whether nothing else can be meant: it says so, or it has a title, or it is several words with capitals."""
    stripped = text.strip()
    if _NAME_IS.match(stripped) or _TITLE.match(stripped):
        return True
    it_is = _IT_IS.match(stripped)
    name = it_is["name"] if it_is else stripped
    return _capitals(name) and (it_is is not None or len(name.split()) > 1)


def trimmed(text: str) -> str:
    """Without what joins it to something else: "no, " before it, " and my number is" after it."""
    text = re.sub(r"^(?:\W|\b(?:no|yes|yeah|ok|but|and|please|it'?s|pero|y)\b)+", "", text, flags=re.IGNORECASE)
    joints = "and my the number phone cell tel is it's its at on call me please pls thanks thank you y mi número es"
    after = rf"(?:\W|\b(?:{joints.replace(' ', '|')})\b)+$"
    return re.sub(after, "", text, flags=re.IGNORECASE).strip()


def _capitals(text: str) -> bool:
    """Whether every word begins with a capital letter, but for "de la" and the like."""
    words = re.findall(r"[^\W\d_][\w'’.-]*", text)
    big = [word for word in words if word.lower() not in _SMALL]
    return bool(big) and all(word[0].isupper() for word in big)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").strip(" .,!?¿¡…\"'").split())
