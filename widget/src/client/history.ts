import type { Transcript } from '../contract';
import type { Item } from './thread';
import { lastEvent, ofTranscript } from './thread';

/** What the server has said and heard in one conversation, as far as this tab knows. */
export class History {
  items: Item[] = [];
  withPerson = false;
  /** False until the first words of the server are there. */
  loaded = false;
  /** Counts changes, so that an older answer of the server is not taken for the newest. */
  changes = 0;
  #knownEvent = 0;

  /** `id`: of the conversation; null for none. */
  constructor(readonly id: string | null) {}

  get lastEventId(): number {
    return Math.max(this.#knownEvent, lastEvent(this.items));
  }

  /** Takes what is not there yet, and returns it. */
  add(items: Item[]): Item[] {
    const fresh = this.#unknown(items);
    this.items = [...this.items, ...fresh];
    this.changes += 1;
    return fresh;
  }

  /** The server's transcript is the truth. Returns what was not there before; nothing of it is new the first time. */
  take(transcript: Transcript): Item[] {
    const items = ofTranscript(transcript.messages);
    if (transcript.last_event_id === undefined) { // a gateway that keeps no events in its transcripts
      items.push(...this.items.filter((item) => item.from === 'clinic'));
      items.sort((a, b) => Number(a.at) - Number(b.at));
    }
    const fresh = this.loaded ? this.#unknown(items) : [];
    this.items = items;
    this.#knownEvent = transcript.last_event_id ?? 0;
    this.withPerson = transcript.with_person ?? false;
    this.loaded = true;
    return fresh;
  }

  rated(messageId: string, helpful: boolean): void {
    this.items = this.items.map((item) => (item.from === 'patient' && item.id === messageId ? { ...item, helpful } : item));
    this.changes += 1;
  }

  #unknown(items: Item[]): Item[] {
    const known = new Set(this.items.map((item) => item.key));
    return items.filter((item) => !known.has(item.key));
  }
}
