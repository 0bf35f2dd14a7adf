/**
 * The other tabs of this site with the same chat. No words go between them: each asks the server or the storage. Two tabs
 * may send the same message; it has one id, and the server takes it once.
 */
export class Tabs {
  readonly #channel: BroadcastChannel;

  constructor(name: string, onChange: () => void) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = onChange;
  }

  /** Tell the others that something has changed. */
  changed(): void {
    this.#channel.postMessage(0);
  }

  close(): void {
    this.#channel.close();
  }
}
