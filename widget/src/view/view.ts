import type { Item } from '../client/thread';
import { lastWarning, tierOf } from '../client/thread';
import { Announcer } from './announcer';
import { Composer } from './composer';
import type { Context } from './context';
import { callLink } from './context';
import { h, icon, linkButton, short } from './dom';
import { Log } from './log';
import { Menu } from './menu';
import { Notice } from './notice';
import { Panel } from './panel';
import { Strip } from './strip';

const SAY_WAITING_AFTER_MS = 1500;
const LITTLE_HEIGHT_PX = 430;

const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Everything that is seen of the widget. */
export class View {
  readonly root: HTMLElement;
  readonly panel: Panel;
  readonly #announcer = new Announcer(() => this.panel.isOpen);
  readonly #log: Log;
  readonly #composer: Composer;
  readonly #menu: Menu;
  readonly #notice: Notice;
  readonly #strip: Strip;
  readonly #body = h('div', { class: 'body' });
  readonly #launcher: HTMLElement;
  readonly #badge = h('span', { class: 'badge', 'aria-hidden': 'true' });
  readonly #unread = h('span', { class: 'sr' });
  readonly #corner: HTMLElement;
  readonly #withPerson: HTMLElement;
  readonly #call: HTMLElement | null;
  #dial: HTMLElement | null = null;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #shownOf: string | null = null;

  readonly #context: Context;
  readonly #toggle: (open: boolean) => void;

  /** `toggle(open, byPatient)` asks the element to open or close. */
  constructor(context: Context, toggle: (open: boolean) => void) {
    this.#context = context;
    this.#toggle = toggle;
    const { t, name, clinic } = context;
    const announce = (text: string) => { this.#announcer.say(text); };
    this.#log = new Log(context);
    this.#composer = new Composer(context);
    this.#menu = new Menu(context, (asking) => { this.#asking(asking); }, announce);
    this.#notice = new Notice(context, announce);
    this.#strip = new Strip(context);
    this.#withPerson = h('p', { class: 'person-here', role: 'status', hidden: true });
    this.#launcher = h('button', { class: 'solid', type: 'button', 'aria-haspopup': 'dialog', click: () => { toggle(true); } },
      icon('chat'), h('span', {}, t.ask(name)), this.#badge, this.#unread);
    this.#corner = h('section', { class: 'corner', 'aria-label': t.ask(name) }, this.#launcher);
    const title = h('h2', { id: 't' }, t.ask(name));
    const demo = clinic?.demo ? h('span', { class: 'demo' }, t.demo) : null;
    const who = h('div', { class: 'who' }, title, clinic?.name ? h('p', {}, t.subtitle(clinic.name), ' ', demo) : null);
    this.#call = clinic && linkButton(callLink(t.callLine, clinic.line), undefined, 'call');
    const close = h('button', { class: 'bare', type: 'button', 'aria-label': t.close, click: () => { toggle(false); } }, icon('close'));
    this.#body.addEventListener('pointerdown', (event) => { this.#menu.pressed(event); });
    this.#body.append(
      h('div', { class: 'top' }, who, this.#call, this.#menu.button, close),
      this.#strip.root, this.#menu.list, this.#log.root,
      h('div', { class: 'foot' }, this.#log.jump, this.#withPerson, this.#notice.root, this.#menu.ask, this.#composer.root),
      ...this.#announcer.inside);
    const dialog = h('dialog', { class: 'panel', 'aria-labelledby': 't', tabindex: '-1', keydown: (event) => { this.#escape(event as KeyboardEvent); } }, this.#body);
    this.panel = new Panel(dialog, () => { toggle(false); });
    this.root = h('div', { class: 'root', lang: context.language }, this.#corner, dialog, ...this.#announcer.outside);
    this.render();
  }

  /** `focus`: the patient opened it. On a touch screen the field is left alone, or a keyboard would cover the answer. */
  open(focus: boolean): void {
    this.panel.open();
    this.#corner.hidden = true;
    this.render();
    this.#log.toEnd();
    if (focus) this.#focus();
  }

  close(focus: boolean): void {
    this.panel.close();
    this.#corner.hidden = false;
    this.render();
    if (focus) this.#launcher.focus();
  }

  remove(): void {
    clearTimeout(this.#waiting);
    this.panel.remove();
  }

  render(): void {
    const { session } = this.#context;
    const items = session.items;
    const { trouble } = session.connection;
    const unsent = items.some((item) => item.from === 'patient' && item.delivery === 'waiting');
    const typing = session.sending !== null && trouble !== 'down' && !session.history.withPerson;
    const { id, loaded } = session.history;
    const turned = loaded && this.#shownOf !== id; // another conversation, or the first time
    const history = turned && items.length > 1;
    this.#log.render(items, typing, history);
    this.#notice.render(trouble, unsent);
    const warning = lastWarning(items);
    this.#strip.render(warning);
    this.#body.classList.toggle('warned', warning !== null);
    if (this.#call) this.#call.hidden = this.#strip.hasLine;
    this.#withPerson.hidden = !session.history.withPerson;
    this.#withPerson.textContent = session.history.withPerson ? this.#context.t.withPerson : '';
    this.#waitingAloud(typing);
    if (turned) {
      this.#shownOf = id;
      this.#log.toEnd();
    }
    if (this.panel.isOpen && document.visibilityState === 'visible') session.seen();
    this.#renderCorner(session.unread);
  }

  /** Items that are new: into sight, and read out in the way that they deserve. */
  arrived(items: Item[]): void {
    const wasAtEnd = this.#log.atEnd();
    this.render();
    this.#log.reveal(items.at(-1), wasAtEnd || items.some((item) => item.from === 'bot'));
    const { t } = this.#context;
    for (const item of items) if (tierOf(item)) this.#announcer.say(item.text, true);
    const fromClinic = items.filter((item) => item.from === 'clinic').length;
    if (fromClinic && !this.panel.isOpen) this.#announcer.say(t.unread(fromClinic));
  }

  /** The patient's own words are in sight; where a keyboard leaves no room for the answer, it closes. */
  sent(): void {
    this.#log.toEnd();
    if (isTouch() && this.panel.root.clientHeight < LITTLE_HEIGHT_PX) this.#log.root.focus();
  }

  announce(text: string): void {
    this.#announcer.say(text);
  }

  #focus(): void {
    (isTouch() ? this.panel.root : this.#composer.field).focus();
  }

  /** The question "really?" takes the place of the composer. */
  #asking(open: boolean): void {
    this.#composer.root.hidden = open;
    if (!open) this.#focus();
  }

  #renderCorner(unread: number): void {
    const { t, clinic } = this.#context;
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = String(unread);
    this.#unread.textContent = unread ? t.unread(unread) : '';
    const line = clinic ? callLink(t.callLine, clinic.line) : null;
    const { first } = this.#strip;
    const link = first ?? line;
    if (!link || this.#dial?.getAttribute('href') === link.href) return;
    this.#dial?.remove();
    this.#dial = linkButton(link, first ? short(link) : '', first ? 'danger' : '');
    this.#dial.dataset.tier = this.#strip.root.dataset.tier;
    this.#corner.prepend(this.#dial);
  }

  #waitingAloud(typing: boolean): void {
    const { t, name } = this.#context;
    if (!typing) clearTimeout(this.#waiting);
    else if (this.#waiting === undefined) this.#waiting = setTimeout(() => { this.#announcer.say(t.looking(name)); }, SAY_WAITING_AFTER_MS);
    if (!typing) this.#waiting = undefined;
  }

  #escape(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.#menu.escape()) this.#toggle(false);
  }
}
