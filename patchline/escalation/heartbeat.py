"""The heartbeat: an outside monitor hears that tickets are being delivered, and raises the alarm when it hears nothing.

Addresses in the manner of Healthchecks: a request to `<url>` says that all is well, one to `<url>/fail` that it is not.
Nothing else is sent.
"""

from __future__ import annotations

import httpx

TIMEOUT_S = 5.0


def beat(url: str, well: bool) -> bool:
    """Whether the monitor took it. Never raises: the monitor notices by itself when it hears nothing."""
    try:
        answer = httpx.get(url if well else f"{url}/fail", timeout=TIMEOUT_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.is_success
