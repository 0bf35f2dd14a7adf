"""axe-core on a page, the widget's shadow tree included."""

from __future__ import annotations

from playwright.sync_api import Page

from tests import node

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def run(page: Page, rules: dict = RULES) -> dict:
    """What axe finds: its `violations` and what it `passes`. Skips the test where Node's tools are missing."""
    page.evaluate((node.tools("accessibility with axe") / "axe-core" / "axe.min.js").read_text())
    return page.evaluate("options => axe.run(document, options)", rules)


def violations(found: dict) -> list[tuple[str, list]]:
    """The rules that are broken, and where."""
    return [(item["id"], [place["target"] for place in item["nodes"]]) for item in found["violations"]]
