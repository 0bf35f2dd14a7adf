"""What must be in place before real patients are served."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from patchline.chain import LOG
from patchline.content import Content
from patchline.database import engines
from patchline.settings import Settings, SettingsError


def _private(settings: Settings) -> list[Path]:
    """Files with patients' words or with secrets; the folder `var` itself may be looked into."""
    url = sa.engine.make_url(engines.url_of(settings))
    database = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    files = [settings.var / "secret", settings.channels, database]
    return [*(path for path in files if path), *([database.with_name(f"{database.name}-wal")] if database else [])]


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def check_production(settings: Settings, content: Content) -> None:
    """Does nothing in the development profile. Raises `SettingsError` that names everything that is missing."""
    if not settings.production:
        return
    missing = [
        f"the {phone.label} in clinic.yml is a demo number ({phone.display})"
        for phone in content.clinic.all_phones
        if phone.demo
    ]
    if not settings.internal_token:
        missing.append("PATCHLINE_INTERNAL_TOKEN is not set")
    if {name for contact in content.clinic.contacts for name in contact.channels} == {LOG}:
        missing.append("clinic.yml tells staff of warning signs by the log alone")
    if settings.rate_limit.strip().lower() == "off":
        missing.append("PATCHLINE_RATE_LIMIT is off")
    if not settings.address.startswith("https:"):
        missing.append("PATCHLINE_PUBLIC_URL is not an https address")
    missing += [f"{path} can be read by other accounts (chmod 600)" for path in _private(settings) if _is_open(path)]
    if missing:
        raise SettingsError("the production profile cannot start: " + "; ".join(missing))
