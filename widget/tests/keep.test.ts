import { expect, test } from 'vitest';
import { Keep, KEPT_FOR_MS } from '../src/client/keep';
import { Outbox, SENT_WITHIN_MS } from '../src/client/outbox';
import { Shelf } from './fakes';

const KEY = { id: 'c1', token: 't1' };

function made(shelf: Storage | null = new Shelf()) {
  const clock = { now: 1_000_000 };
  const keep = new Keep('patchline:x', shelf, () => clock.now);
  return { clock, keep, outbox: new Outbox(keep, () => clock.now), shelf };
}

test('another tab reads what this one writes', () => {
  const { keep, outbox, shelf } = made();
  keep.begin(KEY);
  outbox.add({ text: 'Hello?' }, 'Hello?');
  const other = new Keep('patchline:x', shelf, () => 1_000_000);
  expect(other.key).toEqual(KEY);
  expect(other.unsent.map((item) => item.text)).toEqual(['Hello?']);
});

test('nothing is left in the browser of a conversation that was deleted', () => {
  const { keep, outbox, shelf } = made();
  keep.begin(KEY);
  outbox.add({ text: 'Hello?' }, 'Hello?');
  keep.drop(true);
  expect(shelf?.length).toBe(0);
});

test('what was not sent goes to the next conversation when the clinic ended this one', () => {
  const { keep, outbox } = made();
  keep.begin(KEY);
  outbox.add({ text: 'Hello?' }, 'Hello?');
  keep.drop(false);
  expect([keep.key, outbox.next?.text]).toEqual([null, 'Hello?']);
});

test('everything is dropped that was not used for as long as the server keeps it', () => {
  const { clock, keep, shelf } = made();
  keep.begin(KEY);
  clock.now += KEPT_FOR_MS - 1;
  expect(keep.key).toEqual(KEY);
  clock.now += 1;
  expect([keep.key, shelf?.length]).toEqual([null, 0]);
});

test.each([['blocked', null], ['full', Object.assign(new Shelf(), { full: true })]])(
  'where storage is %s, the conversation lasts as long as the page', (_, shelf) => {
    const { keep, outbox } = made(shelf);
    keep.begin(KEY);
    outbox.add({ choice: 'faq/x' }, 'May I eat?');
    expect([keep.key, outbox.next?.choice]).toEqual([KEY, 'faq/x']);
  });

test('storage that somebody else wrote into is no conversation', () => {
  const { keep, shelf } = made();
  shelf?.setItem('patchline:x', '{not json');
  expect([keep.key, keep.unsent]).toEqual([null, []]);
});

test('a message keeps its id until it is sent, and has a new one when the patient sends it again', () => {
  const { outbox } = made();
  outbox.add({ text: 'Hello?' }, 'Hello?');
  const first = outbox.next;
  expect(outbox.next?.message_id).toBe(first?.message_id);
  expect(first?.message_id).toMatch(/^[A-Za-z0-9_-]{32}$/);
  outbox.refuse(first?.message_id ?? '', 'Too long.');
  expect(outbox.next).toBeUndefined();
  outbox.again(first?.message_id ?? '');
  expect(outbox.next?.text).toBe('Hello?');
  expect(outbox.next?.message_id).not.toBe(first?.message_id);
});

test('a message that waited for a day is not sent by itself, and says so', () => {
  const { clock, outbox } = made();
  outbox.add({ text: 'My leg is numb' }, 'My leg is numb');
  clock.now += SENT_WITHIN_MS + 1;
  expect(outbox.next).toBeUndefined();
  expect(outbox.after([], () => 'sending')).toMatchObject([{ delivery: 'refused', why: '' }]);
});

test('what the clinic wrote and the patient has seen is never unseen again', () => {
  const { keep } = made();
  keep.begin(KEY);
  keep.see(7);
  keep.see(3);
  expect(keep.seen).toBe(7);
});
