// What keeps a page of the desk true: new tickets appear and sound without a reload, and whatever keeps them from
// appearing is said loudly. Plain server-sent events; the server makes the HTML, here parts of it are put in place.

import * as sound from "./sound.js";

const SILENT_MS = 9000; // the server speaks every 3 seconds; after this it is not there
const AGAIN_MS = 2500; // until the next try to connect
const REPEAT_MS = 12000; // of the alarm, while something urgent waits
const STALE_MS = 30000; // "12 min" is not true for ever
const CALLED = "patchline.desk.called"; // in this tab: up to which event the sound has rung

const live = document.getElementById("live");
const loud = document.getElementById("loud");
const button = document.getElementById("sound");
const title = document.title;
const state = { source: null, heard: Date.now(), version: null, shown: Date.now(), rang: 0, ended: false, last: null };

// One tab holds the stream for all tabs of this browser: a browser opens only six connections to a server at a time, and
// with a stream in each of six tabs nothing else would load. When that tab closes, another takes over.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("patchline.desk") : null;
let letGo = () => {};
if (tabs && navigator.locks) {
  tabs.onmessage = ({ data }) => data.ended ? ended() : heard(data);
  navigator.locks.request("patchline.desk.events", () => new Promise((done) => { letGo = done; connect(); }));
} else {
  connect(); // no secure context: each tab for itself
}
setInterval(look, 1000);
document.addEventListener("visibilitychange", () => document.hidden || look());
document.addEventListener("submit", (event) => once(event.target));
window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // the back button shows old tickets
window.addEventListener("beforeprint", () => {
  const place = document.getElementById("printed");
  if (place) place.textContent = `Printed ${new Date().toLocaleString()}.`;
});
prepareSound();

function connect() {
  state.source?.close();
  state.source = new EventSource(live.dataset.events);
  state.source.addEventListener("tickets", (event) => { const news = JSON.parse(event.data); heard(news); tabs?.postMessage(news); });
  state.source.addEventListener("signed-out", endedHere);
  state.source.onerror = () => state.source.readyState === EventSource.CLOSED && refused();
}

// The server has answered, and not with a stream: the session is over, or it is out of order for now.
async function refused() {
  try {
    const answer = await fetch(live.dataset.events, { method: "HEAD", redirect: "manual" });
    if ([401, 403].includes(answer.status) || answer.type === "opaqueredirect") return endedHere();
  } catch {
    // not there at all: it is tried again
  }
  if (!state.ended) setTimeout(connect, AGAIN_MS);
}

function heard(news) {
  if (state.ended) return;
  state.heard = Date.now();
  state.last = news;
  if (!news.database) return say("The database does not answer: new tickets do not show. Keep the telephone at hand.");
  say("");
  live.dataset.connected = "yes";
  document.title = (news.open ? `(${news.open}) ` : "") + title;
  ring(news);
  if ((state.version ?? live.dataset.version) !== news.version || Date.now() - state.shown > STALE_MS) refresh(news.version);
}

// An alarm again and again while something urgent waits, a chime once for everything else that is new.
function ring(news) {
  const before = Number(sessionStorage.getItem(CALLED) ?? news.call);
  sessionStorage.setItem(CALLED, news.call);
  const isNew = news.call > before;
  if (news.urgent && (isNew || Date.now() - state.rang > REPEAT_MS)) {
    if (sound.alarm()) state.rang = Date.now();
  } else if (isNew) {
    sound.chime();
  }
  if (isNew) notify(news);
}

// No word of a patient: this shows on a locked screen.
function notify(news) {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const text = news.urgent ? `Urgent and open: ${news.urgent}` : `Open tickets: ${news.open}`;
  const shown = new Notification("Patchline", { body: text, tag: "patchline", renotify: true, requireInteraction: !!news.urgent });
  shown.onclick = () => { window.focus(); shown.close(); };
}

// Once a second; a browser lets a hidden page look less often, and then at once when it is shown.
function look() {
  if (state.ended) return;
  if (Date.now() - state.heard > SILENT_MS) {
    say("Not connected: new tickets do not show. Trying again.");
    if (state.source?.readyState === EventSource.OPEN && Date.now() - state.heard > 2 * SILENT_MS) {
      state.heard = Date.now() - SILENT_MS; // loud all the while, and a new connection every few seconds
      connect();
    }
  }
  showSound();
}

function endedHere() {
  tabs?.postMessage({ ended: true });
  ended();
}

function ended() {
  if (state.ended) return;
  state.ended = true;
  state.source?.close();
  letGo();
  document.title = `Signed out · ${title}`;
  sound.alarm();
  say("You are signed out: new tickets do not show and do not sound here.", true);
}

function say(words, signIn = false) {
  if (loud.dataset.said === words) return;
  loud.dataset.said = words;
  loud.textContent = words;
  loud.hidden = !words;
  document.body.classList.toggle("cut-off", Boolean(words));
  if (words && !signIn) document.title = `! ${title}`;
  if (signIn) {
    const link = Object.assign(document.createElement("a"), { href: "/desk/sign-in", textContent: "Sign in" });
    loud.append(" ", link);
  }
}

async function refresh(version) {
  state.shown = Date.now();
  state.version = version;
  if (!live.dataset.refresh) return;
  try {
    const answer = await fetch(live.dataset.refresh, { headers: { "X-Patchline-Live": "1" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return ended();
    if (!answer.ok) throw new Error(String(answer.status));
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    state.version = ""; // with the next word of the server it is tried again
  }
}

// Parts are exchanged by their id; one in which somebody types or has chosen something stays as it is.
function put(page) {
  const focused = document.activeElement?.id;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.outerHTML === part.outerHTML) continue;
    if (inUse(part)) document.getElementById("changed")?.removeAttribute("hidden");
    else part.replaceWith(asOpen(document.adoptNode(fresh), part));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// What was folded open stays open.
function asOpen(fresh, part) {
  for (const one of part.querySelectorAll("details[open][id]")) fresh.querySelector(`#${one.id}`)?.setAttribute("open", "");
  return fresh;
}

function inUse(part) {
  if (part.querySelector("textarea:focus, input:focus, select:focus")) return true;
  return [...part.querySelectorAll("textarea, input:not([type=hidden]), select")].some(changedByHand);
}

function changedByHand(field) {
  if (field instanceof HTMLSelectElement) return [...field.options].some((one) => one.selected !== one.defaultSelected && one.index);
  return field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

// A second press on a button does nothing. Later than the sending itself, which needs the button.
function once(form) {
  if (form.method !== "post") return;
  setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((one) => { one.disabled = true; }));
}

function prepareSound() {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await sound.want(!sound.isOn());
    if (sound.wanted() && "Notification" in window && Notification.permission === "default") Notification.requestPermission();
    showSound();
  });
  const wake = () => sound.wanted() && !sound.isOn() && sound.wake().then(showSound);
  for (const press of ["pointerdown", "keydown"]) document.addEventListener(press, wake);
  wake();
  showSound();
}

function showSound() {
  const on = sound.isOn();
  button.textContent = on ? "Sound is on" : "Sound is OFF: press to hear new tickets";
  button.setAttribute("aria-pressed", String(on));
}
