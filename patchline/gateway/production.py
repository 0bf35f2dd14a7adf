"""What must be in place before real patients are served."""

from __future__ import annotations

from patchline.chain import LOG
from patchline.content import Content
from patchline.settings import Settings, SettingsError


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
    if missing:
        raise SettingsError("the production profile cannot start: " + "; ".join(missing))
