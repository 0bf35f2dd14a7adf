import type { Item } from '../client/thread';
import type { Context } from './context';
import { h } from './dom';

/** The conversation as a person reads it on paper: when and who, what, and from which line of the document. */
function written(items: Item[], { t, language, name, clinic }: Context): string {
  const said = items.map((item) => {
    const who = { patient: t.you, bot: name, clinic: t.nurse(clinic?.name ?? '') }[item.from];
    const when = item.at.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
    const quotes = item.from === 'bot' ? item.sources.map(({ section, quote }) => `\n${t.from(section ?? t.page)}: “${quote}”`) : [];
    return `${when}, ${who}\n${item.text}${quotes.join('')}`;
  });
  return [t.transcriptOf(name), ...(clinic ? [t.callLine(clinic.line.display)] : []), ...said].join('\n\n');
}

/** A page of its own with the conversation, and the browser's print dialog. */
export function print(items: Item[], context: Context): void {
  const page = window.open('', '_blank');
  if (!page) return;
  const { body, documentElement } = page.document;
  documentElement.lang = context.language;
  page.document.title = context.t.transcriptOf(context.name);
  body.textContent = written(items, context);
  body.style.cssText = 'white-space:pre-line;max-width:42em;font:1rem/1.5 system-ui';
  page.print();
}

/** The conversation as a text file. */
export function save(items: Item[], context: Context): void {
  const href = URL.createObjectURL(new Blob([written(items, context), '\n'], { type: 'text/plain' }));
  h('a', { href, download: `${context.name}.txt` }).click();
  setTimeout(() => { URL.revokeObjectURL(href); }, 10_000);
}
