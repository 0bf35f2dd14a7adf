const WAIT_FOR_OTHERS_MS = 3000;

/** The other tabs of this site with the same chat. No words go between them: each asks the server or the storage. */
export class Tabs {
  readonly #channel: BroadcastChannel;

  readonly #name: string;

  constructor(
    name: string,
    onChange: () => void,
  ) {
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = onChange;
  }

  /** Tell the others that something has changed. */
  changed(): void {
    this.#channel.postMessage('changed');
  }

  /**
   * Do something that only one tab should be doing. That is a courtesy to the server, which takes a message once however
   * often it comes: a tab that a phone has put to sleep does not hold up the others.
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = navigator as Partial<Navigator>; // on https and localhost only
    if (!locks) return work();
    const signal = AbortSignal.timeout(WAIT_FOR_OTHERS_MS);
    let begun: Promise<T> | undefined;
    return locks.request(this.#name, { signal }, () => (begun = work())).catch(() => begun ?? work());
  }

  close(): void {
    this.#channel.close();
  }
}
