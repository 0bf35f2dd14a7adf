"""The clinic's content of a commit, as the gateway would load it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from patchline import content
from patchline.content import Content, ContentError
from patchline.workspace.errors import WorkspaceError

NAMES = ("content/clinic.yml", "content/document.yml", "content/wordings.yml")


def content_of(files: Mapping[str, bytes]) -> Content:
    """Raises `WorkspaceError` for content that cannot be used."""
    return _loaded(tuple(files[name] for name in NAMES))


@lru_cache(maxsize=8)
def _loaded(texts: tuple[bytes, ...]) -> Content:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in zip(NAMES, texts, strict=True):
            Path(folder, Path(name).name).write_bytes(data)
        try:
            return content.load(Path(folder))
        except ContentError as error:
            raise WorkspaceError(str(error)) from None
