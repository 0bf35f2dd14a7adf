import type { Key } from '../contract';
import type { Api } from './api';
import { isGone } from './api';
import { Backoff } from './connection';
import { SseParser } from './sse';

// The server says something every 15 s; a phone's connection can be dead without anybody having closed it.
const SILENT_FOR_MS = 40_000;

export interface Listener {
  /** The last event that is known; the stream goes on after it. */
  lastEventId(): number | null;
  onEvent(name: string, data: unknown): void;
  /** `again`: it had been cut off, so something may have been missed. */
  onOpen(again: boolean): void;
  onCut(tries: number): void;
  onGone(): void;
}

/** The server-sent events of one conversation, over fetch so that the token stays out of the address. */
export class Stream {
  readonly #stopped = new AbortController();
  readonly #backoff = new Backoff();
  #tries = 0;

  readonly #api: Api;
  readonly #key: Key;
  readonly #listener: Listener;

  constructor(api: Api, key: Key, listener: Listener) {
    this.#api = api;
    this.#key = key;
    this.#listener = listener;
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  #isLive(): boolean {
    return !this.#stopped.signal.aborted;
  }

  async #run(): Promise<void> {
    while (this.#isLive()) {
      const status = await this.#listen();
      if (!this.#isLive()) return;
      if (isGone(status)) {
        this.#listener.onGone();
        return;
      }
      this.#tries += 1;
      this.#listener.onCut(this.#tries);
      await new Promise((resolve) => setTimeout(resolve, this.#backoff.next()));
    }
  }

  /** One connection, until it ends. The status, 0 where there was none. */
  async #listen(): Promise<number> {
    const silent = new AbortController();
    const stop = () => { silent.abort(); };
    this.#stopped.signal.addEventListener('abort', stop, { once: true });
    let timer = setTimeout(stop, SILENT_FOR_MS);
    try {
      const response = await this.#api.events(this.#key, this.#listener.lastEventId(), silent.signal);
      if (!response.ok || !response.body) return response.status;
      this.#listener.onOpen(this.#tries > 0);
      this.#tries = 0;
      const parser = new SseParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(stop, SILENT_FOR_MS);
        this.#backoff.reset();
        for (const event of parser.push(piece.value)) this.#listener.onEvent(event.name, JSON.parse(event.data));
      }
      return 200;
    } catch {
      return 0;
    } finally {
      clearTimeout(timer);
      this.#stopped.signal.removeEventListener('abort', stop);
    }
  }
}
