// Trains NLP.js and lets it answer, for evaluation/peers/nlpjs.py.
// Standard input, one JSON value a line: {modules, out}, then the list of [text, label] to train on,
// then the list of texts to answer. Standard output, lines that start with "=> " and hold one JSON value: the
// training's seconds, then the answers as [[label, score, milliseconds], ...], then the memory in MB. Other lines are
// NLP.js's own log of its epochs.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const write = (value) => process.stdout.write(`=> ${JSON.stringify(value)}\n`);

const { modules, out } = await next();
const { dockStart } = createRequire(modules)('@nlpjs/basic');
const settings = { nlp: { languages: ['en'], autoSave: false, autoLoad: false } };
const dock = await dockStart({ settings, use: ['Basic', 'LangEn'] });
const nlp = dock.get('nlp');
nlp.addLanguage('en');
for (const [text, label] of await next()) nlp.addDocument('en', text, label);

const start = process.hrtime.bigint();
await nlp.train();
write(Number(process.hrtime.bigint() - start) / 1e9);

const answers = [];
for (const text of await next()) {
  const from = process.hrtime.bigint();
  const { intent, classifications } = await nlp.process('en', text);
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  // "None" is what NLP.js says when no intent is likely enough; the likeliest real intent stands behind it.
  const none = classifications.find((item) => item.intent === 'None');
  const ranked = classifications.filter((item) => item.intent !== 'None');
  const topics = ranked.filter((item) => item.intent !== out);
  const score = none ? 1 - none.score : (topics[0]?.score ?? 0);
  answers.push([ranked[0]?.intent ?? intent, score, ms]);
}
write(answers);
write(process.memoryUsage().rss / 1e6);
