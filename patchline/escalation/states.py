"""States and what may follow what: of tickets and of deliveries. Pure; every change of a state goes through here.

Tickets:

    open          waits for a person; the chain calls one contact after another
    acknowledged  a named person has it; the chain is still
    resolved      done, with an outcome

    open -> acknowledged            acknowledged, or called: who has called the patient has the ticket
    open | acknowledged -> resolved resolved (with an outcome)
    acknowledged | resolved -> open reopened, by a person
    any -> open                     raised: the same message turned out to be worse than what was acknowledged

Deliveries, one message to one contact over one channel:

    pending -> leased               a worker has it; nobody else sends it until the lease ends
    leased -> sent                  the channel took it
    leased -> pending               it may work later: tried again after a while, or the worker died
    leased -> failed                it never will, or it was tried often enough
    pending -> cancelled            somebody acknowledged the ticket first
"""

from __future__ import annotations

OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
STATES = (OPEN, ACKNOWLEDGED, RESOLVED)

PENDING, LEASED, SENT, FAILED, CANCELLED = "pending", "leased", "sent", "failed", "cancelled"

# action -> {state before: state after}; an action that is not here changes no state
TRANSITIONS: dict[str, dict[str, str]] = {
    "acknowledged": {OPEN: ACKNOWLEDGED},
    "resolved": {OPEN: RESOLVED, ACKNOWLEDGED: RESOLVED},
    "reopened": {ACKNOWLEDGED: OPEN, RESOLVED: OPEN},
    "raised": {OPEN: OPEN, ACKNOWLEDGED: OPEN, RESOLVED: OPEN},
    "reassigned": {OPEN: OPEN, ACKNOWLEDGED: ACKNOWLEDGED},
    "called": {OPEN: ACKNOWLEDGED, ACKNOWLEDGED: ACKNOWLEDGED},
}

# Everything that can stand in a ticket's history.
ACTIONS = (
    "opened",  # by the patient's message or form
    "raised",  # to a higher tier; the note says from which
    "added",  # another message of the conversation has a warning sign, too; the note is its tier
    "bundled",  # called for itself and for others that are not called one by one; the note says how many
    "delivered",  # a channel took a message; the note says to whom and by what
    "failed",  # a message could not be delivered; the note is a code
    "exhausted",  # the whole chain was tried and nobody acknowledged
    "acknowledged",
    "called",  # the note is the outcome, one of OUTCOMES
    "resolved",  # the note is the outcome in words
    "reopened",
    "noted",
    "reassigned",  # the note is the name of who has it now
    "message",  # from the clinic to the patient; the note is the text
    "joined",  # a person of the clinic comes into the chat, with her first message
    "wrote",  # the patient, while a person is in the chat; the note is the message id, the words are in the journal
    "unanswered",  # the patient was told that nobody has answered that yet
    "handed_back",  # the person leaves the chat, and the bot answers again
    "left",  # the person has not written for a while, and the bot answers again
    "taken_back",  # the patient says that it was a misunderstanding
    "viewed",
)
# Of these, what the chat shows to the patient; of all notes only the text of a "message".
FOR_PATIENTS = (
    "opened", "added", "acknowledged", "exhausted", "reopened", "resolved",
    "joined", "message", "unanswered", "handed_back", "left",
)  # fmt: skip
IN_CHAT = (*FOR_PATIENTS, "wrote")  # one transaction of a conversation after the other
OUTCOMES = ("reached", "no_answer", "left_message", "wrong_number", "sent_to_emergency")

_REFUSALS = {
    (ACKNOWLEDGED, "acknowledged"): "somebody has acknowledged it already",
    (RESOLVED, "acknowledged"): "it is resolved; reopen it first",
    (RESOLVED, "resolved"): "it is resolved already",
    (OPEN, "reopened"): "it is open already",
    (RESOLVED, "reassigned"): "it is resolved; reopen it first",
    (RESOLVED, "called"): "it is resolved; reopen it first",
}


class NotAllowed(Exception):
    """What was asked for does not fit the ticket; the message is a sentence for people."""


class UnknownTicket(NotAllowed):
    """There is no ticket of that reference."""


def after(state: str, action: str, reference: str = "This ticket") -> str:
    """The state that an action leads to. Raises `NotAllowed`.

    >>> after("open", "acknowledged")
    'acknowledged'
    """
    following = TRANSITIONS.get(action)
    if following is None:
        return state
    if state not in following:
        raise NotAllowed(f"{reference}: {_REFUSALS[state, action]}.")
    return following[state]
