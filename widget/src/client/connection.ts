import type { Outcome } from './api';

/** A patient is told the number by then, whatever the server does. The promise is 8 s. */
export const LATE_AFTER_MS = 6000;
const LONGEST_PAUSE_MS = 10_000;

/** late -> no answer yet, or too many messages; down -> the server cannot be reached. Both end by themselves. */
export type Trouble = 'none' | 'late' | 'down';

/** How long to wait before the next try: doubling from one second, with jitter so that clients spread out. */
export class Backoff {
  #tries = 0;

  next(): number {
    const ms = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** this.#tries);
    this.#tries += 1;
    return ms * (0.7 + 0.3 * Math.random());
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** Whether the server can be reached, and when to try again. */
export class Connection {
  trouble: Trouble = 'none';
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #backoff = new Backoff();

  readonly #changed: () => void;
  readonly #again: () => void;

  constructor(changed: () => void, again: () => void) {
    this.#changed = changed;
    this.#again = again;}

  works(): void {
    this.trouble = 'none';
    this.#backoff.reset();
    this.#changed();
  }

  fails(outcome: { status: number; retryAfterMs?: number }, tryAgain: boolean): void {
    this.trouble = outcome.status === 429 ? 'late' : 'down';
    this.pause();
    if (tryAgain) this.#retry = setTimeout(this.#again, outcome.retryAfterMs ?? this.#backoff.next());
    this.#changed();
  }

  /** No try for now. */
  pause(): void {
    clearTimeout(this.#retry);
  }

  /** Says so when an answer takes long, and goes on waiting for it. */
  async watch<T>(answer: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const timer = setTimeout(() => {
      if (this.trouble === 'none') this.trouble = 'late';
      this.#changed();
    }, LATE_AFTER_MS);
    const outcome = await answer;
    clearTimeout(timer);
    return outcome;
  }
}
