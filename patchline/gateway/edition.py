"""What the gateway answers with: one release's content and the Rasa that speaks for it, switched in one assignment.

Whoever works on a message takes `live.now` once, at its beginning, and ends with it: a message that is under way when
the release is switched goes on with the Rasa, the rules and the wordings that it began with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patchline.chain import Chain
from patchline.content import Content
from patchline.gateway import page
from patchline.gateway.dialogue import Dialogue, DialogueError
from patchline.gateway.hearing import Hearing
from patchline.gateway.messages import Messages
from patchline.gateway.notes import Notes
from patchline.gateway.widget import Script
from patchline.settings import Settings


@dataclass(frozen=True)
class Edition:
    """One release as patients meet it."""

    release: int  # 0: what was installed
    content: Content
    dialogue: Dialogue
    hearing: Hearing
    messages: Messages
    notes: Notes
    page: str
    script: Script

    @classmethod
    def of(cls, settings: Settings, content: Content, release: int = 0) -> Edition:
        """Everything made from `content`, which was read from `settings.content`, and Rasa at `settings.rasa_url`.

        Raises `ContentError` for a mistake in the safety rules or a wording that is missing.
        """
        return cls(
            release=release,
            content=content,
            dialogue=Dialogue(settings.rasa_url, settings.internal_token),
            hearing=Hearing(settings.content, settings.max_characters),
            messages=Messages(content),
            notes=Notes(content),
            page=page.render(content),
            script=Script(content),
        )

    @property
    def chain(self) -> Chain:
        return self.content.clinic.chain

    @property
    def line(self) -> str:
        """The clinic line's number, as people read it."""
        return self.content.clinic.line.display


class Live:
    """The edition that serves. `standby`: the Rasa of the other slot, which remembers conversations, too.

    `told`: called with the new content at each switch, in the same step; they must not wait for anything.
    """

    def __init__(self, edition: Edition):
        self.now = edition
        self.standby: Dialogue | None = None
        self.told: list[Callable[[Content], None]] = []

    def switch(self, edition: Edition) -> None:
        """From here on, what begins begins with this one."""
        self.now = edition
        for tell in self.told:
            tell(edition.content)

    async def forget(self, conversation_id: str, timeout_s: float) -> None:
        """Have every Rasa that may know of it delete a conversation. Raises `DialogueError`."""
        await self.now.dialogue.forget(conversation_id, timeout_s)
        if self.standby:
            try:
                await self.standby.forget(conversation_id, timeout_s)
            except DialogueError as error:
                if error.reason != "refused":  # what does not run remembers nothing
                    raise

    async def close(self) -> None:
        await self.now.dialogue.close()
        if self.standby:
            await self.standby.close()
