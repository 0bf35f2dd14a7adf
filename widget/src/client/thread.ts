import type { BotLine, BotMessage, ClinicLine, Line, PatientLine, Tier } from '../contract';
import type { Unsent } from './keep';

/** sent -> the server has it; sending -> under way; waiting -> goes by itself; refused -> only when asked to. */
export type Delivery = 'sent' | 'sending' | 'waiting' | 'refused';

export interface PatientItem {
  from: 'patient';
  key: string;
  id: string;
  at: Date;
  text: string;
  delivery: Delivery;
  why?: string | undefined;
  helpful: boolean | null;
}

export interface BotItem extends BotMessage {
  from: 'bot';
  key: string;
  at: Date;
  /** The message that it answers; null for the greeting. */
  replyTo: string | null;
}

export interface ClinicItem extends Omit<ClinicLine, 'at'> {
  key: string;
  at: Date;
}

export type Item = PatientItem | BotItem | ClinicItem;

/** The items of a transcript. A line has the same key however it came: live, by a reload or through another tab. */
export function ofTranscript(lines: Line[]): Item[] {
  let asked: string | null = null;
  const counts = new Map<string | null, number>();
  return lines.map((line) => {
    if (line.from === 'clinic') return ofClinic(line);
    if (line.from === 'patient') {
      asked = line.message_id;
      return ofPatient(line);
    }
    const replyTo = line.reply_to === undefined ? asked : line.reply_to;
    const index = counts.get(replyTo) ?? 0;
    counts.set(replyTo, index + 1);
    return ofBot(line, replyTo, index, new Date(line.at));
  });
}

const ofPatient = (line: PatientLine): PatientItem => ({
  from: 'patient',
  key: `p:${line.message_id}`,
  id: line.message_id,
  at: new Date(line.at),
  text: line.text,
  delivery: 'sent',
  helpful: line.helpful ?? null,
});

/** `why` it is not sent by itself, where it is not. */
export const ofUnsent = (unsent: Unsent, delivery: Delivery, why: string | undefined): PatientItem => ({
  from: 'patient',
  key: `p:${unsent.message_id}`,
  id: unsent.message_id,
  at: new Date(unsent.at),
  text: unsent.shown,
  delivery: why === undefined ? delivery : 'refused',
  why,
  helpful: null,
});

export const ofClinic = (line: ClinicLine): ClinicItem => ({ ...line, key: `c:${line.event_id}`, at: new Date(line.at) });

/** A message of the bot; nothing in it is taken for granted. */
export function ofBot(message: BotMessage | BotLine, replyTo: string | null, index: number, at: Date): BotItem {
  const { text, topic = null, sources = [], buttons = [], links = [] } = message as Partial<BotMessage> & { text: string };
  return { from: 'bot', key: `b:${replyTo ?? ''}:${index}`, at, replyTo, text, topic, sources, buttons, links };
}

/** What the bot has just said to a message; `null` for the greeting. */
export const ofReply = (messages: BotMessage[], replyTo: string | null): Item[] =>
  messages.map((message, index) => ofBot(message, replyTo, index, new Date()));

/** The tier of a warning sign's wording; null for anything else. */
export function tierOf(item: Item): Tier | null {
  const [, tier] = (item.from === 'bot' && /^red_flag\/(\w+)$/.exec(item.topic ?? '')) || [];
  return (tier as Tier | undefined) ?? null;
}

/** The latest warning: its numbers stay in sight from then on. */
export const lastWarning = (items: Item[]): BotItem | null =>
  (items.filter((item) => tierOf(item)).at(-1) as BotItem | undefined) ?? null;

/** Answers can be rated; greetings, warnings and "I did not understand" cannot. */
export const isAnswer = (item: BotItem): boolean => /^(faq|not_covered)\//.test(item.topic ?? '') || item.sources.length > 0;

/** The last event of the clinic among these; 0 without any. */
export const lastEvent = (items: Item[]): number =>
  Math.max(0, ...items.map((item) => (item.from === 'clinic' ? item.event_id : 0)));
