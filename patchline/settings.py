"""Settings: the only place that reads the environment.

Every variable is optional in the development profile. The production profile refuses to start without a secret and
with a fictional phone number (see `check_production`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LONGEST_DAYS = 36_500  # to keep anything


class SettingsError(Exception):
    """A setting is missing or malformed; the message names the variable and what it should hold."""


FEWEST_CHARACTERS = 10  # different ones in a secret


@dataclass(frozen=True)
class Settings:
    """All settings of one installation. Times are seconds, sizes are characters or bytes as named."""

    profile: str = "development"  # or "production"
    host: str = "127.0.0.1"
    port: int = 8000
    rasa_port: int = 5005  # of slot a
    actions_port: int = 5055
    rasa_port_b: int = 5006  # of slot b, where the next release is warmed up
    actions_port_b: int = 5056
    var: Path = ROOT / "var"  # databases, logs, generated secrets
    models: Path = ROOT / "models"
    content: Path = ROOT / "content"
    workspace: Path = None  # type: ignore[assignment]  # the git repository of what staff edit; `workspace` under `var`
    database_url: str = ""  # SQLAlchemy URL; default: SQLite under `var`
    secret: str = field(default="", repr=False)  # signs conversation tokens, links to staff and the desk's forms
    internal_token: str = field(default="", repr=False)  # between the gateway and Rasa
    rate_limit: str = "30/minute"  # per conversation; ten times that per address; "off" switches both off
    allowed_origins: tuple[str, ...] = ()  # pages on other origins that may embed the chat
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    rasa_timeout_s: float = 6.0  # a patient has an answer or the clinic line within 8 s
    max_characters: int = 1000
    channels: Path | None = None  # the file with the addresses of channels; None: there is only the log
    public_url: str = ""  # under which staff and patients reach the gateway, e.g. "https://chat.example.org"
    heartbeat_url: str = field(default="", repr=False)  # an outside monitor that the worker tells of its life
    keep_transcripts_days: int = 30  # after a conversation's last message
    keep_models: int = 5  # of releases; what serves and what stands by is kept in any case
    keep_tickets_days: int = 2190  # six years, after a ticket was resolved; lines of the desk's audit log as long

    def __post_init__(self) -> None:
        if self.workspace is None:
            object.__setattr__(self, "workspace", self.var / "workspace")

    @property
    def address(self) -> str:
        """Where links lead: the public address, or this machine's."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def rasa_url(self) -> str:
        """Where Rasa listens; always the loopback."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where the action server listens; always the loopback."""
        return f"http://127.0.0.1:{self.actions_port}/webhook"

    @property
    def spool(self) -> Path:
        """Where escalations wait while the database is away."""
        return self.var / "spool"

    @property
    def backlog(self) -> Path:
        """Where messages wait for the journal while the database is away."""
        return self.var / "backlog"

    @property
    def releases(self) -> Path:
        """Where releases are: what staff edited, trained and tried."""
        return self.var / "releases"

    @property
    def production(self) -> bool:
        return self.profile == "production"


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Read `PATCHLINE_*` variables.

    Raises `SettingsError` that names the variable, e.g. ``PATCHLINE_PORT must be a whole number, not 'eight'``.
    """
    env = os.environ if env is None else env
    profile = env.get("PATCHLINE_PROFILE", "development")
    if profile not in ("development", "production"):
        raise SettingsError(f"PATCHLINE_PROFILE must be 'development' or 'production', not {profile!r}")
    var = Path(env.get("PATCHLINE_VAR", Settings.var)).resolve()
    rasa_port = _port(env, "PATCHLINE_RASA_PORT", Settings.rasa_port)
    actions_port = _port(env, "PATCHLINE_ACTIONS_PORT", Settings.actions_port)
    return Settings(
        profile=profile,
        host=env.get("PATCHLINE_HOST", Settings.host),
        port=_port(env, "PATCHLINE_PORT", Settings.port),
        rasa_port=rasa_port,
        actions_port=actions_port,
        rasa_port_b=_port(env, "PATCHLINE_RASA_PORT_B", rasa_port + 1),
        actions_port_b=_port(env, "PATCHLINE_ACTIONS_PORT_B", actions_port + 1),
        var=var,
        models=Path(env.get("PATCHLINE_MODELS", Settings.models)).resolve(),
        content=Path(env.get("PATCHLINE_CONTENT", Settings.content)).resolve(),
        workspace=Path(env["PATCHLINE_WORKSPACE"]).resolve() if env.get("PATCHLINE_WORKSPACE") else var / "workspace",
        database_url=env.get("PATCHLINE_DATABASE_URL") or f"sqlite:///{var / 'patchline.db'}",
        secret=_secret(env, profile, var),
        internal_token=env.get("PATCHLINE_INTERNAL_TOKEN", ""),
        rate_limit=env.get("PATCHLINE_RATE_LIMIT", Settings.rate_limit),
        allowed_origins=_list(env, "PATCHLINE_ALLOWED_ORIGINS"),
        trusted_proxies=_list(env, "PATCHLINE_TRUSTED_PROXIES"),
        rasa_timeout_s=_seconds(env, "PATCHLINE_RASA_TIMEOUT", Settings.rasa_timeout_s),
        max_characters=_whole_number(env, "PATCHLINE_MAX_CHARACTERS", Settings.max_characters),
        channels=Path(env["PATCHLINE_CHANNELS"]).resolve() if env.get("PATCHLINE_CHANNELS") else None,
        public_url=_url(env, "PATCHLINE_PUBLIC_URL"),
        heartbeat_url=_url(env, "PATCHLINE_HEARTBEAT_URL"),
        keep_transcripts_days=_days(env, "PATCHLINE_KEEP_TRANSCRIPTS_DAYS", Settings.keep_transcripts_days),
        keep_models=max(1, _whole_number(env, "PATCHLINE_KEEP_MODELS", Settings.keep_models)),
        keep_tickets_days=_days(env, "PATCHLINE_KEEP_TICKETS_DAYS", Settings.keep_tickets_days),
    )


def _url(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").rstrip("/")
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if text and not whole:
        raise SettingsError(f"{name} must be a whole address, e.g. https://chat.example.org")
    return text


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise SettingsError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = _whole_number(env, name, default)
    if not 0 < value < 65536:
        raise SettingsError(f"{name} must be a port between 1 and 65535, not {value}")
    return value


def _days(env: Mapping[str, str], name: str, default: int) -> int:
    value = _whole_number(env, name, default)
    if not 1 <= value <= LONGEST_DAYS:
        raise SettingsError(f"{name} must be between 1 and {LONGEST_DAYS} days, not {value}")
    return value


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        raise SettingsError(f"{name} must be a number of seconds, not {text!r}") from None
    if not 0 < value <= 7.5:
        raise SettingsError(f"{name} must be between 0 and 7.5 seconds, so that a patient never waits longer than 8")
    return value


def _list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in env.get(name, "").split(",") if part.strip())


def _secret(env: Mapping[str, str], profile: str, var: Path) -> str:
    """The signing secret: a variable, a file, or (development only) one that is made once and kept under `var`."""
    if env.get("PATCHLINE_SECRET"):
        return _good(env["PATCHLINE_SECRET"], "PATCHLINE_SECRET", profile)
    if env.get("PATCHLINE_SECRET_FILE"):
        path = Path(env["PATCHLINE_SECRET_FILE"])
        try:
            return _good(path.read_text().strip(), f"PATCHLINE_SECRET_FILE ({path})", profile)
        except OSError as error:
            raise SettingsError(f"PATCHLINE_SECRET_FILE: cannot read {path}: {error.strerror}") from error
    if profile == "production":
        raise SettingsError("PATCHLINE_SECRET or PATCHLINE_SECRET_FILE is missing; the production profile needs one")
    path = var / "secret"
    if not path.exists():
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass  # another process of this installation was faster
    return path.read_text().strip()


def _good(secret: str, name: str, profile: str) -> str:
    if len(secret) < 32:
        raise SettingsError(f"{name} must hold at least 32 characters")
    if profile == "production" and len(set(secret)) < FEWEST_CHARACTERS:
        raise SettingsError(f"{name} repeats a few characters; draw one, e.g. with: openssl rand -base64 32")
    return secret
