import type { Trouble } from '../client/connection';
import type { Context } from './context';
import { callLink } from './context';
import { h, linkButton, list } from './dom';

/** The sentence for a server that is slow or away, with the numbers. It stays until the chat works again. */
export class Notice {
  readonly root = h('div', { class: 'notice', role: 'status', hidden: true });
  #shown = '';

  readonly #context: Context;
  readonly #announce: (text: string) => void;

  constructor(context: Context, announce: (text: string) => void) {
    this.#context = context;
    this.#announce = announce;}

  render(trouble: Trouble, unsent: boolean): void {
    const { t, clinic } = this.#context;
    const text = { none: '', late: t.late, down: unsent ? t.downUnsent : t.down }[trouble];
    if (text === this.#shown) return;
    if (this.#shown && !text) this.#announce(t.back);
    this.#shown = text;
    const calls = clinic ? [callLink(t.callLine, clinic.line)] : [];
    if (clinic?.emergency) calls.push(callLink(t.emergency, clinic.emergency));
    this.root.hidden = !text;
    this.root.replaceChildren(text, list(calls.map((link) => linkButton(link))) ?? '');
  }
}
