"""What people write around a message out of politeness: greetings, thanks, names, "quick question", emoji. Pure.

None of it says what a message is about, so the models read a message without it: "hi, chest pain" is "chest pain". What
is nothing but politeness ("thank you so much!") stays as it is: then it is the message.
"""

from __future__ import annotations

import re

_PERSON = r"(?:(?:dr|mr|mrs|ms|prof)\.? [\w'’-]+|doc|doctor|nurse|sir|madam|ma'?am)"
_NAME = r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?"
_THERE = (
    rf"(?:there|again|all|everyone|everybody|team|folks|guys|you|y'?all|hun|love|dear|friend|"
    rf"patchline|parkview|bot|{_PERSON})"
)
_GREETING = (
    rf"(?:hi+|hiya|hello+|helo|hey+a?|heya?|howdy|yo|greetings|hola|good ?(?:morning|afternoon|evening)|gm|"
    rf"mornin[g']?|evenin[g']?|buenos d[ií]as|buenas (?:tardes|noches))(?: {_THERE})*"
)
_MUCH = (
    r"(?:so much|very much|a lot|a million|a bunch|again|anyway|in advance|kindly|loads|heaps|"
    r"for (?:that|this|the (?:help|info|reply|answer)|your (?:help|time|reply|answer)|everything|"
    r"helping|answering|letting me know))"
)
_THANKS = (
    rf"(?:many thanks|thanks|thank ?you|thank ?u|thankyou|thanx|thx|thnx|tysm|ty|tks|cheers|"
    rf"much appreciated|appreciate it|"
    rf"god bless(?: you)?|bless you|gracias|muchas gracias)(?: {_THERE}| {_MUCH})*"
)
_OPENING = (
    r"(?:(?:just )?(?:a )?quick (?:one|question|q)|(?:i have )?(?:just )?(?:a|one|another|"
    r"1) (?:quick |small |little |more |last |silly |dumb |stupid )?question(?: for you| please)?|"
    r"sorry(?: to (?:bother|bug|disturb) you(?: again)?| for (?:bothering|bugging) you| again)?|"
    r"excuse me|pardon me|pls help|please help(?: me| us)?|"
    r"help(?: me)? please|can you help(?: me| us)?(?: please)?|hope (?:you(?:'re| are)? (?:well|ok|"
    r"good|doing well)|all is well)|i hope you(?:'re| are) (?:well|ok)|"
    r"how are you(?: today| doing)?|just (?:wondering|asking|checking)|i was wondering|ok(?:ay)?|"
    r"okey|um+|uh+|uhm|er+m*|hm+|anyway|btw|by the way|fyi|please|pls|plz)"
)
_INTRODUCTION = (
    rf"(?:(?:[Tt]his is|[Mm]y name is|[Mm]y name's) {_NAME}(?: (?:here|again|speaking))?|"
    rf"(?:[Ii]t'?s )?{_NAME} (?:here|again|speaking))"
)
_FILLER = r"(?:right|well|so|oh|ah|alright|now|look|listen)"
_CLOSING = (
    r"(?:please(?: help(?: me| us)?)?|pls|plz|please (?:advise|reply)|any (?:help|advice|"
    r"ideas?)(?: (?:is )?appreciated)?|"
    r"help(?: me)?(?: please| pls)?|(?:best|kind|warm) regards|regards|sincerely|best wishes|"
    r"take care|bye|goodbye|lol|haha+|hehe|xx+|xo+|sorry|that'?s all|"
    r"just (?:wondering|asking|checking|saying))"
)
_ANSWER = r"(?:yes|yeah|yep|yup|ya|yea|no|nope|nah|correct|exactly|true|right|sí|si)"
_END = r"(?=[\s,.!?;:…)\-–—]|$)"
_EMOJI = (
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\u2190-\u21ff]|"
    r"(?<!\S)[:;=8xX][-'^]?[)(DPpoO/|*3]+(?!\S)|<3"
)
_BREAK = rf"(?:{_EMOJI}|[\s,.!;:…()\-–—])*+"  # possessive: ":)" reads two ways, and no text may make that cost time
_MARKED = r"\s*(?:[,.!;:…\-–—]+|$)"  # a name or an answer is told from a sentence by the mark behind it
_FRONT = re.compile(
    rf"{_BREAK}(?:(?i:{_GREETING}|(?:(?:ok(?:ay)?|great|perfect|alright|cool),? )?{_THANKS}|{_OPENING}){_END}"
    rf"|(?:{_INTRODUCTION}|(?i:{_FILLER})){_MARKED}){_BREAK}"
)
_GREETED_BY_NAME = re.compile(rf"{_BREAK}(?i:{_GREETING})(?: {_NAME})?\s*[,.!:;\-–—]+{_BREAK}")
_FRONT_ANSWER = re.compile(rf"{_BREAK}(?i:{_ANSWER})(?: (?i:{_ANSWER}))*{_MARKED}{_BREAK}")
_MARKS = re.compile(_BREAK)
_BACK = re.compile(rf"(?:[\s,.!?;:…()\-–—]|{_EMOJI})(?i:{_THANKS}|{_CLOSING}|{_GREETING}){_BREAK}$")
_SIGNATURE = re.compile(rf"[\s,.!?;:…]+(?:[-–—~]+\s*|(?i:regards|thanks|cheers|sincerely),?\s+){_NAME}{_BREAK}$")
_EMOJI_BEHIND = re.compile(rf"(?:\s|{_EMOJI})++{_BREAK}$")
_ONLY = re.compile(rf"(?i:{_GREETING}|{_THANKS}|{_OPENING}|{_CLOSING}|{_ANSWER}){_BREAK}")
_LETTER = re.compile(r"[^\W_]")
_LONGEST = 160  # characters of one courtesy: politeness is short, and a hostile text must not cost time
_MOST = 12  # courtesies on each side


def without_courtesies(text: str, answers: bool = False) -> str:
    """The message without what stands around it for politeness; the message itself where nothing else is left.

    `answers`: also without a "yes." or "no," in front, which answers what was asked before.

    >>> without_courtesies("Hi, chest pain 😢 thank you so much")
    'chest pain'
    >>> without_courtesies("no, my leg is numb", answers=True), without_courtesies("no fever", answers=True)
    ('my leg is numb', 'no fever')
    """
    start, end = core(text, answers)
    return text[start:end]


def core(text: str, answers: bool = False) -> tuple[int, int]:
    """Where the message stands between its courtesies: start and end, in characters."""
    start, end = 0, len(text)
    if _ONLY.fullmatch(text):
        return start, end
    fronts = (_MARKS, _GREETED_BY_NAME, _FRONT, *([_FRONT_ANSWER] if answers else ()))
    for _ in range(_MOST):
        before = (start, end)
        for edge in fronts:
            found = edge.match(text, start, min(end, start + _LONGEST))
            if found and _LETTER.search(text, found.end(), end):
                start = found.end()
        for edge in (_SIGNATURE, _BACK, _EMOJI_BEHIND):
            found = edge.search(text, max(start, end - _LONGEST), end)
            if found and _LETTER.search(text, start, found.start()):
                asks = text[found.start()] == "?"
                end = found.start() + asks
        end = start + len(text[start:end].rstrip(" ,;:-–—"))  # of "..., thanks"
        if before == (start, end):
            break
    return (0, len(text)) if _ONLY.fullmatch(text, start, end) else (start, end)
