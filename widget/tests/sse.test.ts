import { expect, test } from 'vitest';
import { SseParser } from '../src/client/sse';

const STREAM = 'retry: 3000\n\nid: 1\nevent: clinic\ndata: {"text": "Sent at 10:31 – ok"}\n\n: still here\n\nevent: presence\ndata: {}\n\n';
const EVENTS = [
  { name: 'clinic', data: '{"text": "Sent at 10:31 – ok"}' },
  { name: 'presence', data: '{}' },
];

test('events are read however the network cuts the stream', () => {
  for (let size = 1; size < STREAM.length; size += 1) {
    const parser = new SseParser();
    const read = [];
    for (let at = 0; at < STREAM.length; at += size) read.push(...parser.push(STREAM.slice(at, at + size)));
    expect(read).toEqual(EVENTS);
  }
});

test('lines of data belong together, and line ends of other systems count', () => {
  expect(new SseParser().push('data: one\r\ndata: two\r\n\r\n')).toEqual([{ name: 'message', data: 'one\ntwo' }]);
});

test('an unfinished event waits', () => {
  const parser = new SseParser();
  expect(parser.push('data: on')).toEqual([]);
  expect(parser.push('e\n\n')).toEqual([{ name: 'message', data: 'one' }]);
});
