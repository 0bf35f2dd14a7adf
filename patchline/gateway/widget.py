"""The chat widget's script, with the clinic's numbers in front: they are known when nothing else answers."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from patchline.content import Content, Phone

BUILT = Path(__file__).parent / "static" / "patchline.js"  # made from widget/ by `make widget`
# Who was on the page a while ago has the numbers also while the server is away; news come in behind the scenes.
CACHED = "max-age=60, stale-while-revalidate=86400"


class Script:
    """The script of one installation, made once; `response` is what a request gets."""

    def __init__(self, content: Content, built: bytes | None = None):
        self.body = (clinic_line(content) + "\n").encode() + (BUILT.read_bytes() if built is None else built)
        self.gzipped = gzip.compress(self.body, mtime=0)
        self.etag = hashlib.sha256(self.body).hexdigest()[:20]

    def response(self, request: Request) -> Response:
        """Smaller where the client takes gzip, 304 where it has the script already."""
        small = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self.etag}{"-gzip" if small else ""}"'
        # One cache entry for each origin: a copy fetched by this site's page has no CORS header for another's.
        headers = {"Cache-Control": CACHED, "ETag": etag, "Vary": "Accept-Encoding, Origin"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if small:
            headers["Content-Encoding"] = "gzip"
        return Response(self.gzipped if small else self.body, 200, headers, "text/javascript")


def clinic_line(content: Content) -> str:
    """The first line of the script: name and numbers, as the widget's `Clinic` (widget/src/contract.ts) has them."""
    clinic = content.clinic
    facts = {
        "name": clinic.name,
        "line": _phone(clinic.line),
        "emergency": _phone(clinic.phones["emergency"]),
        "demo": clinic.line.demo,
    }
    return f"const PATCHLINE_CLINIC={json.dumps(facts, separators=(',', ':'))};"


def _phone(phone: Phone) -> dict[str, str]:
    return {"display": phone.display, "href": phone.href}
