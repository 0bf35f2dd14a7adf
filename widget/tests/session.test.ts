import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../src/client/api';
import { Keep } from '../src/client/keep';
import { Session } from '../src/client/session';
import type { Item } from '../src/client/thread';
import { Shelf, bot, note, patient, reply, transcript } from './fakes';

interface Call {
  method: string;
  path: string;
  body: { message_id?: string; text?: string } | undefined;
  answer(status: number, data?: unknown, headers?: Record<string, string>): Promise<void>;
  fail(): Promise<void>;
}

const OPENED = { conversation_id: 'c1', token: 't1', greeting: [bot('Hi')] };
let calls: Call[] = [];
let arrived: Item[] = [];
let ended = 0;

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  arrived = [];
  ended = 0;
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => {
    const path = new URL(url).pathname.replace('/api/conversations', '');
    if (path.endsWith('/events')) return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      const settle = () => vi.advanceTimersByTimeAsync(1).then(() => undefined);
      calls.push({
        method: options.method ?? 'GET',
        path,
        body: options.body ? JSON.parse(options.body as string) as Call['body'] : undefined,
        answer: (status, data = null, headers = {}) => {
          resolve(new Response(status === 204 ? null : JSON.stringify(data), { status, headers }));
          return settle();
        },
        fail: () => {
          reject(new TypeError('network'));
          return settle();
        },
      });
    });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function made(shelf = new Shelf()) {
  const keep = new Keep('patchline:x', shelf);
  const tabs = { changed: vi.fn() };
  const events = {
    changed: () => undefined,
    arrived: (items: Item[]) => { arrived.push(...items); },
    ended: () => { ended += 1; },
  };
  return { keep, tabs, shelf, session: new Session(new Api('https://chat.example'), keep, tabs, events) };
}

const settle = () => vi.advanceTimersByTimeAsync(1);
const last = (): Call => {
  const call = calls.at(-1);
  if (!call) throw new Error('nothing was asked');
  return call;
};
const shown = (session: Session): string[] => session.items.map((item) => `${item.from}: ${item.text}`);

async function begun() {
  const all = made();
  all.session.join();
  await settle();
  await last().answer(201, OPENED);
  return all;
}

test('nothing is asked of the server before the patient wants to talk', async () => {
  const { session } = made();
  session.wake();
  await settle();
  expect(calls).toEqual([]);
});

test('a message is one request, and needs no reading of the transcript', async () => {
  const { session } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await settle();
  expect(last().path).toBe('/c1/messages');
  await last().answer(200, reply('Yes.'));
  expect(shown(session)).toEqual(['bot: Hi', 'patient: Hello?', 'bot: Yes.']);
  expect(calls.map((call) => call.method)).toEqual(['POST', 'POST']);
});

test('a message that failed is sent again with the same id, after pauses that grow, until it is answered', async () => {
  const { session } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await settle();
  const id = last().body?.message_id;
  for (const round of [1, 2, 3]) {
    await last().fail();
    expect(session.connection.trouble).toBe('down');
    expect(session.items.at(-1)).toMatchObject({ delivery: 'waiting' });
    await vi.advanceTimersByTimeAsync(1000 * 2 ** (round - 1));
    expect(calls).toHaveLength(2 + round);
    expect(last().body?.message_id).toBe(id);
  }
  await last().answer(200, reply('Yes.'));
  expect(session.connection.trouble).toBe('none');
  expect(shown(session)).toEqual(['bot: Hi', 'patient: Hello?', 'bot: Yes.']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls.filter((call) => call.path.endsWith('/messages'))).toHaveLength(4);
});

test('a server that does not answer is called late after six seconds, and waited for', async () => {
  const { session } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await vi.advanceTimersByTimeAsync(5900);
  expect(session.connection.trouble).toBe('none');
  await vi.advanceTimersByTimeAsync(200);
  expect(session.connection.trouble).toBe('late');
  await last().answer(200, reply('Yes.'));
  expect(session.connection.trouble).toBe('none');
});

test.each([401, 403, 404, 410])('a conversation that is gone (%i) is replaced and the message goes to the new one, once', async (status) => {
  const { session, keep } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await settle();
  await last().answer(status, { detail: 'gone' });
  expect([last().path, last().method, ended]).toEqual(['', 'POST', 1]);
  await last().answer(201, { ...OPENED, conversation_id: 'c2' });
  expect(last().path).toBe('/c2/messages');
  await last().answer(200, reply('Yes.'));
  expect(shown(session)).toEqual(['bot: Hi', 'patient: Hello?', 'bot: Yes.']);
  expect(keep.key?.id).toBe('c2');
});

test('the wait that the server asks for is kept', async () => {
  const { session } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await settle();
  await last().answer(429, { detail: 'Too fast.' }, { 'Retry-After': '5' });
  expect(session.connection.trouble).toBe('late');
  await vi.advanceTimersByTimeAsync(4900);
  expect(calls).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(calls).toHaveLength(3);
});

test('an answer that comes while the transcript is read is not lost to it', async () => {
  const { session } = await begun();
  session.wake();
  await settle();
  const reading = last();
  session.onEvent('clinic', { from: 'clinic', kind: 'message', event_id: 5, at: '2026-11-22T15:00:00Z', text: 'Hello' });
  await reading.answer(200, transcript([bot('Hi', null)], { last_event_id: null }));
  expect(shown(session)).toContain('clinic: Hello');
  expect(last()).not.toBe(reading); // it asks again for the whole truth
});

test('history is not announced, and what another tab did is', async () => {
  const { shelf } = await begun();
  arrived = [];
  const tab = made(shelf).session;
  tab.wake();
  await settle();
  await last().answer(200, transcript([bot('Hi', null), patient('m1')]));
  expect(arrived).toEqual([]);
  tab.follow();
  await settle();
  await last().answer(200, transcript([bot('Hi', null), patient('m1'), bot('Yes.', 'm1')]));
  expect(arrived.map((item) => item.text)).toEqual(['Yes.']);
});

test('a conversation that another tab has replaced is not taken for ended', async () => {
  const { session, keep } = await begun();
  keep.begin({ id: 'c9', token: 't9' });
  session.onGone();
  await settle();
  expect([keep.key?.id, ended, last().path]).toEqual(['c9', 0, '/c9']);
});

test('deleting that fails leaves everything as it is; deleting what is gone succeeds', async () => {
  const { session, keep } = await begun();
  const first = session.forget();
  await settle();
  await last().answer(503, { detail: 'later' });
  expect([await first, keep.key?.id]).toEqual([false, 'c1']);
  const second = session.forget();
  await settle();
  await last().answer(404, { detail: 'gone' });
  expect([await second, keep.key]).toEqual([true, null]);
});

test('with a person of the clinic in the chat a message may have no answer', async () => {
  const { session } = await begun();
  session.say({ text: 'Hello?' }, 'Hello?');
  await settle();
  await last().answer(200, { messages: [], escalation: null, with_person: true });
  expect([shown(session), session.history.withPerson]).toEqual([['bot: Hi', 'patient: Hello?'], true]);
  session.onEvent('presence', { with_person: false });
  expect(session.history.withPerson).toBe(false);
});

test('what the clinic does with a message shows after the answer to it, also when it is quicker', async () => {
  const { session } = await begun();
  session.say({ text: 'My legs are numb' }, 'My legs are numb');
  await settle();
  session.onEvent('clinic', note(3));
  expect(shown(session)).toEqual(['bot: Hi', 'patient: My legs are numb']);
  await last().answer(200, reply('Call 911 now.'));
  expect(shown(session)).toEqual(['bot: Hi', 'patient: My legs are numb', 'bot: Call 911 now.', 'clinic: Sent to the clinic.']);
});

test('what the clinic does with a message that could not be answered shows all the same', async () => {
  const { session } = await begun();
  session.say({ text: 'My legs are numb' }, 'My legs are numb');
  await settle();
  session.onEvent('clinic', note(3));
  await last().fail();
  expect(shown(session)).toEqual(['bot: Hi', 'clinic: Sent to the clinic.', 'patient: My legs are numb']);
});
