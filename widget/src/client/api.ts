import type { Key, Opened, Problem, Reply, Said, Transcript } from '../contract';

const GIVE_UP_AFTER_MS = 20_000;

/** What became of a request. `status` 0 is a network that failed or a server that did not answer in time. */
export type Outcome<T> = { data: T } | { status: number; detail?: string | undefined; retryAfterMs?: number };

export const failed = <T>(outcome: Outcome<T>): outcome is Exclude<Outcome<T>, { data: T }> => 'status' in outcome;

/** The conversation is not there any more: deleted, expired, or its token is of another installation. */
export const isGone = (status: number): boolean => [401, 403, 404, 410].includes(status);

/** It may work later, with the same message and the same id. */
export const isPassing = (status: number): boolean => status === 0 || status === 408 || status === 429 || status >= 500;

/** The gateway's chat API. Never throws: a failure is an outcome. */
export class Api {
  readonly #server: string;

  constructor(server: string) {
    this.#server = server;}

  open(): Promise<Outcome<Opened>> {
    return this.#call('POST', '');
  }

  say(key: Key, said: Said): Promise<Outcome<Reply>> {
    return this.#call('POST', '/messages', key, said);
  }

  transcript(key: Key): Promise<Outcome<Transcript>> {
    return this.#call('GET', '', key);
  }

  forget(key: Key): Promise<Outcome<null>> {
    return this.#call('DELETE', '', key);
  }

  rate(key: Key, messageId: string, helpful: boolean): Promise<Outcome<null>> {
    return this.#call('POST', `/messages/${messageId}/feedback`, key, { helpful });
  }

  /** The open event stream; `after` is the last event that was seen. Throws when there is no connection. */
  events(key: Key, after: number | null, signal: AbortSignal): Promise<Response> {
    const headers = { ...bearer(key), Accept: 'text/event-stream', ...(after && { 'Last-Event-ID': String(after) }) };
    return fetch(this.#address(key, '/events'), { headers, signal, ...PRIVATE });
  }

  #address(key: Key | undefined, path: string): string {
    return `${this.#server}/api/conversations${key ? `/${key.id}${path}` : ''}`;
  }

  async #call<T>(method: string, path: string, key?: Key, body?: object): Promise<Outcome<T>> {
    const headers = { ...(key && bearer(key)), ...(body && { 'Content-Type': 'application/json' }) };
    const options = { method, headers, ...(body && { body: JSON.stringify(body) }), ...PRIVATE };
    try {
      const response = await fetch(this.#address(key, path), { ...options, signal: AbortSignal.timeout(GIVE_UP_AFTER_MS) });
      const data: unknown = response.status === 204 ? null : await response.json();
      if (response.ok) return { data: data as T };
      const retryAfterMs = Number(response.headers.get('Retry-After')) * 1000;
      return { status: response.status, detail: (data as Problem).detail, ...(retryAfterMs > 0 && { retryAfterMs }) };
    } catch {
      return { status: 0 };
    }
  }
}

// No cookies, and no address of the host page to a server that does not need it.
const PRIVATE: RequestInit = { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };

const bearer = (key: Key): Record<string, string> => ({ Authorization: `Bearer ${key.token}` });
