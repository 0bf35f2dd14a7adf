import type { Link } from '../contract';
import type { BotItem } from '../client/thread';
import { tierOf } from '../client/thread';
import type { Context } from './context';
import { h, icon, linkButton, list, safe, short } from './dom';

/** The numbers of the latest warning, in sight for as long as the conversation lasts. */
export class Strip {
  readonly root = h('div', { class: 'strip', role: 'region', hidden: true });
  /** The number to call before all others. */
  first: Link | undefined;
  /** Whether the clinic's own number is among them. */
  hasLine = false;
  #shown: string | undefined;
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  render(warning: BotItem | null): void {
    if (warning?.key === this.#shown) return;
    this.#shown = warning?.key;
    const { t, clinic } = this.#context;
    const tier = (warning && tierOf(warning)) ?? 'clinic';
    const numbers = safe(warning?.links ?? []).filter(({ href }) => href.startsWith('tel:'));
    const line = numbers.find(({ href }) => href === clinic?.line.href);
    this.first = numbers[0];
    this.hasLine = line !== undefined;
    const calls = [...new Set([this.first, line])].filter((link) => link !== undefined);
    this.root.hidden = !warning;
    this.root.dataset.tier = tier;
    this.root.setAttribute('aria-label', t.warning[tier]);
    this.root.replaceChildren(h('p', {}, icon('warning'), t.warning[tier]), list(calls.map((link) => linkButton(link, short(link)))) ?? '');
  }
}
