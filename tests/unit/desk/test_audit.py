"""The audit's lines, on a real database of each kind."""

from datetime import timedelta

import pytest

from patchline.database.schema import now
from patchline.desk import audit

AT = now()


def test_lines_are_found_by_person_ticket_and_time_the_newest_first(engine):
    audit.write(engine, AT, "signed_in", login="ana", name="Ana", address="203.0.113.5")
    audit.write(engine, AT + timedelta(hours=1), "ticket_viewed", login="ana", name="Ana", reference="PL-7K3F9")
    audit.write(engine, AT + timedelta(hours=2), "ticket_viewed", login="bo", name="Bo", reference="PL-7K3F9")

    def found(**wanted):
        return [(deed.login, deed.action) for deed in audit.read(engine, **wanted)]

    assert found() == [("bo", "ticket_viewed"), ("ana", "ticket_viewed"), ("ana", "signed_in")]
    assert found(login="ana") == [("ana", "ticket_viewed"), ("ana", "signed_in")]
    assert found(reference="PL-7K3F9", login="bo") == [("bo", "ticket_viewed")]
    assert found(since=AT + timedelta(hours=1), before=AT + timedelta(hours=2)) == [("ana", "ticket_viewed")]
    newest = audit.read(engine, limit=1)[0]
    assert found(below_id=newest.id, limit=1) == [("ana", "ticket_viewed")]


@pytest.mark.parametrize("words", ["my leg is numb", "Ana López", "x" * 201, "", "naïve"])
def test_words_do_not_get_in_and_are_not_in_the_error(engine, words):
    for kind in ("action", "detail"):
        given = {"action": "ticket_noted", "detail": None} | {kind: words}
        with pytest.raises(ValueError, match="codes without spaces") as refused:
            audit.write(engine, AT, given["action"], detail=given["detail"])
        assert not words or words not in str(refused.value)
    assert audit.read(engine) == []


def test_a_made_up_reference_is_left_out(engine):
    audit.write(engine, AT, "ticket_viewed", reference="my leg is numb")
    assert audit.read(engine)[0].reference is None
