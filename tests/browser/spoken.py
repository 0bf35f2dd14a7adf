"""What a screen reader would be told: additions to live regions, with how urgently, as ARIA defines it."""

from __future__ import annotations

from tests.browser.chat import Chat

LISTEN = """() => {
  window.spoken = [];
  const root = document.querySelector('patchline-chat').shadowRoot;
  const implied = {log: 'polite', status: 'polite', alert: 'assertive'};
  const urgency = (node) => {
    for (let at = node; at && at !== root; at = at.parentNode) {
      const said = at.getAttribute?.('aria-live') ?? implied[at.getAttribute?.('role')];
      if (said) return said;
    }
    return 'off';
  };
  const silent = (node) => {
    for (let at = node; at && at !== root; at = at.parentNode)
      if (at.hidden || at.ariaHidden === 'true' || (at.tagName === 'DIALOG' && !at.open)) return true;
    const modal = root.querySelector('dialog:modal');
    return modal !== null && !modal.contains(node);
  };
  new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) {
      const how = urgency(node), text = node.textContent.trim();
      if (node.isConnected && how !== 'off' && text && !silent(node)) window.spoken.push([how, text]);
    }
  }).observe(root, {subtree: true, childList: true});
}"""


def listen(chat: Chat) -> None:
    chat.page.evaluate(LISTEN)


def spoken(chat: Chat, how: str | None = None) -> list[str]:
    """What was said since `listen`; `how` is "polite" or "assertive"."""
    said = chat.page.evaluate("window.spoken")
    return [text for urgency, text in said if how in (None, urgency)]
