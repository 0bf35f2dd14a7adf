import { expect, test } from 'vitest';
import { History } from '../src/client/history';
import { lastWarning, ofBot, ofClinic, ofTranscript } from '../src/client/thread';
import type { BotMessage, ClinicLine } from '../src/contract';
import { AT, bot, note, patient, transcript } from './fakes';

const keys = (history: History): string[] => history.items.map((item) => item.key);

test('a line has the same key live and in a transcript, with and without the gateway naming what it answers', () => {
  const lines = [bot('Hi', null), patient('m1'), bot('One', 'm1'), bot('Two', 'm1'), patient('m2'), bot('Three', 'm2')];
  const older = [bot('Hi'), patient('m1'), bot('One'), note(3), bot('Two'), patient('m2'), bot('Three')];
  const expected = ['b::0', 'p:m1', 'b:m1:0', 'b:m1:1', 'p:m2', 'b:m2:0'];
  expect(ofTranscript(lines).map((item) => item.key)).toEqual(expected);
  const greeting = ofTranscript(older).filter((item) => item.from !== 'clinic').map((item) => item.key);
  expect(greeting).toEqual(expected);
  expect(ofBot({ text: 'One' } as BotMessage, 'm1', 0, new Date(AT)).key).toBe('b:m1:0');
});

test('a message of which fields are missing has none of them', () => {
  const item = ofBot({ text: 'One' } as BotMessage, null, 0, new Date(AT));
  expect([item.links, item.buttons, item.sources, item.topic]).toEqual([[], [], [], null]);
});

test('the first transcript is history; what a later one adds is new', () => {
  const history = new History('c1');
  expect(history.take(transcript([patient('m1')]))).toEqual([]);
  expect(history.take(transcript([patient('m1'), bot('One', 'm1')])).map((item) => item.key)).toEqual(['b:m1:0']);
  expect(history.take(transcript([patient('m1'), bot('One', 'm1')]))).toEqual([]);
});

test('an event that comes twice, or is in the transcript too, stands once', () => {
  const history = new History('c1');
  history.take(transcript([patient('m1'), note(17)], { last_event_id: 17 }));
  expect(history.add([ofClinic(note(17) as ClinicLine)])).toEqual([]);
  history.add([ofClinic(note(18) as ClinicLine)]);
  expect(keys(history)).toEqual(['p:m1', 'c:17', 'c:18']);
  expect(history.lastEventId).toBe(18);
});

test('the stream goes on after the event that the transcript names, also when none is shown', () => {
  const history = new History('c1');
  history.take(transcript([patient('m1')], { last_event_id: 40, with_person: true }));
  expect([history.lastEventId, history.withPerson]).toEqual([40, true]);
});

test('events stay where a gateway keeps none in its transcripts, in the order of time', () => {
  const history = new History('c1');
  history.take(transcript([patient('m1')]));
  history.add([ofClinic(note(1, 'Sent.', '2026-11-22T15:32:00.000Z') as ClinicLine)]);
  history.take(transcript([patient('m1'), bot('Late', 'm1', '2026-11-22T15:33:00.000Z')]));
  expect(keys(history)).toEqual(['p:m1', 'c:1', 'b:m1:0']);
});

test('the latest warning is the one that stays in sight', () => {
  const flag = (tier: string, replyTo: string) => ({ ...bot('Call.', replyTo), topic: `red_flag/${tier}` });
  const items = ofTranscript([flag('clinic', 'm1'), flag('emergency', 'm2'), bot('An answer', 'm3')]);
  expect(lastWarning(items)?.topic).toBe('red_flag/emergency');
  expect(lastWarning(ofTranscript([bot('An answer', 'm3')]))).toBeNull();
});
