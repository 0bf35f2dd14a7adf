"""`patchline staff` on a folder of its own."""

import contextlib
import io
import os
import pty
import sys

import pytest

from patchline import cli
from patchline.database import engines
from patchline.database.schema import now
from patchline.desk import accounts, audit
from patchline.settings import ROOT
from tests.unit.desk.conftest import PASSWORD


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    monkeypatch.setenv("PATCHLINE_CONTENT", str(ROOT / "content"))
    monkeypatch.delenv("PATCHLINE_DATABASE_URL", raising=False)
    engine = engines.make_engine(f"sqlite:///{tmp_path / 'patchline.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def staff(engine, capsys, monkeypatch):
    """`staff("list")`: exit code, what it says, what it complains of. `typed`: standard input."""

    def staff(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = cli.main(["staff", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return staff


def at_a_terminal(*arguments, answers):
    """`patchline staff …` at a real terminal, where a person types these answers. Exit code, and what one sees."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "patchline.cli", "staff", *arguments])
    seen, left = b"", list(answers)
    with contextlib.suppress(OSError):  # the other side is gone
        while piece := os.read(terminal, 1024):
            seen += piece
            if left and seen.endswith(b": "):
                os.write(terminal, left.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def test_the_first_admin_is_made_before_the_first_start(staff, engine):
    code, said, _ = staff("add", "--admin", "Ada", "--name", "Ada Lin", "--password-stdin", typed=f"{PASSWORD}\n")
    assert code == 0
    assert said == "Ada Lin can sign in as ada (admin).\n"
    person = accounts.verify(engine, "ada", PASSWORD, now())
    assert (person.role, person.one_time_until) == ("admin", None)
    (deed,) = audit.read(engine)
    assert (deed.name, deed.action, deed.detail) == ("command line", "staff_added", "login:ada,role:admin")


def test_a_password_is_asked_for_twice_and_not_shown(engine):
    code, seen = at_a_terminal("add", "bo", "--name", "Bo", answers=[PASSWORD, PASSWORD])
    assert code == 0, seen
    assert "Password for bo (at least 12 characters): " in seen
    assert "Bo can sign in as bo (nurse)." in seen
    assert PASSWORD not in seen
    assert accounts.verify(engine, "bo", PASSWORD, now())
    code, seen = at_a_terminal("password", "bo", answers=["six birds on a roof", "six birds on a root"])
    assert code == 1
    assert "was not the same both times; nothing was changed" in seen
    assert accounts.verify(engine, "bo", PASSWORD, now())


def test_without_a_terminal_it_says_how_else(staff, engine):
    code, _, complaint = staff("add", "bo", "--name", "Bo")
    assert code == 1
    assert "--generate or --password-stdin" in complaint
    assert accounts.everybody(engine) == []


def test_a_generated_password_is_printed_once_and_must_be_changed(staff, engine):
    _, said, _ = staff("add", "bo", "--name", "Bo", "--role", "editor", "--generate")
    password = said.split("One-time password: ")[1].splitlines()[0]
    person = accounts.verify(engine, "bo", password, now())
    assert person.role == "editor"
    assert person.one_time_until
    assert password not in str(audit.read(engine))


def test_an_admin_who_is_locked_out_gets_in_again(staff, engine):
    staff("add", "--admin", "ada", "--name", "Ada", "--password-stdin", typed=PASSWORD)
    code, said, _ = staff("password", "ada", "--password-stdin", typed="six birds on a roof\n")
    assert (code, said) == (0, "Ada has a new password and is signed out everywhere.\n")
    assert accounts.verify(engine, "ada", "six birds on a roof", now())


def test_accounts_are_listed_switched_off_and_on_and_given_roles(staff, engine):
    assert 'staff add --admin LOGIN --name "…"' in staff("list")[1]
    for login in ("ada", "bo"):
        staff("add", "--admin", login, "--name", login.title(), "--password-stdin", typed=PASSWORD)
    assert staff("role", "bo", "nurse")[1] == "Bo is nurse now.\n"
    assert staff("disable", "bo")[0] == 0
    _, said, _ = staff("list")
    assert [line.split()[:4] for line in said.splitlines()[1:]] == [
        ["ada", "Ada", "admin", "never"],
        ["bo", "Bo", "nurse", "never"],
    ]
    assert said.splitlines()[2].endswith("switched off")
    assert staff("enable", "bo")[0] == 0
    assert "switched off" not in staff("list")[1]
    actions = [deed.action for deed in reversed(audit.read(engine))]
    assert actions == ["staff_added", "staff_added", "staff_role", "staff_disabled", "staff_enabled"]


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["disable", "ada"], "", "Ada is the last admin"),
        (["role", "ada", "nurse"], "", "Ada is the last admin"),
        (["disable", "nobody"], "", "There is no account nobody."),
        (["password", "nobody"], "", "There is no account nobody."),
        (["add", "ada", "--name", "Other", "--password-stdin"], PASSWORD, "There is an account ada already."),
        (["add", "bo", "--name", "Bo", "--password-stdin"], "Password1234\n", "first that somebody would try"),
        (["add", "bo", "--name", "Bo", "--password-stdin"], "", "at least 12 characters"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_1(staff, engine, arguments, typed, says):
    staff("add", "--admin", "ada", "--name", "Ada", "--password-stdin", typed=PASSWORD)
    code, said, complaint = staff(*arguments, typed=typed)
    assert (code, said) == (1, "")
    assert complaint.startswith("patchline: ")
    assert says in complaint
    assert complaint.count("\n") == 1


def test_a_database_that_does_not_answer_is_one_sentence_without_its_password(staff, monkeypatch):
    monkeypatch.setenv("PATCHLINE_DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/x")
    code, _, complaint = staff("list")
    assert code == 1
    assert complaint == "patchline: the database does not answer (OperationalError)\n"


def test_tables_of_a_newer_version_are_left_alone(staff, engine):
    staff("list")
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE journal_version SET version_num = '9999'")
    code, _, complaint = staff("list")
    assert code == 1
    assert "newer version" in complaint
