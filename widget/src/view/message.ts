import type { Source } from '../contract';
import type { BotItem, ClinicItem, Item, PatientItem } from '../client/thread';
import { isAnswer, tierOf } from '../client/thread';
import type { Context } from './context';
import { h, icon, linkButton, list, safe } from './dom';
import { clock } from './times';

/** One message on the screen. It is made once; only what can change later is changed in place. */
export interface MessageView {
  root: HTMLElement;
  update(item: Item): void;
  /** Whether the answer helped; only the last message of an answer has a place for that. */
  rated?: (last: boolean, helpful: boolean | null) => void;
}

export function messageView(item: Item, context: Context): MessageView {
  if (item.from === 'patient') return ofPatient(item, context);
  return item.from === 'bot' ? ofBot(item, context) : ofClinic(item, context);
}

const said = (who: string): HTMLElement => h('span', { class: 'sr' }, `${who}: `);
/** The first line of a warning is what to do. */
function words(text: string, strong = false): HTMLElement {
  const end = strong ? /\n|$/.exec(text)?.index ?? 0 : 0;
  return h('div', { class: 'text', dir: 'auto' }, strong ? h('strong', {}, text.slice(0, end)) : null, text.slice(end));
}
const stamp = (at: Date, { language }: Context): HTMLElement => h('time', { datetime: at.toISOString() }, clock(at, language));

/** What is under a message. It changes without being read out. */
const meta = (...children: Node[]): HTMLElement => h('div', { class: 'meta', 'aria-live': 'off' }, ...children);

function ofPatient(item: PatientItem, context: Context): MessageView {
  const { t, session } = context;
  const under = meta();
  const update = ({ id, at, delivery, why }: PatientItem) => {
    const states = { sent: null, sending: t.sending, waiting: t.waiting, refused: `${t.refused} ${why ?? ''}` };
    const again = h('button', { class: 'bare', type: 'button', click: () => { session.again(id); } }, t.sendAgain);
    const state = states[delivery];
    const refused = delivery === 'refused';
    under.replaceChildren(...[
      state === null ? stamp(at, context) : h('span', { class: refused ? 'why' : '' }, state),
      ...(refused ? [again] : []),
    ]);
  };
  update(item);
  const root = h('article', { class: 'msg mine' }, h('div', { class: 'bubble' }, said(t.you), words(item.text)), under);
  return { root, update: (next) => { if (next.from === 'patient') update(next); } };
}

function ofBot(item: BotItem, context: Context): MessageView {
  const tier = tierOf(item);
  const links = safe(item.links).map((link) => linkButton(link));
  const choices = item.buttons.map(({ title, choice }) =>
    h('button', { type: 'button', click: () => { context.say({ choice }, title); } }, title));
  const bubble = h('div', { class: 'bubble' },
    said(context.name), words(item.text, tier !== null), list(links), list(choices), ...sources(item.sources, context));
  const time = stamp(item.at, context);
  const under = meta(time);
  // A warning is announced at once by another region; saying it twice would be in the way of the call.
  const root = h('article', { class: tier ? 'msg flag' : 'msg', 'data-tier': tier, 'aria-live': tier ? 'off' : null }, bubble, under);
  const view: MessageView = { root, update: (next) => { setTime(time, next.at, context); } };
  if (isAnswer(item) && item.replyTo !== null) view.rated = rating(item.replyTo, under, context);
  return view;
}

function setTime(time: HTMLElement, at: Date, { language }: Context): void {
  time.setAttribute('datetime', at.toISOString());
  time.textContent = clock(at, language);
}

function ofClinic(item: ClinicItem, context: Context): MessageView {
  const { t, clinic } = context;
  const note = item.kind === 'note';
  const bubble = note
    ? h('div', { class: 'bubble' }, icon('check'), words(item.text))
    : h('div', { class: 'bubble' }, h('p', { class: 'name' }, icon('person'), t.nurse(clinic?.name ?? '')), words(item.text));
  const root = h('article', { class: `msg person ${note ? 'note' : ''}` }, bubble, meta(stamp(item.at, context)));
  return { root, update: () => undefined };
}

/** "From: After the procedure", opening the lines that the answer rests on; one for each part of the document. */
function sources(all: Source[], { t, show }: Context): HTMLElement[] {
  const sections = [...new Set(all.map((source) => source.section ?? t.page))];
  return sections.map((section) => {
    const lines = all.filter((source) => (source.section ?? t.page) === section);
    const shown = lines.find(isOnPage);
    const button = shown && h('button', { type: 'button', click: () => { show(shown.id); } }, t.showOnPage);
    return h('details', {}, h('summary', {}, icon('right'), t.from(section)),
      ...lines.map(({ quote }) => h('blockquote', { dir: 'auto' }, quote)), button);
  });
}

/** The host page itself may be the document: then the line stands there under its id, word for word. */
function isOnPage({ id, quote }: Source): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  return plain(document.getElementById(id)?.textContent ?? '').startsWith(plain(quote));
}

function rating(messageId: string, under: HTMLElement, { t, session }: Context): NonNullable<MessageView['rated']> {
  const status = h('span', { role: 'status' });
  const rate = async (helpful: boolean) => {
    status.textContent = (await session.rate(messageId, helpful)) ? t.thanks : t.notKept;
  };
  const button = (helpful: boolean) =>
    h('button', { type: 'button', 'aria-pressed': 'false', click: () => void rate(helpful) }, helpful ? t.yes : t.no);
  const [yes, no] = [button(true), button(false)];
  const root = h('div', { class: 'rate', role: 'group', 'aria-label': t.helpful }, h('span', { 'aria-hidden': 'true' }, t.helpful), yes, no, status);
  return (last, helpful) => {
    if (!last) root.remove();
    else if (!under.contains(root)) under.append(root);
    yes.setAttribute('aria-pressed', String(helpful === true));
    no.setAttribute('aria-pressed', String(helpful === false));
  };
}
