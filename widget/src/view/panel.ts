/** Below this there is no room beside the page: a phone, a phone on its side, a page that is zoomed. */
const FULL = '(max-width: 600px), (max-height: 479px)';

/**
 * The panel as a dialog: beside the page where there is room, and else over all of it. Over all of it the browser itself
 * keeps the focus inside and the page behind silent (`showModal`).
 */
export class Panel {
  readonly #query = matchMedia(FULL);
  readonly #stop = new AbortController();

  /** `onClose` is called for every way of closing that is not `close`: Escape, and a phone's "back". */

  constructor(readonly root: HTMLDialogElement, onClose: () => void) {
    const { signal } = this.#stop;
    this.#query.addEventListener('change', () => { this.#fit(); }, { signal });
    // The visible part of the page shrinks when a keyboard opens; what is written into must stay in sight.
    window.visualViewport?.addEventListener('resize', () => { this.#measure(); }, { signal });
    window.visualViewport?.addEventListener('scroll', () => { this.#measure(); }, { signal });
    root.addEventListener('cancel', (event) => {
      event.preventDefault();
      onClose();
    });
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  get isFull(): boolean {
    return this.#query.matches;
  }

  /** Where there is room the focus stays where it is. */
  open(): void {
    if (this.isOpen) return;
    this.root.classList.toggle('full', this.isFull);
    if (this.isFull) this.root.showModal();
    else this.root.open = true; // `show()` would take the focus
    this.#measure();
  }

  close(): void {
    this.root.close();
  }

  remove(): void {
    this.#stop.abort();
  }

  /** From beside the page to over it, or back, as when a tablet is turned. */
  #fit(): void {
    if (!this.isOpen) return;
    const focused = (this.root.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
    this.close();
    this.open();
    focused?.focus();
  }

  #measure(): void {
    const { height = 0, offsetTop = 0, scale = 1 } = window.visualViewport ?? {};
    if (!height || scale > 1.01) return; // a reader who zooms in wants to see larger, not less
    this.root.style.setProperty('--height', `${height}px`);
    this.root.style.setProperty('--top', `${offsetTop}px`);
  }
}
