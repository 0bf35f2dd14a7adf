import { Api } from './client/api';
import { Keep } from './client/keep';
import { Session } from './client/session';
import { Tabs } from './client/tabs';
import type { Item } from './client/thread';
import { tierOf } from './client/thread';
import type { Clinic } from './contract';
import { stringsFor } from './strings';
import type { Context } from './view/context';
import css from './view/styles.css?inline';
import { View } from './view/view';

// The gateway puts this line in front of the script, so that the number is known when nothing else answers.
declare const PATCHLINE_CLINIC: Clinic | undefined;
const OPEN = 'patchline-open';

/** `<patchline-chat>`. Attributes, events and custom properties are described in widget/README.md. */
export class PatchlineChat extends HTMLElement {
  static observedAttributes = ['name', 'lang', 'corner', 'theme', 'open'];
  /** Where the script came from; the chat's server unless the attribute `server` names another. */
  static home = '';

  #session: Session | null = null;
  #view: View | null = null;
  #tabs: Tabs | null = null;
  #listening = new AbortController();
  readonly #darkness = matchMedia('(prefers-color-scheme: dark)');

  get isOpen(): boolean {
    return this.#view?.panel.isOpen ?? false;
  }

  connectedCallback(): void {
    const server = (this.getAttribute('server') ?? PatchlineChat.home).replace(/\/$/, '');
    const name = `patchline:${server}`;
    this.#tabs = new Tabs(name, () => this.#session?.follow());
    this.#session = new Session(new Api(server), new Keep(name, storage('localStorage')), this.#tabs, {
      changed: () => this.#view?.render(),
      arrived: (items) => { this.#arrived(items); },
      ended: () => this.#view?.announce(stringsFor(this.#language()).ended),
    });
    this.#listen();
    this.#build();
    this.#look();
    this.#tell('ready');
    if (this.#startsOpen()) this.show(false);
    else this.removeAttribute('open');
  }

  disconnectedCallback(): void {
    this.#listening.abort();
    this.#session?.rest();
    this.#tabs?.close();
    this.#view?.remove();
    this.#session = this.#view = this.#tabs = null;
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#view || before === now) return;
    if (name === 'open') {
      if (now === null) this.hide();
      else this.show();
    } else {
      this.#build();
    }
  }

  /** Open the panel. `focus`: move the focus into it, as for a patient who asked for it. */
  show(focus = true): void {
    if (!this.#view || this.isOpen) return;
    this.#view.open(focus);
    this.#opened(true);
    this.#session?.join();
  }

  /** Close the panel. The focus goes back to the button when it was in the panel. */
  hide(): void {
    if (!this.#view || !this.isOpen) return;
    this.#view.close(this.shadowRoot?.activeElement !== null);
    this.#opened(false);
  }

  #opened(open: boolean): void {
    storage('sessionStorage')?.setItem(OPEN, open ? 'yes' : 'no');
    this.toggleAttribute('open', open);
    this.#tell(open ? 'open' : 'close');
  }

  /** As the patient left it on the page before; else as the page says, unless that would cover the page. */
  #startsOpen(): boolean {
    const left = storage('sessionStorage')?.getItem(OPEN);
    if (left) return left === 'yes';
    return this.hasAttribute('open') && this.#view?.panel.isFull === false;
  }

  #listen(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const look = () => { this.#look(); };
    document.addEventListener('visibilitychange', look, { signal });
    for (const name of ['online', 'pageshow']) window.addEventListener(name, look, { signal });
    this.#darkness.addEventListener('change', () => { this.#colour(); }, { signal });
  }

  /** A page that nobody sees holds no connection: a browser has six for all tabs of one server. */
  #look(): void {
    if (document.visibilityState === 'visible') this.#session?.wake();
    else this.#session?.rest();
    this.#view?.render();
  }

  #build(): void {
    if (!this.#session) return;
    const wasOpen = this.isOpen;
    this.#view?.remove();
    this.#view = new View(this.#context(this.#session), (open) => { if (open) this.show(); else this.hide(); });
    const root = this.shadowRoot ?? styled(this.attachShadow({ mode: 'open' }));
    root.querySelector('.root')?.remove();
    root.append(this.#view.root);
    this.#view.root.dataset.corner = this.getAttribute('corner') ?? '';
    this.#colour();
    if (wasOpen) this.#view.open(false);
  }

  #colour(): void {
    const asked = this.getAttribute('theme') ?? '';
    const theme = /^(dark|light)$/.test(asked) ? asked : this.#darkness.matches ? 'dark' : 'light';
    if (this.#view) this.#view.root.dataset.theme = theme;
  }

  /** The language of the page around it; a tag that we do not have, or that is none, becomes English. */
  #language(): string {
    const found = this.closest('[lang]')?.getAttribute('lang') ?? '';
    return /^(en|es)(-[a-z]{2})?$/i.test(found) ? found : found.toLowerCase().startsWith('es') ? 'es' : 'en';
  }

  #context(session: Session): Context {
    const language = this.#language();
    return {
      t: stringsFor(language),
      language,
      name: this.getAttribute('name') ?? 'Patchline',
      clinic: clinicOf(this),
      session,
      say: (words, shown) => {
        session.say(words, shown);
        this.#view?.sent();
        this.#tell('message', { from: 'patient' });
      },
      show: (id) => { this.#showOnPage(id); },
    };
  }

  #arrived(items: Item[]): void {
    this.#view?.arrived(items);
    for (const item of items) {
      if (item.from !== 'patient') this.#tell('message', { from: item.from });
      if (tierOf(item)) this.#tell('escalation');
    }
  }

  #showOnPage(id: string): void {
    const line = document.getElementById(id);
    if (!line) return;
    if (this.#view?.panel.isFull) this.hide();
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: 'center' });
  }

  /** Never a patient's words, a topic or a tier: whatever listens on the host page, statistics for one, need not know. */
  #tell(name: string, detail: object | null = null): void {
    this.dispatchEvent(new CustomEvent(`patchline-${name}`, { bubbles: true, detail }));
  }
}

/** From the gateway; else from a link that dials inside the tag, which also serves pages without JavaScript. */
function clinicOf(element: HTMLElement): Clinic | null {
  if (typeof PATCHLINE_CLINIC !== 'undefined') return PATCHLINE_CLINIC;
  const link = element.querySelector<HTMLAnchorElement>('a[href^="tel:"]');
  if (!link) return null;
  const display = /[+(]*\d[\d ().-]+\d/.exec(link.textContent)?.[0] ?? link.href.slice('tel:'.length);
  return { name: '', line: { display, href: link.href }, demo: false };
}

function storage(name: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[name];
  } catch {
    return null; // blocked by the browser
  }
}

/** Constructed sheets need no `unsafe-inline` in a page's Content-Security-Policy. */
function styled(root: ShadowRoot): ShadowRoot {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}
