"""The book of channels: a file that is not part of the repository, because addresses hold passwords.

nurse-mail:
  apprise: mailtos://patchline:password@mail.example.org?to=nurse@example.org
on-call-sms:
  apprise: twilio://…
  private: true            # only the contact reads it: it may say what triggered and whom to call
clinic-system:
  webhook: https://clinic.example.org/patchline
  secret: a shared secret of at least 32 characters
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from patchline.chain import LOG, Chain
from patchline.content import ContentError, check_keys, read_yaml, where
from patchline.escalation.channels.by_apprise import AppriseChannel
from patchline.escalation.channels.channel import Channel
from patchline.escalation.channels.log import LogChannel
from patchline.escalation.channels.webhook import Webhook

SECRET_CHARACTERS = 32


def read_book(path: Path | None, write: Callable[..., Any]) -> dict[str, Channel]:
    """Channels by name, "log" always among them. Raises `ContentError` that names the line, and no address."""
    channels: dict[str, Channel] = {LOG: LogChannel(write)}
    if path is None:
        return channels
    data = read_yaml(path) or {}
    if not hasattr(data, "items"):
        raise ContentError(f"{path.name}: expected names of channels and what they are")
    return channels | {str(name): _channel(path, str(name), item) for name, item in data.items()}


def missing(chain: Chain, channels: Iterable[str]) -> list[str]:
    """The channels that the chain names and the book does not have."""
    named = dict.fromkeys(channel for contact in chain.contacts for channel in contact.channels)
    return [name for name in named if name not in set(channels)]


def check_channels(chain: Chain, channels: Iterable[str]) -> None:
    """Raises `ContentError` when a contact could never be reached."""
    if absent := missing(chain, channels):
        names = ", ".join(absent)
        raise ContentError(f"clinic.yml names channels that the file of PATCHLINE_CHANNELS does not have: {names}")


def check_book(chain: Chain, path: Path | None) -> None:
    """Both of the above, for a start: everybody whom the clinic names can be reached by something that is described."""
    check_channels(chain, read_book(path, lambda *_, **__: None))


def _channel(path: Path, name: str, item: Any) -> Channel:
    if name == LOG or not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
        raise ContentError(f"{where(path, item)}: name a channel with a-z, 0-9, - and _, and not 'log'")
    kinds = {"apprise", "webhook"} & set(item) if hasattr(item, "keys") else set()
    if len(kinds) != 1:
        raise ContentError(f"{where(path, item)}: the channel {name!r} needs either 'apprise' or 'webhook'")
    kind = kinds.pop()
    check_keys(path, item, {"webhook", "secret"} if kind == "webhook" else {"apprise"}, optional={"private"})
    private = item.get("private", False)
    if type(private) is not bool:
        raise ContentError(f"{where(path, item, 'private')}: write 'true' or 'false'")
    if kind == "apprise":
        return AppriseChannel(name, str(item["apprise"]), private)
    if not re.match(r"https?://[^/]", str(item["webhook"])):
        raise ContentError(f"{where(path, item, 'webhook')}: write an address that begins with https://")
    if len(str(item["secret"])) < SECRET_CHARACTERS:
        raise ContentError(f"{where(path, item, 'secret')}: at least {SECRET_CHARACTERS} characters")
    return Webhook(name, str(item["webhook"]), str(item["secret"]), private)
