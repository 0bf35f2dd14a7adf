import type { Context } from './context';
import { h, icon } from './dom';
import { print, save } from './transcript';

/** What is seldom needed: print, save, start over, delete. The last two ask first. */
export class Menu {
  readonly button: HTMLElement;
  readonly list: HTMLElement;
  /** The question "really?", in the place of the composer. */
  readonly ask: HTMLElement;

  readonly #context: Context;
  readonly #asking: (open: boolean) => void;
  readonly #announce: (text: string) => void;

  /** `asking` is told when the question comes and goes; `announce` says something once. */
  constructor(context: Context, asking: (open: boolean) => void, announce: (text: string) => void) {
    this.#context = context;
    this.#asking = asking;
    this.#announce = announce;
    const { t, session } = context;
    this.button = h('button', {
      class: 'bare', type: 'button', 'aria-label': t.more, 'aria-expanded': 'false', 'aria-controls': 'm',
      click: () => { this.#toggle(this.list.hidden); },
    }, icon('more'));
    const item = (text: string, act: () => void) =>
      h('button', { type: 'button', click: () => { this.#toggle(false); this.button.focus(); act(); } }, text);
    this.list = h('div', { class: 'menu', id: 'm', role: 'group', 'aria-label': t.more, hidden: true },
      item(t.print, () => { print(session.items, context); }),
      item(t.save, () => { save(session.items, context); }),
      item(t.startOver, () => { this.#confirm(t.startOverAsk, t.startOver, () => { session.startOver(); return true; }); }),
      item(t.remove, () => { this.#confirm(t.removeAsk, t.remove, () => this.#forget()); }));
    this.list.addEventListener('focusout', (event) => {
      const next = event.relatedTarget as Node | null;
      if (next && next !== this.button && !this.list.contains(next)) this.#toggle(false);
    });
    this.ask = h('div', { class: 'ask', role: 'alertdialog', 'aria-labelledby': 'a', hidden: true });
  }

  /** Escape: true when there was something of this to close. */
  escape(): boolean {
    const open = !this.list.hidden || !this.ask.hidden;
    if (open) {
      this.#toggle(false);
      this.#end();
      this.button.focus();
    }
    return open;
  }

  /** A press anywhere else closes the menu. */
  pressed(event: Event): void {
    const at = event.target as Node;
    if (!this.list.contains(at) && !this.button.contains(at)) this.#toggle(false);
  }

  #toggle(open: boolean): void {
    this.list.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (open) this.list.querySelector('button')?.focus();
  }

  #confirm(question: string, yes: string, act: () => boolean | Promise<boolean>): void {
    const { t } = this.#context;
    const cancel = h('button', { type: 'button', click: () => { this.#end(); this.button.focus(); } }, t.cancel);
    const doIt = async () => { if (await act()) this.#end(); };
    const go = h('button', { class: 'danger', type: 'button', click: () => void doIt() }, yes);
    this.ask.replaceChildren(h('p', { id: 'a' }, question), h('div', { class: 'links' }, cancel, go));
    this.ask.hidden = false;
    this.#asking(true);
    cancel.focus();
  }

  async #forget(): Promise<boolean> {
    const { t, session } = this.#context;
    const say = (text: string) => {
      const status = this.ask.querySelector('#a');
      if (status) status.textContent = text;
      this.#announce(text);
    };
    say(t.sending);
    const done = await session.forget();
    say(done ? t.removed : t.notRemoved);
    return done;
  }

  #end(): void {
    if (this.ask.hidden) return;
    this.ask.hidden = true;
    this.#asking(false);
  }
}
