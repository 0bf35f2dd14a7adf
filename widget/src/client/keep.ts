import type { Key, Said } from '../contract';

const DAY_MS = 86_400_000;
/** As long as the server keeps a conversation by default. */
export const KEPT_FOR_MS = 30 * DAY_MS;

/** A message that the server has not answered yet. `refused`: it is not sent again by itself, and why. */
export interface Unsent extends Said {
  shown: string;
  at: number;
  refused?: string;
}

interface Kept {
  key: Key | null;
  unsent: Unsent[];
  /** The last event of the clinic that the patient has seen. */
  seen: number;
  used: number;
}

const EMPTY: Kept = { key: null, unsent: [], seen: 0, used: 0 };

/**
 * What the browser keeps of a conversation: its token and what is not sent yet, nothing that the server has.
 * Shared by the tabs of one site; read anew each time, so that they do not write over each other. Where a browser
 * blocks storage, the conversation lasts as long as the page.
 */
export class Keep {
  #memory: Kept = EMPTY;

  readonly #name: string;
  #storage: Storage | null;
  readonly #now: () => number;

  constructor(name: string, storage: Storage | null, now: () => number = Date.now) {
    this.#name = name;
    this.#storage = storage;
    this.#now = now;}

  get key(): Key | null {
    return this.#read().key;
  }

  get unsent(): Unsent[] {
    return this.#read().unsent;
  }

  get seen(): number {
    return this.#read().seen;
  }

  begin(key: Key): void {
    this.#write({ key, seen: 0 });
  }

  see(eventId: number): void {
    if (eventId > this.seen) this.#write({ seen: eventId });
  }

  add(unsent: Unsent): void {
    this.#write({ unsent: [...this.unsent, unsent] });
  }

  refuse(messageId: string, why: string): void {
    this.#write({ unsent: this.unsent.map((item) => (item.message_id === messageId ? { ...item, refused: why } : item)) });
  }

  /** It is sent, or not wanted any more. */
  remove(messageId: string): void {
    this.#write({ unsent: this.unsent.filter((item) => item.message_id !== messageId) });
  }

  /** The conversation is gone; what was not sent yet goes to the next one, unless the patient wants none of it. */
  drop(unsentToo: boolean): void {
    this.#write({ key: null, ...(unsentToo && { unsent: [] }) });
  }

  #read(): Kept {
    let kept = this.#memory;
    try {
      if (this.#storage) kept = (JSON.parse(this.#storage.getItem(this.#name) ?? 'null') as Kept | null) ?? EMPTY;
    } catch { /* blocked, or not ours */ }
    if (this.#now() - kept.used < KEPT_FOR_MS) return kept;
    if (kept.used) this.#store(EMPTY);
    return EMPTY;
  }

  #write(change: Partial<Kept>): void {
    this.#store({ ...this.#read(), ...change, used: this.#now() });
  }

  #store(kept: Kept): void {
    this.#memory = kept;
    try {
      if (kept.key || kept.unsent.length) this.#storage?.setItem(this.#name, JSON.stringify(kept));
      else this.#storage?.removeItem(this.#name);
    } catch {
      this.#storage = null; // blocked or full: from now on this page keeps it
    }
  }
}
