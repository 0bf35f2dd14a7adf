import type { Item } from '../client/thread';
import type { Context } from './context';
import { h, icon } from './dom';
import type { MessageView } from './message';
import { messageView } from './message';
import { day, dayKey } from './times';

const NEAR_PX = 80;
const SETTLED_AFTER_MS = 400;

/** The conversation. What is in it already stays as it is, so that a screen reader says only what is new. */
export class Log {
  readonly root: HTMLElement;
  readonly jump: HTMLElement;
  #ended = true;
  #settled: ReturnType<typeof setTimeout> | undefined;
  readonly #views = new Map<string, MessageView>();
  readonly #days = new Map<string, HTMLElement>();
  readonly #typing = h('div', { class: 'bubble typing', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));

  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
    const { t } = context;
    this.root = h('div', {
      class: 'log', role: 'log', tabindex: '0', 'aria-label': t.log, 'aria-live': 'polite', 'aria-relevant': 'additions',
      scroll: () => {
        this.#ended = this.atEnd();
        if (this.#ended) this.jump.hidden = true;
      },
    });
    // A keyboard that opens, or a sentence that comes below, must not cover what was the last message in sight.
    new ResizeObserver(() => { if (this.#ended) this.root.scrollTop = this.root.scrollHeight; }).observe(this.root);
    this.jump = h('button', { class: 'jump', type: 'button', hidden: true, click: () => { this.toEnd(); } }, icon('down'), t.newMessage);
  }

  /** Show these items and no others. `history`: nobody wants them read out. */
  render(items: Item[], typing: boolean, history: boolean): void {
    if (history) this.#silence();
    const wanted = this.#nodes(items);
    const stay = new Set(wanted);
    for (const node of [...this.root.children]) if (!stay.has(node as HTMLElement)) node.remove();
    wanted.forEach((node, index) => {
      if (this.root.children[index] !== node) this.root.insertBefore(node, this.root.children[index] ?? null);
    });
    if (typing) this.root.append(this.#typing);
    this.#rate(items);
  }

  /** Bring what is new into sight. A person who reads something further up is only told of it. */
  reveal(last: Item | undefined, mayJump: boolean): void {
    if (last?.from === 'patient' || mayJump) this.toEnd();
    else this.jump.hidden = this.atEnd();
  }

  atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.root;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  /** To the end, but never past the patient's last words: an answer is read from its beginning. */
  toEnd(): void {
    const messages = [...this.root.querySelectorAll<HTMLElement>('.msg')];
    const from = messages.findLast((node) => node.matches('.mine, .person'));
    this.root.scrollTop = from ? from.offsetTop - 8 : 0;
    this.jump.hidden = true;
  }

  /** Nothing is read out until what comes now has settled. */
  #silence(): void {
    this.root.setAttribute('aria-live', 'off');
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => { this.root.setAttribute('aria-live', 'polite'); }, SETTLED_AFTER_MS);
  }

  #nodes(items: Item[]): HTMLElement[] {
    const nodes: HTMLElement[] = [];
    const keys = new Set(items.map((item) => item.key));
    for (const key of this.#views.keys()) if (!keys.has(key)) this.#views.delete(key);
    let before = '';
    for (const item of items) {
      const key = dayKey(item.at);
      if (key !== before) nodes.push(this.#day(key, item.at));
      before = key;
      nodes.push(this.#view(item).root);
    }
    return nodes;
  }

  #day(key: string, at: Date): HTMLElement {
    const { language, t } = this.#context;
    const node = this.#days.get(key) ?? h('p', { class: 'day', 'aria-live': 'off' }, day(at, language, t));
    this.#days.set(key, node);
    return node;
  }

  #view(item: Item): MessageView {
    const known = this.#views.get(item.key);
    known?.update(item);
    const view = known ?? messageView(item, this.#context);
    this.#views.set(item.key, view);
    return view;
  }

  /** One question "was this helpful?" for a reply, under its last message. */
  #rate(items: Item[]): void {
    const last = new Map<string, string>();
    const helpful = new Map<string, boolean | null>();
    for (const item of items) {
      if (item.from === 'patient') helpful.set(item.id, item.helpful);
      else if (item.from === 'bot' && item.replyTo !== null && this.#views.get(item.key)?.rated) last.set(item.replyTo, item.key);
    }
    for (const item of items) {
      if (item.from !== 'bot' || item.replyTo === null) continue;
      this.#views.get(item.key)?.rated?.(last.get(item.replyTo) === item.key, helpful.get(item.replyTo) ?? null);
    }
  }
}
