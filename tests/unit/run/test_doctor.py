"""`patchline doctor` on installations that something is wrong with."""

import shutil
from datetime import timedelta

import pytest

from patchline import cli
from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.desk import accounts
from patchline.escalation.escalation import Escalation
from patchline.escalation.health import seen
from patchline.escalation.spool import Spool
from patchline.escalation.tickets import open_ticket
from patchline.gateway import upkeep
from patchline.gateway.records import Records
from patchline.gateway.tables import conversations
from patchline.settings import ROOT, from_environment
from patchline.workspace import Workspace
from tests.receivers import HttpReceiver, closed_port

SECRET = "k" * 40


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An installation of its own in a folder."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    (tmp_path / "var").mkdir()
    variables = {
        "PATCHLINE_VAR": str(tmp_path / "var"),
        "PATCHLINE_CONTENT": str(tmp_path / "content"),
        "PATCHLINE_MODELS": str(tmp_path / "models"),
        "PATCHLINE_PORT": str(closed_port()),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def engine(place):
    url = f"sqlite:///{place / 'var' / 'patchline.db'}"
    migrate(url)
    engine = engines.make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def says(capsys):
    """`says("--send")`: what the doctor says, and its exit code."""

    def says(*arguments):
        code = cli.main(["doctor", *arguments])
        return capsys.readouterr().out, code

    return says


def numb_leg(conversation="c1"):
    return Escalation(conversation, "m1", "clinic", "rules", now(), ("numb_weak",), ("leg is numb",))


def test_a_fresh_folder_is_told_what_to_start(place, says):
    text, code = says()
    assert code == 1
    assert "PROBLEM Nothing answers at http://127.0.0.1:" in text
    assert "`patchline run` starts it." in text
    assert "The database" in text
    assert "is not there yet" in text
    assert "Staff are told by the log alone" in text


def test_a_mistake_in_the_content_is_all_that_it_says(place, says):
    path = place / "content" / "clinic.yml"
    path.write_text(path.read_text().replace("times: 1", "times: many"))
    text, code = says()
    assert code == 1
    assert text.startswith("PROBLEM clinic.yml line")
    assert text.count("PROBLEM") == 1


def test_a_channel_that_nobody_described_is_named(place, says):
    path = place / "content" / "clinic.yml"
    path.write_text(path.read_text().replace("channels: [log], when: open", "channels: [nurse-sms], when: open"))
    text, _ = says()
    assert "PROBLEM clinic.yml names channels that the file of PATCHLINE_CHANNELS does not have: nurse-sms." in text


def test_without_a_worker_and_with_a_ticket_that_waits_it_says_that_the_clinic_may_not_know(engine, says):
    text, _ = says()
    assert "PROBLEM No delivery worker is running: nobody is told about tickets." in text
    seen(engine, "one", now(), now())
    open_ticket(engine, numb_leg())
    text, _ = says()
    assert "No delivery worker" not in text
    assert "ok      SQLite answers and has the tables of this version." in text
    assert "Staff are told of tickets; 1 wait for somebody to acknowledge them." in text
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE tickets SET exhausted_at = opened_at")
    text, code = says()
    assert "PROBLEM 1 ticket were sent" not in text
    assert "PROBLEM 1 ticket was sent to every contact and nobody has acknowledged." in text
    assert code == 1


def test_it_says_how_the_first_of_the_staff_gets_an_account(engine, says):
    told = "Nobody of the staff can sign in at the desk yet."
    text, _ = says()
    assert f"warning {told}" in text
    assert '`patchline staff add --admin ana --name "Ana López"` makes the first account' in text
    accounts.add(engine, "ana", "Ana López", "admin", "two ducks cross the yard", now())
    assert told not in says()[0]


def test_tables_of_another_version_are_told_apart(engine, says):
    for number, told in (("0001", "it brings them up to date"), ("9999", "Install a newer one")):
        with engine.begin() as db:
            db.exec_driver_sql(f"UPDATE journal_version SET version_num = '{number}'")
        text, _ = says()
        assert f"PROBLEM The tables are of version {number}" in text
        assert told in text


def test_a_database_that_does_not_answer_is_named_without_its_password(place, says, monkeypatch):
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", f"postgresql://u:hush@127.0.0.1:{closed_port()}/x")
    text, _ = says()
    assert "PROBLEM PostgreSQL does not answer (OperationalError)." in text
    assert "hush" not in text


def test_warning_signs_that_wait_on_the_disk_are_counted(place, says):
    spool = Spool(place / "var" / "spool")
    spool.keep(numb_leg())
    (spool.folder / "broken.json").write_text("{")
    (place / "var" / "backlog").mkdir()
    (place / "var" / "backlog" / "one.json").write_text("{}")
    text, _ = says()
    assert "PROBLEM 1 warning sign waits in" in text
    assert "PROBLEM 1 message of a patient waits in" in text
    assert "PROBLEM 1 file with a warning sign cannot be read." in text
    assert "leg is numb" not in text


def test_a_test_message_goes_out_over_every_channel_when_asked(place, says, monkeypatch):
    receiver = HttpReceiver()
    book = place / "channels.yml"
    book.write_text(
        f"good:\n  webhook: {receiver.url}/good\n  secret: {SECRET}\n"
        f"bad:\n  webhook: http://127.0.0.1:{closed_port()}/bad\n  secret: {SECRET}\n"
    )
    book.chmod(0o644)
    monkeypatch.setenv("PATCHLINE_CHANNELS", str(book))
    clinic = place / "content" / "clinic.yml"
    clinic.write_text(clinic.read_text().replace("channels: [log]", "channels: [good, bad]"))
    text, _ = says()
    assert receiver.received == []
    assert "3 contacts by 2 channels: good, bad." in text
    assert "others on this machine can read it" in text
    book.chmod(0o600)
    text, code = says("--send")
    receiver.close()
    assert [request.path for request in receiver.received] == ["/good"]
    assert "ok      A test message went out by good" in text
    assert "PROBLEM A test message by bad did not go out: no_connection." in text
    assert "others on this machine" not in text
    assert code == 1


def test_old_transcripts_that_nobody_deletes_and_old_backups_are_told(engine, says):
    long_ago = now() - timedelta(days=3)
    assert "Old transcripts" not in says()[0]
    Records(engine).open("c1", [])
    assert "Old transcripts" not in says()[0]
    with engine.begin() as db:
        db.execute(conversations.update().values(created_at=long_ago))
    assert f"warning Old transcripts have not been deleted since {long_ago:%Y-%m-%d}." in says()[0]
    upkeep.done(engine, upkeep.PURGE, now(), {})
    text, _ = says()
    assert "Old transcripts" not in text
    assert "backup" not in text
    upkeep.done(engine, upkeep.BACKUP, long_ago, {})
    assert f"warning The last backup is of {long_ago:%Y-%m-%d}." in says()[0]


def test_a_folder_that_others_can_look_into_is_told(place, says):
    (place / "var").chmod(0o755)
    assert "other accounts can look into it" in says()[0]
    (place / "var").chmod(0o700)
    assert "other accounts" not in says()[0]


def test_without_git_it_says_what_staff_cannot_do_and_that_patients_are_answered(place, says, monkeypatch):
    monkeypatch.setenv("PATH", str(place))
    text, code = says()
    assert "PROBLEM Git is not installed on the server" in text
    assert "nobody can edit, review or train at the desk; patients are answered as before." in text
    assert code == 1


def test_staffs_edits_that_cannot_be_opened_or_were_broken_by_hand_are_told_and_left_alone(place, says):
    assert "the desk makes the folder of staff's edits" in says()[0]
    workspace = Workspace(from_environment()).open()
    assert "ok      Staff's edits can be opened; the last one is of 20" in says()[0]
    file = workspace.folder / "data" / "faq" / "numbing.yml"
    file.write_text(file.read_text().replace("    - is it gonna hurt\n", "    is it gonna hurt\n"))
    head = workspace.head()
    text, _ = says()
    assert "PROBLEM Somebody edited a file by hand, and it does not hold: data/faq/numbing.yml line 19: " in text
    assert workspace.head() == head
    (workspace.folder / ".git" / "HEAD").unlink()
    assert f"PROBLEM Staff's edits in {workspace.folder} cannot be opened: " in says()[0]
