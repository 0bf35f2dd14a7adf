"""A handful of training sentences: enough for two small models that know a leg from a lunch."""

from __future__ import annotations

TOPICS = {
    "faq/eating_drinking": ["can i eat before", "may I have breakfast", "is coffee ok before it", "food and drink?"],
    "faq/ride_home": ["who drives me home", "do i need a driver", "can I take the bus home", "is a taxi fine after"],
    "faq/clothing": ["what should I wear", "which clothes", "is a dress ok", "do I wear a gown"],
    "out_of_scope": ["who won the match", "tell me a joke", "what is the capital of France", "pizza near me"],
}
SIGNS = {
    "red_flag/clinic": ["my leg is numb", "I have a fever of 102", "my headache is back", "my foot tingles"],
    "red_flag/emergency": ["I can't pee at all", "I cannot move my legs", "I had a seizure", "I can't breathe"],
    "red_flag/crisis": ["I want to die", "I want to kill myself", "I might hurt my baby", "I took all my pills"],
}
OTHERS = {
    "check": ["something is not right", "I feel odd"],
    "several_questions": ["can I eat and who drives me", "what do I wear and can I drink"],
    "spanish": ["puedo comer", "quien me lleva"],
    "press_skip": ["Skip"],
}


def pairs(*groups: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """Sentences, and the intent of each."""
    found = [(text, intent) for group in groups for intent, texts in group.items() for text in texts]
    return [text for text, _ in found], [intent for _, intent in found]
