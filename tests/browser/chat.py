"""The widget on a page, as a patient sees it."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

WINDOWS = {"phone": (390, 844), "small phone": (320, 568), "desk": (1280, 800)}
SECONDS = 1000


class Chat:
    """One page with the widget. `problems` collects what the browser complains of."""

    def __init__(self, page: Page):
        self.page, self.problems = page, []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))

    def go(self, url: str) -> Chat:
        self.page.goto(url)
        expect(self.page.locator("patchline-chat .corner")).to_be_attached()
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name="Ask Patchline")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog", name="Ask Patchline")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Your question")

    @property
    def strip(self) -> Locator:
        return self.page.locator("patchline-chat .strip")

    @property
    def notice(self) -> Locator:
        return self.page.locator("patchline-chat .notice")

    @property
    def said(self) -> list[str]:
        """What the patient said, in the order on the screen."""
        return self.page.locator("patchline-chat .mine .text").all_inner_texts()

    @property
    def answers(self) -> list[str]:
        return self.page.locator("patchline-chat .msg:not(.mine) .text").all_inner_texts()

    @property
    def stored(self) -> dict:
        """What the browser keeps of the conversation."""
        return self.page.evaluate(
            "JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('patchline:'))[1])"
        )

    def open(self) -> Chat:
        if not self.panel.is_visible():
            self.launcher.click()
        expect(self.log).to_contain_text("automated assistant")
        return self

    def ask(self, text: str) -> Chat:
        self.field.fill(text)
        self.field.press("Enter")
        return self

    def menu(self, name: str) -> None:
        self.panel.get_by_role("button", name="More").click()
        self.panel.get_by_role("button", name=name, exact=True).click()

    def reload(self) -> Chat:
        self.page.reload()
        return self

    def aloud(self, which: str) -> Locator:
        """The regions that a screen reader hears: "status" (polite) or "alert"."""
        return self.page.locator(f"patchline-chat .sr[role={which}]")


def visit(browser: Browser, url: str, window: str = "desk", **options: object) -> Chat:
    """A visitor with a browser of their own."""
    width, height = WINDOWS[window]
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    return Chat(context.new_page()).go(url)


def another_tab(context: BrowserContext, url: str) -> Chat:
    return Chat(context.new_page()).go(url)
