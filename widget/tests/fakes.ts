import type { Line, Reply, Transcript } from '../src/contract';

/** The browser's storage, in memory. */
export class Shelf implements Storage {
  [name: string]: unknown;
  readonly items = new Map<string, string>();
  full = false;

  get length(): number {
    return this.items.size;
  }

  clear(): void {
    this.items.clear();
  }

  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  removeItem(name: string): void {
    this.items.delete(name);
  }

  setItem(name: string, value: string): void {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.items.set(name, value);
  }
}

export const AT = '2026-11-22T15:31:00.000Z';

export const patient = (message_id: string, text = 'Hello?'): Line =>
  ({ from: 'patient', at: AT, message_id, text, escalation: null, helpful: null });

export const bot = (text: string, reply_to?: string | null, at = AT): Line =>
  ({ from: 'bot', at, text, topic: 'faq/x', sources: [], buttons: [], links: [], ...(reply_to !== undefined && { reply_to }) });

export const note = (event_id: number, text = 'Sent to the clinic.', at = AT): Line =>
  ({ from: 'clinic', kind: 'note', event_id, at, text, reference: 'PL-7K3F9', status: 'sent' });

export const transcript = (messages: Line[], more: Partial<Transcript> = {}): Transcript => ({ messages, ...more });

export const reply = (text: string): Reply =>
  ({ messages: [{ text, topic: 'faq/x', sources: [], buttons: [], links: [] }], escalation: null });
