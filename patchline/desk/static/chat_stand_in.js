/**
 * In the preview's frame, before the chat's own script: what the chat takes for its server and for the browser's storage.
 * Each draft is one conversation that begins anew; nothing is sent, nothing is kept, and no conversation of this browser is
 * touched. The chat is the patients' own, unchanged: it does what it would do after a reload of the page.
 */
(() => {
  const SERVER = "https://preview.invalid"; // a name that no server can have (RFC 2606)
  const KEY = { id: "preview", token: "preview" };
  let chat, draft;

  const said = ({ at, asked, note, message }) => (note
    ? { from: "clinic", kind: "note", event_id: 1, at, text: message.text }
    : { from: "bot", at, reply_to: asked ? "asked" : null, ...message });
  const plain = (text) => ({ text, topic: null, sources: [], buttons: [], links: [] });
  const json = (data, status = 200) => new Response(status === 204 ? null : JSON.stringify(data), { status });

  /** The public contract, as far as the chat uses it. */
  function answer(method, path, body) {
    if (path.endsWith("/events")) return new Response(new ReadableStream(), { status: 200 }); // says nothing, and stays
    if (path.endsWith("/messages")) return json({ messages: [plain(replyTo(body))], escalation: null });
    if (method === "DELETE" || path.endsWith("/feedback")) return json(null, 204);
    if (method === "POST") return json({ conversation_id: KEY.id, token: KEY.token, greeting: [draft.message] }, 201);
    const asked = { from: "patient", at: draft.at, message_id: "asked", text: draft.asked, escalation: null };
    const messages = draft.asked ? [asked, said(draft)] : [said(draft)];
    return json({ messages, last_event_id: 0, with_person: false });
  }

  function replyTo({ choice }) {
    if (!choice) return "This is a preview. What is typed here goes nowhere.";
    const pressed = draft.message.buttons.find((button) => button.choice === choice);
    return `This is a preview. In the chat, “${pressed?.title ?? choice}” is answered here.`;
  }

  /** Storage that forgets with the page; it says that a conversation is under way, so that the chat asks for it. */
  function storage(kept) {
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, String(value)),
      removeItem: (name) => void kept.delete(name),
    };
  }

  function put(name, value) {
    Object.defineProperty(window, name, { configurable: true, get: () => value });
  }

  function show(given) {
    draft = { ...given, at: new Date().toISOString() };
    const kept = { key: KEY, unsent: [], seen: 0, used: Date.now() };
    put("localStorage", storage(new Map([[`patchline:${SERVER}`, JSON.stringify(kept)]])));
    put("sessionStorage", storage(new Map()));
    chat?.remove();
    chat = document.createElement("patchline-chat");
    chat.setAttribute("server", SERVER);
    document.body.append(chat);
    chat.show(false);
  }

  put("localStorage", storage(new Map()));
  put("sessionStorage", storage(new Map()));
  window.fetch = async (address, { method = "GET", body } = {}) =>
    answer(method, new URL(address).pathname, JSON.parse(body ?? "{}"));
  // On a phone the panel is a modal dialog. Here it would take the focus from whoever types, and hold it in the frame.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  // A number of an emergency must not be dialled by a glance at a draft.
  addEventListener("click", (event) => {
    if (event.composedPath().some((node) => node instanceof HTMLAnchorElement)) event.preventDefault();
  }, true);
  addEventListener("message", ({ source, origin, data }) => {
    if (source === parent && origin === location.origin && data?.message) show(data);
  });
  customElements.whenDefined("patchline-chat").then(() => parent.postMessage("ready", location.origin));
})();
