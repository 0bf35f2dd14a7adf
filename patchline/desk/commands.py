"""`patchline staff`: accounts of the desk from the command line, e.g. the first admin, or when no admin can sign in."""

from __future__ import annotations

import argparse
import getpass
import sys

import sqlalchemy as sa
from alembic.util import CommandError

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.desk import accounts, audit, passwords
from patchline.desk.accounts import ONE_TIME, AccountError, Staff
from patchline.desk.passwords import WeakPassword
from patchline.desk.throttle import Throttle
from patchline.settings import Settings

NAME = "command line"  # who did it, in the audit


class Refused(Exception):
    """It was not done; the message is a sentence for people."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit codes: 0 done, 1 refused or the database does not answer (one sentence)."""
    url = engines.url_of(settings)
    engine = engines.make_engine(url)
    arguments.throttle = Throttle(settings.secret)
    try:
        migrate(url)  # the first account is made before the first start
        COMMANDS[arguments.what](engine, arguments)
    except (AccountError, WeakPassword, Refused) as error:
        print(f"patchline: {error}", file=sys.stderr)
        return 1
    except CommandError:
        print("patchline: the tables are of a newer version than this code; install a newer one", file=sys.stderr)
        return 1
    except sa.exc.SQLAlchemyError as error:
        print(f"patchline: the database does not answer ({type(error).__name__})", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    return 0


def _add(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    password = _new_password(arguments)
    one_time = arguments.generate
    made = accounts.add(engine, arguments.login, arguments.name, arguments.role, password, now(), one_time=one_time)
    _on_record(engine, "staff_added", made, f",role:{made.role}")
    print(f"{made.name} can sign in as {made.login} ({made.role}).")
    _say_one_time(arguments, password)


def _list(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    everybody = accounts.everybody(engine)
    if not everybody:
        print('Nobody has an account yet. Make the first: patchline staff add --admin LOGIN --name "…"')
        return
    rows = [("LOGIN", "NAME", "ROLE", "LAST SIGN-IN", "")]
    rows += [(one.login, one.name, one.role, _day(one), "switched off" if one.disabled_at else "") for one in everybody]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _disable(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    person = accounts.disable(engine, arguments.login, now())
    _on_record(engine, "staff_disabled", person)
    print(f"{person.name} is signed out everywhere and cannot sign in.")


def _enable(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    person = accounts.enable(engine, arguments.login)
    _on_record(engine, "staff_enabled", person)
    print(f"{person.name} can sign in again, with the password from before.")


def _role(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    person = accounts.set_role(engine, arguments.login, arguments.role)
    _on_record(engine, "staff_role", person, f",role:{person.role}")
    print(f"{person.name} is {person.role} now.")


def _password(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    accounts.find(engine, arguments.login)  # before anybody types a password for nobody
    password = _new_password(arguments)
    person = accounts.set_password(engine, arguments.login, password, now(), one_time=arguments.generate)
    arguments.throttle.forgive(engine, person.login, now())
    _on_record(engine, "staff_password_reset", person)
    print(f"{person.name} has a new password and is signed out everywhere.")
    _say_one_time(arguments, password)


def _unlock(engine: sa.engine.Engine, arguments: argparse.Namespace) -> None:
    person = accounts.find(engine, arguments.login)
    arguments.throttle.forgive(engine, person.login, now())
    _on_record(engine, "staff_unlocked", person)
    print(f"{person.name} can try at once again; the password is the one from before.")


def _new_password(arguments: argparse.Namespace) -> str:
    """Made, read from standard input, or asked for twice. Never from an argument: others see those."""
    if arguments.generate:
        return passwords.make()
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("there is no terminal to ask for the password; use --generate or --password-stdin")
    password = getpass.getpass(f"Password for {arguments.login} (at least {passwords.SHORTEST} characters): ")
    if password != getpass.getpass("Once more: "):
        raise Refused("the password was not the same both times; nothing was changed")
    return password


def _say_one_time(arguments: argparse.Namespace, password: str) -> None:
    if arguments.generate:
        print(f"One-time password: {password}")
        print(f"It is shown this once, good for {ONE_TIME.days} days, and must be changed at the first sign-in.")


def _on_record(engine: sa.engine.Engine, action: str, person: Staff, more: str = "") -> None:
    audit.write(engine, now(), action, name=NAME, detail=f"login:{person.login}{more}")


def _day(person: Staff) -> str:
    return f"{person.seen_at:%Y-%m-%d}" if person.seen_at else "never"


COMMANDS = {
    "add": _add,
    "list": _list,
    "disable": _disable,
    "enable": _enable,
    "role": _role,
    "password": _password,
    "unlock": _unlock,
}
