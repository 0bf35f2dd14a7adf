// Server-sent events over fetch, because EventSource cannot send the token in a header.
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const SILENCE_MS = 40000; // something comes every 15 seconds: after this the connection is dead, whatever it says
const OVER = [401, 403, 404]; // the conversation is gone

// Follows a stream until `stop()` or until the conversation is gone; after an interruption it goes on where it was.
// `onEvent(name, data)` gets each event with its data as an object.
export function follow(url, token, lastId, onEvent) {
  let stopped = false;
  let waitMs = FIRST_WAIT_MS;
  let wake = () => {};
  let connection = null;

  async function connect() {
    connection = new AbortController();
    let silence = setTimeout(() => connection.abort(), SILENCE_MS);
    const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' };
    if (lastId) headers['Last-Event-ID'] = String(lastId);
    try {
      const response = await fetch(url, { headers, signal: connection.signal, cache: 'no-store' });
      if (OVER.includes(response.status)) stopped = true;
      if (!response.ok) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let part = await reader.read(); !part.done && !stopped; part = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => connection.abort(), SILENCE_MS);
        const blocks = (text + part.value).split('\n\n');
        text = blocks.pop(); // not all of it is here yet
        blocks.forEach(take);
      }
    } catch { /* cut off: it is tried again */ } finally {
      clearTimeout(silence);
    }
  }

  function take(block) {
    const field = (name) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
    const data = field('data');
    if (data === undefined || stopped) return;
    waitMs = FIRST_WAIT_MS;
    onEvent(field('event'), JSON.parse(data));
    lastId = field('id') ?? lastId;
  }

  async function run() {
    while (!stopped) {
      await connect();
      if (stopped) return;
      const jittered = waitMs * (0.5 + Math.random() / 2); // not all clients at once after a restart
      await new Promise((resolve) => { wake = resolve; setTimeout(resolve, jittered); });
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  const now = () => { if (!document.hidden) wake(); };
  window.addEventListener('online', now);
  document.addEventListener('visibilitychange', now);
  run();
  return () => {
    stopped = true;
    connection?.abort();
    wake();
    window.removeEventListener('online', now);
    document.removeEventListener('visibilitychange', now);
  };
}
