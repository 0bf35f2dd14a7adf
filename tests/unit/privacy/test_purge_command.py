"""`patchline purge` says what would go and what went, in counts and dates."""

from datetime import timedelta

import pytest

from patchline import cli
from patchline.database.schema import now
from patchline.gateway import purging, upkeep
from patchline.gateway.tables import conversations, messages


@pytest.fixture(autouse=True)
def environment(place, monkeypatch):
    monkeypatch.setattr(purging, "PAUSE_S", 0.0)
    monkeypatch.setenv("PATCHLINE_VAR", str(place.settings.var))
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", place.settings.database_url)


@pytest.fixture
def says(capsys):
    """`says("--dry-run")`: what it says, and the exit code."""

    def says(*arguments):
        code = cli.main(["purge", *arguments])
        captured = capsys.readouterr()
        return captured.out + captured.err, code

    return says


def fill(place):
    for name, days in (("oldest", 45), ("old", 31), ("held", 33), ("young", 3)):
        place.conversation(name, days)
    place.ticket("held")
    place.ticket("gone", resolved_days=3000)
    place.tracker("rasas-own", 40)


def day(days):
    return f"{now() - timedelta(days=days):%Y-%m-%d}"


def test_a_dry_run_says_what_would_go_and_deletes_nothing(place, says):
    fill(place)
    text, code = says("--dry-run")
    assert code == 0
    assert text.splitlines()[:6] == [
        f"Transcripts without a message for 30 days (before {day(30)}): 2, the oldest of {day(45)}.",
        "  More that stay until their tickets are resolved: 1.",
        f"Tickets resolved more than 2190 days ago (before {day(2190)}): 1, the oldest of {day(3000)}.",
        f"Lines of the desk's audit log older than 2190 days (before {day(2190)}): none.",
        "Conversations that only Rasa still keeps: 1.",
        "Nothing was deleted: this was a dry run.",
    ]
    assert len(set(place.rows(messages, "conversation_id"))) == 4
    assert upkeep.last(place.engine, upkeep.PURGE).done_at is None


def test_it_deletes_and_says_what(place, says):
    fill(place)
    text, code = says()
    assert code == 0
    assert "Deleted: 2 transcripts, 1 ticket, 1 conversation that only Rasa still kept.\n" in text
    assert "Rasa still has to forget 3 conversations; it does so while Patchline runs." in text
    assert "deleting transcripts: 2" in text
    assert set(place.rows(messages, "conversation_id")) == {"held", "young"}
    text, code = says()
    assert code == 0
    assert text.startswith("There was nothing to delete.")


def test_older_than_is_for_transcripts_alone(place, says):
    fill(place)
    place.ticket("resolved lately", resolved_days=40)
    assert "Deleted: 1 transcript, 1 ticket.\n" in says("--older-than", "44")[0]
    assert (
        f"Transcripts without a message for 2 days (before {day(2)}): 2," in says("--older-than", "2", "--dry-run")[0]
    )


@pytest.mark.parametrize("days", ["0", "-1", "many", "1.5", "99999999"])
def test_days_that_make_no_sense_are_refused(says, capsys, days):
    with pytest.raises(SystemExit) as stopped:
        says("--older-than", days)
    assert stopped.value.code == 2
    assert "must be a number of days between 1 and 36500" in capsys.readouterr().err


def test_while_another_process_purges_it_says_which_one(place, says):
    upkeep.claim(place.engine, upkeep.PURGE, "gateway-2/41", now())
    text, code = says()
    assert (text, code) == ("patchline: A purge is under way (gateway-2/41); it ends by itself.\n", 2)


def test_tables_of_another_version_are_not_touched(place, says):
    fill(place)
    with place.engine.begin() as db:
        db.exec_driver_sql("UPDATE journal_version SET version_num = '0002'")
    text, code = says()
    assert code == 2
    assert "The tables are of version 0002" in text
    assert len(place.rows(conversations, "id")) == 4


def test_without_a_database_it_says_so_and_makes_none(make_place, says, monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere.db'}")
    text, code = says()
    assert code == 2
    assert "There is no database at" in text
    assert not (tmp_path / "nowhere.db").exists()


def test_a_server_that_is_away_is_one_sentence_and_exit_code_1(says, monkeypatch):
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", "postgresql://patchline@/nothing?host=/nowhere")
    text, code = says()
    assert code == 1
    assert text == "patchline: The database does not answer as it should (OperationalError). Nothing was done.\n"
