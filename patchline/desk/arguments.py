"""The arguments of `patchline staff`; apart from the commands, which load the database's libraries."""

from __future__ import annotations

import argparse

from patchline.desk.roles import ROLES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`arguments.what` is a key of `commands.COMMANDS`."""
    below = parser.add_subparsers(metavar="WHAT", dest="what", required=True)

    def command(name: str, help: str, login: bool = True) -> argparse.ArgumentParser:
        child = below.add_parser(name, help=help, description=help)
        if login:
            child.add_argument("login", metavar="LOGIN")
        return child

    add = command("add", "make an account")
    add.add_argument("--name", required=True, help='as colleagues know it, e.g. "Ana López"')
    role = add.add_mutually_exclusive_group()
    role.add_argument("--role", choices=ROLES, default="nurse")
    role.add_argument("--admin", dest="role", action="store_const", const="admin", help="the same as --role admin")
    command("list", "list all accounts", login=False)
    command("disable", "sign somebody out everywhere and switch the account off")
    command("enable", "switch an account on again")
    command("role", "give somebody another role").add_argument("role", choices=ROLES)
    command("unlock", "let somebody try at once again after too many wrong passwords")
    password = command("password", "set a new password and sign the person out everywhere")
    for child in (add, password):
        source = child.add_mutually_exclusive_group()
        source.add_argument("--generate", action="store_true", help="print a one-time password instead of asking")
        source.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
