import type { ClinicLine, Key, Reply } from '../contract';
import type { Api, Outcome } from './api';
import { failed, isGone, isPassing } from './api';
import { Connection } from './connection';
import type { Events } from './events';
import { History } from './history';
import type { Keep, Unsent } from './keep';
import type { Words } from './outbox';
import { Outbox } from './outbox';
import type { Listener } from './stream';
import { Stream } from './stream';
import type { Tabs } from './tabs';
import type { Delivery, Item } from './thread';
import { ofClinic, ofReply } from './thread';

/** One patient's conversation with the server: what is known of it, and everything that changes that. */
export class Session implements Listener {
  /** The message that is being answered now. */
  sending: string | null = null;
  history = new History(null);
  readonly connection: Connection;
  readonly #outbox: Outbox;
  #held: Item[] = []; // what the clinic says while an answer is awaited: it comes after the answer that it is about
  #stream: Stream | null = null;
  #watching = false; // somebody may be looking
  #joined = false; // the patient wants to talk: a conversation is begun where there is none
  #stale = true; // the server may know more
  #running: Promise<void> | null = null;
  readonly #api: Api;
  readonly #keep: Keep;
  readonly #tabs: Pick<Tabs, 'changed'>;
  readonly #events: Events;

  constructor(api: Api, keep: Keep, tabs: Pick<Tabs, 'changed'>, events: Events) {
    this.#api = api;
    this.#keep = keep;
    this.#tabs = tabs;
    this.#events = events;
    this.#outbox = new Outbox(keep);
    this.connection = new Connection(() => { events.changed(); }, () => void this.#go());
  }

  /** Everything in order; what is not sent yet comes last. */
  get items(): Item[] {
    return this.#outbox.after(this.history.items, (messageId) => this.#delivery(messageId));
  }

  /** Words of the clinic that the patient has not seen. */
  get unread(): number {
    return this.history.items.filter((item) => item.from === 'clinic' && item.event_id > this.#keep.seen).length;
  }

  /** The patient looks at all of it. */
  seen(): void {
    this.#keep.see(this.history.lastEventId);
  }

  /** The patient wants to talk. */
  join(): void {
    this.#joined = true;
    this.wake();
  }

  /** Ask the server what is new, and send what is not sent. Nothing happens where there is no conversation. */
  wake(): void {
    this.#watching = this.#stale = true;
    void this.#go();
  }

  /** Nobody looks: no stream; only what is not sent yet is still tried. */
  rest(): void {
    this.#watching = false;
    this.#cut();
    if (!this.#outbox.next) this.connection.pause();
  }

  /** Another tab changed something. */
  follow(): void {
    this.#stale = true;
    this.#events.changed();
    if (this.#watching) void this.#go();
  }

  say(words: Words, shown: string): void {
    this.#joined = true;
    this.#outbox.add(words, shown);
    this.#changed();
    void this.#go();
  }

  /** Send a refused message after all. */
  again(messageId: string): void {
    this.#outbox.again(messageId);
    this.#changed();
    void this.#go();
  }

  /** Whether an answer helped. Resolves to false when that could not be kept. */
  async rate(messageId: string, helpful: boolean): Promise<boolean> {
    const key = this.#keep.key;
    if (!key || failed(await this.#api.rate(key, messageId, helpful))) return false;
    this.history.rated(messageId, helpful);
    this.#changed();
    return true;
  }

  /** Delete it at the clinic, too. Resolves to false when the server could not do it: then all is still there. */
  async forget(): Promise<boolean> {
    const key = this.#keep.key;
    const outcome = key && (await this.#api.forget(key));
    if (outcome && failed(outcome) && !isGone(outcome.status)) return false;
    this.startOver();
    return true;
  }

  /** A new conversation. The old one stays at the clinic for as long as the clinic keeps it. */
  startOver(): void {
    this.#joined = true;
    this.#leave(true);
    void this.#go();
  }

  // --- what the stream says ---

  lastEventId(): number {
    return this.history.lastEventId;
  }

  onOpen(again: boolean): void {
    if (again) this.wake(); // what was missed
  }

  onCut(tries: number): void {
    if (tries > 1) this.wake(); // is it the stream alone, or the server?
  }

  onGone(): void {
    if (this.#keep.key?.id === this.history.id) this.#gone();
    void this.#go();
  }

  onEvent(name: string, data: unknown): void {
    if (name === 'presence') {
      this.history.withPerson = (data as { with_person: boolean }).with_person;
      this.#events.changed();
    } else if (name === 'clinic') {
      this.#held.push(ofClinic(data as ClinicLine));
      this.#release();
    }
  }

  #release(): void {
    if (!this.sending && this.#held.length) this.#add(this.#held.splice(0));
  }

  // --- what is missing, in order ---

  #go(): Promise<void> {
    this.connection.pause();
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // it is known as running before it can be over
    try {
      for (let round = 0; round < 5; round += 1) {
        if ((this.#stale || this.#keep.key?.id !== this.history.id) && !(await this.#load())) return;
        if (!(await this.#flush())) return;
        if (!this.#stale && this.#keep.key?.id === this.history.id && !this.#outbox.next) return;
      }
    } finally {
      this.#running = null; // before anybody else can run, so that nobody waits for a run that is over
    }
  }

  /** The conversation and its lines. False when there is none to be had now. */
  async #load(): Promise<boolean> {
    const key = this.#keep.key;
    if (!key) return this.#begin();
    if (this.history.id !== key.id) this.#turnTo(key.id);
    const history = this.history;
    const { changes } = history;
    this.#stale = false;
    const outcome = await this.connection.watch(this.#api.transcript(key));
    if (this.history !== history) return true; // ended or replaced meanwhile
    if (failed(outcome)) {
      this.#stale = true;
      if (!isGone(outcome.status)) return this.#failing(outcome);
      this.#gone();
      return this.#begin();
    }
    if (history.changes === changes) this.#arrived(history.take(outcome.data));
    else this.#stale = true;
    this.#working();
    return true;
  }

  async #begin(): Promise<boolean> {
    if (!this.#joined && !this.#outbox.next) return false;
    const outcome = await this.connection.watch(this.#api.open());
    if (failed(outcome)) return this.#failing(outcome);
    this.#stale = this.#keep.key !== null; // another tab was quicker, and its conversation is the one
    if (!this.#stale) {
      const { conversation_id: id, token, greeting } = outcome.data;
      this.#keep.begin({ id, token });
      this.#turnTo(id);
      this.history.loaded = true;
      this.#add(ofReply(greeting, null));
      this.#working();
      this.#tabs.changed();
    }
    return true;
  }

  /** Send what is not sent, one after another, each until it is answered. False when no more can be sent now. */
  async #flush(): Promise<boolean> {
    for (let unsent = this.#outbox.next; unsent; unsent = this.#outbox.next) {
      const key = this.#keep.key;
      if (!key || key.id !== this.history.id) return true;
      if (!(await this.#deliver(key, unsent))) return false;
    }
    return true;
  }

  async #deliver(key: Key, { message_id, text, choice }: Unsent): Promise<boolean> {
    this.sending = message_id;
    this.#events.changed();
    const said = choice === undefined ? { message_id, text: text ?? '' } : { message_id, choice };
    const outcome = await this.connection.watch(this.#api.say(key, said));
    this.sending = null;
    if (this.#keep.key?.id !== key.id) return true; // deleted meanwhile
    const goesOn = this.#settle(message_id, outcome);
    this.#release();
    return goesOn;
  }

  /** What becomes of a message. False when it has to wait. */
  #settle(messageId: string, outcome: Outcome<Reply>): boolean {
    if (!failed(outcome)) {
      this.#answered(messageId, outcome.data);
    } else if (isGone(outcome.status)) {
      this.#gone();
    } else if (isPassing(outcome.status)) {
      return this.#failing(outcome);
    } else {
      this.#outbox.refuse(messageId, outcome.detail ?? '');
      this.#working();
      this.#tabs.changed();
    }
    return true;
  }

  #answered(messageId: string, reply: Reply): void {
    const asked = this.items.find((item) => item.from === 'patient' && item.id === messageId);
    this.#outbox.remove(messageId);
    this.history.withPerson = reply.with_person ?? false;
    if (asked?.from === 'patient') this.history.add([{ ...asked, delivery: 'sent' }]);
    this.#working();
    this.#add(ofReply(reply.messages, messageId));
    this.#tabs.changed();
  }

  #add(items: Item[]): void {
    this.#arrived(this.history.add(items));
  }

  #arrived(items: Item[]): void {
    this.#events.changed();
    if (items.length) this.#events.arrived(items);
  }

  #delivery(messageId: string): Delivery {
    return this.connection.trouble === 'none' || this.sending === messageId ? 'sending' : 'waiting';
  }

  #changed(): void {
    this.history.changes += 1;
    this.#events.changed();
    this.#tabs.changed();
  }

  #gone(): void {
    this.#leave(false);
    this.#events.ended();
  }

  #leave(unsentToo: boolean): void {
    this.#keep.drop(unsentToo);
    this.#turnTo(null);
    this.#changed();
  }

  #turnTo(id: string | null): void {
    this.#cut();
    this.#held = [];
    this.history = new History(id);
  }

  #cut(): void {
    this.#stream?.stop();
    this.#stream = null;
  }

  #working(): void {
    if (this.connection.trouble === 'down') this.#cut(); // it may be in the middle of a long pause
    if (this.#watching && this.#keep.key) this.#stream ??= new Stream(this.#api, this.#keep.key, this);
    this.connection.works();
  }

  #failing(outcome: { status: number; retryAfterMs?: number }): false {
    this.connection.fails(outcome, this.#watching || this.#outbox.next !== undefined);
    return false;
  }
}
