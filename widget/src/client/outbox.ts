import type { Keep, Unsent } from './keep';
import type { Delivery, Item } from './thread';
import { ofUnsent } from './thread';

/** A message that could not be sent for so long is not sent by itself any more: it may no longer be true. */
export const SENT_WITHIN_MS = 86_400_000;

/** What the patient typed or pressed. */
export type Words = { text: string } | { choice: string };

/** Messages that the server has not answered yet, oldest first. A retry has the same id, so that it counts once. */
export class Outbox {
  readonly #keep: Keep;
  readonly #now: () => number;

  constructor(keep: Keep, now: () => number = Date.now) {
    this.#keep = keep;
    this.#now = now;}

  add(words: Words, shown: string): void {
    this.#keep.add({ message_id: newId(), ...words, shown, at: this.#now() });
  }

  /** The next one to send. */
  get next(): Unsent | undefined {
    return this.#keep.unsent.find((item) => this.#why(item) === undefined);
  }

  refuse(messageId: string, why: string): void {
    this.#keep.refuse(messageId, why);
  }

  remove(messageId: string): void {
    this.#keep.remove(messageId);
  }

  /** Send a refused message after all, as a new one. */
  again(messageId: string): void {
    const unsent = this.#keep.unsent.find((item) => item.message_id === messageId);
    if (!unsent) return;
    this.remove(messageId);
    this.add(unsent.choice === undefined ? { text: unsent.text ?? '' } : { choice: unsent.choice }, unsent.shown);
  }

  /** What the server knows, with what it does not know yet at the end. */
  after(history: Item[], delivery: (messageId: string) => Delivery): Item[] {
    const unsent = this.#keep.unsent.map((item) => ofUnsent(item, delivery(item.message_id), this.#why(item)));
    const byKey = new Map(unsent.map((item) => [item.key, item]));
    const known = new Set(history.map((item) => item.key));
    const shown = history.map((item) => (item.from === 'patient' ? (byKey.get(item.key) ?? item) : item));
    return [...shown, ...unsent.filter((item) => !known.has(item.key))];
  }

  /** Why a message is not sent by itself; undefined for one that is, '' for one that has grown too old. */
  #why({ refused, at }: Unsent): string | undefined {
    return refused ?? (this.#now() - at > SENT_WITHIN_MS ? '' : undefined);
  }
}

/** `randomUUID` exists on https and localhost only. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
