"""One-tap links: a notification says where to acknowledge, and nobody else can make up such an address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from patchline.settings import SettingsError

PATH = "/desk/ack"
VALID = timedelta(hours=24)  # whoever comes later signs in


@dataclass(frozen=True)
class Link:
    """What a link says: which ticket, the contact of the chain that it was sent to, and when it was made (UTC)."""

    reference: str
    contact: str | None = None
    made_at: datetime = field(default=datetime.min, compare=False)


class Links:
    """Signs and reads the tokens of links. Raises `SettingsError` when there is no secret."""

    def __init__(self, secret: str, public_url: str = ""):
        if not secret:
            raise SettingsError("PATCHLINE_SECRET is missing: links cannot be signed without it")
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeTimedSerializer(secret, salt="patchline.acknowledge", signer_kwargs=options)
        self.public_url = public_url.rstrip("/")

    def sign(self, reference: str, contact: str | None = None) -> str:
        """A token for a link to a ticket, e.g. for "PL-7K3F9", sent to "Nurse on call"."""
        return self._serializer.dumps([reference, contact])

    def verify(self, token: str, valid: timedelta = VALID) -> Link | None:
        """What a token says; None for one that this installation did not sign, and for one that is too old."""
        try:
            (reference, contact), made_at = self._serializer.loads(
                token, max_age=int(valid.total_seconds()), return_timestamp=True
            )
            return Link(reference, contact, made_at.astimezone(UTC).replace(tzinfo=None))
        except (BadData, ValueError, TypeError):
            return None

    def address(self, reference: str, contact: str | None = None) -> str:
        """The whole link: GET shows the ticket's reference and tier and a button, POST acknowledges."""
        return f"{self.public_url}{PATH}/{self.sign(reference, contact)}"
