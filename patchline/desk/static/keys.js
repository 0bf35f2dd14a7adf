// The keyboard of the desk: j/k or arrows between rows, Enter opens, a acknowledges, q goes to the queue, ? helps.
// Never while somebody types, and never with Ctrl, Alt or the like, which belong to the browser. Who speaks to the
// computer, or slips on keys, switches them off (WCAG 2.1.4); this browser keeps that.

const help = document.getElementById("keys");
const button = document.getElementById("help");
button.hidden = false;
button.addEventListener("click", () => help.showModal());

const OFF = "patchline-keys-off";
const toggle = document.getElementById("keys-on");
toggle.addEventListener("click", () => {
  if (keysAreOff()) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  show();
});
show();

export function keysAreOff() {
  return localStorage.getItem(OFF) === "yes";
}

function show() {
  toggle.setAttribute("aria-pressed", String(!keysAreOff()));
  toggle.textContent = keysAreOff() ? "Keys are off" : "Keys are on";
  document.documentElement.classList.toggle("no-keys", keysAreOff());
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (help.open || keysAreOff()) return; // Escape closes a dialog by itself
  const act = { j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1) }[event.key]
    ?? { a: acknowledge, q: toQueue, "?": () => help.showModal() }[event.key];
  if (act && act() !== false) event.preventDefault();
});

function typing(target) {
  return target.isContentEditable || target.matches?.("input:not([type=submit]):not([type=button]), textarea, select, audio, video");
}

const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.activeElement?.closest?.("[data-row]");

// Focus the link of the next row; false where there are no rows, so that arrows scroll.
function step(by) {
  const all = rows();
  if (!all.length) return false;
  const place = all.indexOf(current());
  const next = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + by, 0), all.length - 1)];
  next.querySelector("a[data-open]").focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

// Of the row that has the focus, or of the ticket that is open.
function acknowledge() {
  const form = (current() ?? (rows().length ? null : document))?.querySelector("form[data-acknowledge]");
  if (!form) return false;
  form.requestSubmit();
  return true;
}

function toQueue() {
  location.assign("/desk");
  return true;
}
