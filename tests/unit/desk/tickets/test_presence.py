"""A nurse and a patient who write to each other."""

import pytest

from patchline.database.schema import now
from patchline.desk.watch import look
from patchline.escalation import desk_api
from tests.unit.desk.tickets.test_pages import NUMB, do, text_of

presence = pytest.importorskip("patchline.escalation.presence")


def test_the_queue_shows_a_patient_who_wrote_and_has_no_answer_and_the_chat_is_given_back(clinic, nurse):
    reference = clinic.warning(NUMB, ("legs went numb",))
    do(nurse, reference, "message", text="I am Dana, a nurse.")
    assert "A person of the clinic is in this chat" in text_of(nurse.open(f"/desk/tickets/{reference}"))
    case, before = desk_api.ticket(clinic.engine, reference), look(clinic.engine, now())
    assert presence.wrote(clinic.engine, case.conversation_id, "m9", now())
    after = look(clinic.engine, now())
    assert (after.writing, after.call > before.call) == (1, True)
    assert "Patient wrote, not answered" in text_of(nurse.open("/desk"))
    page = nurse.open(f"/desk/tickets/{reference}")  # who opens it has taken note
    assert "Patient wrote, not answered" not in text_of(nurse.open("/desk"))
    nurse.press(page, f"/desk/tickets/{reference}/hand-back")
    assert "A person of the clinic is in this chat" not in text_of(nurse.open(f"/desk/tickets/{reference}"))
