"""A report with something in every part."""

from patchline.trial.report import (
    Changed,
    Conversations,
    Example,
    FailedConversation,
    FailedTest,
    Finding,
    Gate,
    Latency,
    Meaning,
    Report,
    Rewritten,
    Scores,
    Signs,
    StaffTests,
    Topics,
    TopicScore,
    Validation,
    WrongSign,
)
from patchline.trial.shares import Share

FLAT, PEE = Meaning("faq/lie_flat", "Lying flat after it"), Meaning("red_flag/clinic", "Call the clinic today")
SCORES = Scores(
    signs=Signs(
        Share(99, 100), Share(20, 20), Share(5, 5), Share(97, 100), (WrongSign("hm", "idiom", None, "clinic"),)
    ),
    topics=Topics(9, 10, {"faq/lie_flat": TopicScore("Lying flat after it", 9, 10, 8)}),
    out_of_scope=Share(3, 3),
    staff_tests=StaffTests(1, 2, (FailedTest("flat?", FLAT, PEE),)),
    latency_ms=Latency(4.0, 9.5),
    conversations=Conversations(1, 2, (FailedConversation("how long", "test_smalltalk.yml", "it said nothing"),)),
)
FULL = Report(
    gate=Gate(False, ("a conversation goes another way",)),
    validation=Validation(
        warnings=(Finding("conflict", "twice", (Example("flat?", "faq/lie_flat", "Lying flat", "data/faq/x.yml", 7),)),)
    ),
    scores=SCORES,
    live=SCORES,
    questions=12,
    changes=(Changed(7, None, 2, FLAT, PEE), Changed(None, "how long flat", 1, PEE, FLAT, FLAT)),
    rewritten=(Rewritten("faq/lie_flat", "Lying flat after it", None, "Flat.", 3),),
    seconds={"train": 40.5},
)
