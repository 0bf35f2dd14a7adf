export interface SseEvent {
  name: string;
  data: string;
}

/** Reads `text/event-stream` piece by piece, however the network cuts it. Comments and `retry` are skipped. */
export class SseParser {
  #rest = '';

  push(piece: string): SseEvent[] {
    const blocks = (this.#rest + piece).replace(/\r\n?/g, '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(read).filter((event) => event.data !== '');
  }
}

function read(block: string): SseEvent {
  const fields = { event: 'message', data: '' } as Record<string, string>;
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    fields[name] = name === 'data' && fields.data ? `${fields.data}\n${value}` : value;
  }
  return { name: fields.event ?? '', data: fields.data ?? '' };
}
