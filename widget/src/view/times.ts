import type { Strings } from '../strings';

export const clock = (at: Date, language: string): string =>
  at.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' });

/** One day of the reader's own calendar, as a key. */
export const dayKey = (at: Date): string => `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;

/** "Today", "Yesterday", or the date. */
export function day(at: Date, language: string, t: Strings, now = new Date()): string {
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(at) === dayKey(now)) return t.today;
  if (dayKey(at) === dayKey(before)) return t.yesterday;
  return at.toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long' });
}
