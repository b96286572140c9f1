// Reads files of 100 MB into typed columns, in turn with other readers, in this Node.
//
//   node bench/datasets.mjs [short] [long] [jsonl] [pack] [--rounds N] [--megabytes N]
//
// short: CSV of short typed fields; long: CSV of long quoted texts; jsonl: JSON Lines of texts; pack: texts
// to packed token rows, beside the tokenizer alone. First it checks that all give the same. Peers get
// strings, decoded before the time counts; ours gets bytes.
import { parseArgs } from 'node:util';
import { parse as csvParse } from './peers/node_modules/csv-parse/dist/esm/sync.js';
import papaparse from './peers/node_modules/papaparse/papaparse.js';
import { inferSchema as udsvSchema, initParser } from './peers/node_modules/udsv/dist/uDSV.mjs';
import * as reprise from '../packages/reprise/dist/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, megabytes: { type: 'string', default: '100' } },
});
const rounds = Number(values.rounds);
const wanted = Number(values.megabytes) * 1e6;
const names = positionals.length > 0 ? positionals : ['short', 'long', 'jsonl', 'pack'];
await reprise.configure({ threads: 1, log: false });

/** Numbers of a small generator, the same every time (Steele and Vigna's SplitMix, 32 bits of it). */
function* numbers() {
  let state = 1n;
  for (;;) {
    state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    let z = ((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    yield Number((z ^ (z >> 31n)) & 0xffffffffn);
  }
}
const random = numbers();
const draw = (most) => random.next().value % most;
const words = Array.from({ length: 500 }, () =>
  Array.from({ length: 2 + draw(8) }, () => String.fromCharCode(97 + draw(26))).join(''));
const sentence = (count) => Array.from({ length: count }, () => words[draw(words.length)]).join(' ');

/** Lines until a text has so many bytes; a block of them is repeated. */
function file(head, line) {
  const block = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');
  const times = Math.max(1, Math.round(wanted / block.length));
  return head + block.repeat(times);
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
async function inTurn(what, bytes, works) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const begin = performance.now();
      await work();
      if (round > 0) times[name].push(performance.now() - begin); // The first is a warm-up.
    }
  }
  const rates = Object.fromEntries(Object.entries(times).map(([name, all]) =>
    [name, Math.round(bytes / 1e3 / median(all))]));
  console.log(JSON.stringify({ what, megabytes: Math.round(bytes / 1e6), 'MB/s': rates }));
}
function same(what, found, expected) {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
const encoder = new TextEncoder();
const ours = async (bytes, format, schema) => (await reprise.loadDataset(bytes, { format, schema })).columns();
const sum = (column) => column.values.reduce((total, value) => total + Number(value), 0);

async function short() {
  const text = file('id,price,count,name,date,ok\n', (i) =>
    `${i},${draw(100000) / 100},${draw(1000)},${words[draw(500)]},2024-0${1 + draw(9)}-1${draw(10)},${draw(2) === 1}\n`);
  const bytes = encoder.encode(text);
  const schema = await reprise.inferSchema(bytes, { format: 'csv' });
  const udsv = () => initParser(udsvSchema(text.slice(0, 10_000))).typedCols(text);
  const columns = await ours(bytes, 'csv', schema);
  same('counts', sum(columns.count), udsv()[2].reduce((a, b) => a + b, 0));
  await inTurn('CSV, short typed fields, to columns', bytes.length, {
    reprise: () => ours(bytes, 'csv', schema),
    udsv,
    papaparse: () => papaparse.parse(text, { header: false, dynamicTyping: true }),
    'csv-parse': () => csvParse(bytes.subarray(0, bytes.length / 10 | 0), { cast: true, relax_column_count: true }),
  });
}

async function long() {
  const text = file('id,text\n', (i) => `${i},"${sentence(150)}, ""${words[i % 500]}"""\n`);
  const bytes = encoder.encode(text);
  const schema = await reprise.inferSchema(bytes, { format: 'csv' });
  const udsv = () => initParser(udsvSchema(text.slice(0, 10_000))).typedCols(text);
  const columns = await ours(bytes, 'csv', schema);
  same('bytes of text', columns.text.values.length, udsv()[1].reduce((a, b) => a + b.length, 0));
  await inTurn('CSV, long quoted texts, to columns', bytes.length, {
    reprise: () => ours(bytes, 'csv', schema), udsv,
  });
}

async function jsonl() {
  const text = file('', (i) => `${JSON.stringify({ id: i, text: sentence(150) })}\n`);
  const bytes = encoder.encode(text);
  const schema = await reprise.inferSchema(bytes, { format: 'jsonl' });
  const byLine = () => {
    const rows = [];
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      rows.push(JSON.parse(text.slice(at, end)));
      at = end + 1;
    }
    return rows;
  };
  const columns = await ours(bytes, 'jsonl', schema);
  same('ids', sum(columns.id), byLine().reduce((total, { id }) => total + id, 0));
  await inTurn('JSON Lines, to columns', bytes.length, {
    reprise: () => ours(bytes, 'jsonl', schema), 'JSON.parse by line': byLine,
  });
}

async function pack() {
  const lines = file('', () => `${sentence(300)}\n`).trimEnd().split('\n');
  const bytes = lines.reduce((total, line) => total + line.length, 0);
  const tokenizer = await reprise.loadTokenizer(new URL('../fixtures/models/stories-260k/tokenizer.json', import.meta.url));
  const data = await reprise.loadDataset(encoder.encode(`${lines.join('\n')}\n`), { format: 'text' });
  const packed = async () => {
    let count = 0;
    for await (const { tokens } of data.tokenize(tokenizer).pack(512, { eos: 2, last: 'pad' })) count += tokens.length;
    return count;
  };
  const alone = async () => {
    let count = 0;
    for (let at = 0; at < lines.length; at += 256) {
      for (const { ids } of await tokenizer.encodeBatch(lines.slice(at, at + 256))) count += ids.length + 1;
    }
    return count;
  };
  same('tokens', await packed(), Math.ceil((await alone()) / 512) * 512);
  await inTurn('text, tokenized and packed', bytes, { reprise: packed, 'the tokenizer alone': alone });
}

const benches = { short, long, jsonl, pack };
for (const name of names) {
  if (benches[name] === undefined) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
  await benches[name]();
}
await reprise.shutdown();
