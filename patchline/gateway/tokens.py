"""Conversation ids and their tokens. A token is the id, signed: it needs no table and opens one conversation only."""

from __future__ import annotations

import hashlib
import uuid

from itsdangerous import BadData, URLSafeSerializer

from patchline.settings import SettingsError


def new_id() -> str:
    """An id that nobody can guess."""
    return uuid.uuid4().hex


class Tokens:
    """Signs and reads tokens with the installation's secret. Raises `SettingsError` when there is no secret."""

    def __init__(self, secret: str):
        if not secret:
            raise SettingsError("PATCHLINE_SECRET is missing: conversation tokens cannot be signed without it")
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(secret, salt="patchline.conversation", signer_kwargs=options)

    def issue(self, conversation_id: str) -> str:
        return self._serializer.dumps(conversation_id)

    def owner(self, token: str) -> str | None:
        """The conversation that a token opens; None for a token that this installation did not sign."""
        try:
            conversation_id: str = self._serializer.loads(token)
            return conversation_id
        except (BadData, ValueError):
            return None
