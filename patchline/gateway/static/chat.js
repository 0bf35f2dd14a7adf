// The chat of the first page. No build, no library. Text from the server only ever becomes text, never HTML.
import { follow } from './stream.js';

const SHOW_LINE_AFTER_MS = 8000; // a patient has an answer or the clinic line by then
const GIVE_UP_AFTER_MS = 20000;
const RETRY_AFTER_MS = 600;
const KEPT = 'patchline';

const chat = document.getElementById('chat');
const log = document.getElementById('chat-log');
const form = document.getElementById('chat-form');
const input = document.getElementById('chat-input');
const toggle = document.getElementById('chat-toggle');
const body = document.getElementById('chat-body');
const state = document.getElementById('chat-state');
const line = { title: chat.dataset.lineTitle, href: chat.dataset.lineHref };
let conversation = recall();
let opening = null;
let unfollow = () => {};
let asking = 0; // messages that have no reply yet
const held = []; // what the clinic did meanwhile: it is read after the reply
let withPerson = false;
let ticket = ''; // the latest state of a ticket that is not closed
const shownEvents = new Set();

// Storage throws where a browser blocks it; the chat then lasts as long as the page.
function recall() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
}
function keep(value) {
  conversation = value;
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch { /* see above */ }
}

// randomUUID exists on https and localhost only.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

function make(tag, text, props = {}) {
  const element = Object.assign(document.createElement(tag), props);
  if (text) element.textContent = text;
  return element;
}

function bubble(who, text, css) {
  const box = make('div', '', { className: `say ${css}` });
  box.append(make('span', `${who}: `, { className: 'who' }), make('p', text));
  log.append(box);
  return box;
}
// To the end, but never past the patient's last words: an answer is read from its beginning.
const toEnd = () => {
  const asked = [...log.querySelectorAll('.patient')].at(-1);
  log.scrollTop = asked ? asked.offsetTop - log.offsetTop - 8 : log.scrollHeight;
};

function addList(box, elements) {
  if (!elements.length) return;
  const list = make('ul');
  for (const element of elements) {
    const item = make('li');
    item.append(element);
    list.append(item);
  }
  box.append(list);
}

const safeLink = ({ href }) => /^(https|tel|mailto):/i.test(href);
const anchor = ({ title, href }) => make('a', title, { href, rel: 'noopener noreferrer' });

function button({ title, choice }) {
  const element = make('button', title, { type: 'button' });
  element.addEventListener('click', () => send({ choice }, title));
  return element;
}

function source({ id, quote }) {
  const section = document.getElementById(id)?.closest('section')?.querySelector('h2')?.textContent;
  const box = make('details');
  box.append(make('summary', `From: ${section ?? 'the clinic’s page'}`), make('blockquote', quote));
  return box;
}

function showBot(message) {
  const box = bubble('Patchline', message.text, 'bot');
  addList(box, message.links.filter(safeLink).map(anchor));
  addList(box, message.buttons.map(button));
  box.append(...message.sources.map(source));
  return box;
}

// What the clinic did, or a nurse wrote; each once, however often it comes.
function showClinic(entry) {
  if (shownEvents.has(entry.event_id)) return;
  shownEvents.add(entry.event_id);
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const written = entry.kind === 'message';
  const box = bubble(entry.name ?? 'Clinic', entry.text, written ? 'nurse' : 'done');
  addList(box, entry.links.filter(safeLink).map(anchor));
  if (written || atEnd) box.scrollIntoView({ block: 'nearest' });
  if (body.hidden) toggle.textContent = 'Show (new)';
  if (entry.status) ticket = entry.status === 'closed' ? '' : entry.text.split('\n')[0];
  showState();
}

// In sight wherever the log is scrolled to. The log is what a screen reader reads.
function showState() {
  state.textContent = withPerson ? 'A nurse is in the chat.' : ticket;
  state.hidden = !state.textContent;
}
function showPresence(now) {
  withPerson = now;
  showState();
}

function onEvent(name, data) {
  if (name === 'presence') showPresence(data.with_person);
  else if (name === 'clinic' && asking) held.push(data);
  else if (name === 'clinic') showClinic(data);
}

function followClinic(lastId) {
  unfollow();
  unfollow = follow(`/api/conversations/${conversation.id}/events`, conversation.token, lastId, onEvent);
}

const showPatient = (text) => bubble('You', text, 'patient');

function showLine(text) {
  addList(bubble('Patchline', text, 'note'), [anchor(line)]);
  toEnd();
}

// One request. Resolves to {status, data}; status 0 is a network that failed.
async function call(method, path, payload) {
  const headers = {};
  if (payload) headers['Content-Type'] = 'application/json';
  if (conversation) headers.Authorization = `Bearer ${conversation.token}`;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), GIVE_UP_AFTER_MS);
  try {
    const options = { method, headers, signal: stop.signal, body: payload && JSON.stringify(payload) };
    const response = await fetch(`/api/conversations${path}`, options);
    const data = response.status === 204 ? null : await response.json();
    return { status: response.status, data };
  } catch {
    return { status: 0, data: null };
  } finally {
    clearTimeout(timer);
  }
}

// Begins a conversation, once however many ask for it. Resolves to true when there is one.
function open() {
  opening ??= (async () => {
    keep(null);
    const { status, data } = await call('POST', '');
    if (status === 201) {
      keep({ id: data.conversation_id, token: data.token });
      const said = asking ? [...log.querySelectorAll('.patient')].at(-1) : null; // typed before the greeting came
      for (const message of data.greeting) log.insertBefore(showBot(message), said);
      ticket = '';
      showPresence(false);
      followClinic(null);
    }
    opening = null;
    return status === 201;
  })();
  return opening;
}

const lost = (status) => status === 401 || status === 403 || status === 404;
const worthARetry = (status) => status === 0 || status >= 500;

// Sends one message. A retry has the same message_id, so the clinic gets it once.
async function deliver(said) {
  if (!conversation && !(await open())) return { status: 0 };
  const message = { message_id: newId(), ...said };
  const attempt = () => call('POST', `/${conversation.id}/messages`, message);
  const first = await attempt();
  if (lost(first.status)) return (await open()) ? attempt() : first;
  if (!worthARetry(first.status)) return first;
  await new Promise((resolve) => { setTimeout(resolve, RETRY_AFTER_MS); });
  return attempt();
}

async function send(said, shown) {
  if (shown.trim()) showPatient(shown);
  const waiting = make('p', withPerson ? 'Sending…' : 'Patchline is looking…', { className: 'waiting' });
  log.append(waiting);
  toEnd();
  input.focus();
  const late = setTimeout(() => showLine('This takes longer than it should. You can also call:'), SHOW_LINE_AFTER_MS);
  asking += 1;
  const { status, data } = await deliver(said);
  asking -= 1;
  clearTimeout(late);
  waiting.remove();
  if (status === 200) {
    data.messages.forEach(showBot);
    if (!data.messages.length) log.append(make('p', 'Sent.', { className: 'waiting sent' }));
    if (data.with_person) showPresence(true);
  } else {
    if (said.text && !input.value) input.value = said.text; // the words are not lost
    showLine(data?.detail ?? 'I could not send that. Please try again, or call:');
  }
  toEnd();
  if (!asking) held.splice(0).forEach(showClinic);
}

async function reload() {
  if (!conversation) return false;
  const { status, data } = await call('GET', `/${conversation.id}`);
  if (lost(status)) keep(null);
  if (status !== 200) return false;
  for (const message of data.messages) {
    if (message.from === 'bot') showBot(message);
    else if (message.from === 'clinic') showClinic(message);
    else if (message.text) showPatient(message.text);
  }
  showPresence(data.with_person);
  followClinic(data.last_event_id);
  return true;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = input.value;
  input.value = '';
  send({ text }, text);
});

toggle.addEventListener('click', () => {
  body.hidden = !body.hidden;
  toggle.textContent = body.hidden ? 'Show' : 'Hide';
  toggle.setAttribute('aria-expanded', String(!body.hidden));
});

document.getElementById('chat-delete').addEventListener('click', async () => {
  if (!conversation) return;
  const { status, data } = await call('DELETE', `/${conversation.id}`);
  if (status !== 204 && !lost(status)) {
    showLine(data?.detail ?? 'I could not delete this chat. Please try again, or call:');
    return;
  }
  unfollow();
  log.replaceChildren();
  await open();
  input.focus();
});

// A conversation that is remembered but cannot be read now stays: the next message goes to it.
if (!(await reload()) && (conversation || !(await open()))) {
  showLine('The chat cannot be reached right now. Please call:');
}
toEnd();
