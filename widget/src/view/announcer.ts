import { h } from './dom';

const FORGET_AFTER_MS = 10_000;

/**
 * Says something to a screen reader, once. There is a pair of regions in the panel and one beside it: while the panel
 * is modal, what is outside is silent, and while it is closed, what is inside is.
 */
export class Announcer {
  readonly inside = regions();
  readonly outside = regions();

  readonly #isOpen: () => boolean;

  constructor(isOpen: () => boolean) {
    this.#isOpen = isOpen;}

  /** `now`: before everything else, in the middle of a sentence. */
  say(text: string, now = false): void {
    const [polite, assertive] = this.#isOpen() ? this.inside : this.outside;
    const region = now ? assertive : polite;
    region.textContent = '';
    // A region that changes in the same moment as the page around it is often not read.
    setTimeout(() => { region.textContent = text; }, 100);
    setTimeout(() => { if (region.textContent === text) region.textContent = ''; }, FORGET_AFTER_MS);
  }
}

const regions = (): [HTMLElement, HTMLElement] =>
  [h('div', { class: 'sr', role: 'status' }), h('div', { class: 'sr', role: 'alert' })];
