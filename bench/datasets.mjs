// Reads files of 100 MB into typed columns, in turn with other readers, in this Node.
//
//   node bench/datasets.mjs [short] [long] [jsonl] [pack] [--rounds N] [--megabytes N]
//
// short: CSV of short typed fields (zip codes); long: CSV of long quoted texts (film reviews); jsonl: the
// same as JSON Lines; pack: texts to packed token rows, beside the tokenizer alone; each repeated to that
// size from the reference material in .reference/. large, only where it is named: one column of a CSV file
// of 4 GB, and the memory that it took. First it checks that all give the same. All begin with a file
// that the system has in memory; what peers take from strings is also timed from strings read before.
import {
  appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** A file of the reference material. */
function reference(path) {
  const full = new URL(`../.reference/datasets/${path}`, import.meta.url);
  if (!existsSync(full)) throw new Error(`${full.pathname} is missing: it is part of the reference material`);
  return readFileSync(full, 'utf8');
}
/** A text again and again until it has so many bytes. */
function repeated(text) {
  return text.repeat(Math.max(1, Math.round(wanted / Buffer.byteLength(text))));
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
    [name, Math.round(bytes / 1e2 / median(all)) / 10]));
  console.log(JSON.stringify({ what, megabytes: Math.round(bytes / 1e6), 'MB/s': rates }));
}
function same(what, found, expected) {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}
const folder = mkdtempSync(join(tmpdir(), 'reprise-bench-'));
function written(name, text) {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const ours = async (file, schema) => (await reprise.loadDataset(file, { schema })).columns();
const sum = (column) => column.values.reduce((total, value) => total + Number(value), 0);

/** CSV to columns, ours and uDSV's. */
const udsvColumns = (text) => initParser(udsvSchema(text.slice(0, 100_000))).typedCols(text);

async function csv(what, text, check, more) {
  const file = written('rows.csv', text);
  const schema = await reprise.inferSchema(file);
  check(await ours(file, schema), udsvColumns(text));
  await inTurn(what, statSync(file).size, {
    reprise: () => ours(file, schema),
    'uDSV': () => udsvColumns(readFileSync(file, 'utf8')),
    'uDSV of a string': () => udsvColumns(text),
    ...more(file),
  });
}

async function short() {
  const [head, ...rows] = reference('csv/zipcodes.csv').trimEnd().split('\n');
  await csv('CSV, short typed fields, to columns', `${head}\n${repeated(`${rows.join('\n')}\n`)}`,
    (columns, [, latitudes]) => same('latitudes', sum(columns.latitude), latitudes.reduce((a, b) => a + Number(b), 0)),
    (file) => ({
      papaparse: () => papaparse.parse(readFileSync(file, 'utf8'), { header: false, dynamicTyping: true }),
      'csv-parse': () => csvParse(readFileSync(file), { cast: true, relax_column_count: true }),
    }));
}

async function long() {
  const quote = (text) => `"${text.replaceAll('"', '""')}"`;
  const rows = reviews().map(({ text, label }) => `${quote(text)},${quote(String(label))}\n`).join('');
  await csv('CSV, long quoted texts, to columns', `text,label\n${repeated(rows)}`,
    (columns, [texts]) => same('bytes of text', columns.text.values.length,
      texts.reduce((a, b) => a + Buffer.byteLength(b), 0)),
    () => ({}));
}

function reviews() {
  return reference('jsonl/movie_reviews.jsonl').trimEnd().split('\n').map((line) => JSON.parse(line));
}

async function jsonl() {
  const text = repeated(reference('jsonl/movie_reviews.jsonl'));
  const file = written('rows.jsonl', text);
  const schema = await reprise.inferSchema(file);
  const byLine = (all) => {
    const rows = [];
    for (let at = 0; at < all.length;) {
      const end = all.indexOf('\n', at);
      rows.push(JSON.parse(all.slice(at, end)));
      at = end + 1;
    }
    return rows;
  };
  const columns = await ours(file, schema);
  same('bytes of text', columns.text.values.length, byLine(text).reduce((sum, row) => sum + Buffer.byteLength(row.text), 0));
  await inTurn('JSON Lines, to columns', statSync(file).size, {
    reprise: () => ours(file, schema),
    'JSON.parse by line': () => byLine(readFileSync(file, 'utf8')),
    'JSON.parse by line of a string': () => byLine(text),
  });
}

async function pack() {
  const lines = repeated(reference('text/tinystories_sample.txt')).split('\n').filter((line) => line !== '');
  const bytes = lines.reduce((total, line) => total + Buffer.byteLength(line), 0);
  const tokenizer = await reprise.loadTokenizer(new URL('../fixtures/models/stories-260k/tokenizer.json', import.meta.url));
  const data = await reprise.loadDataset(written('rows.txt', `${lines.join('\n')}\n`));
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

/** Runs in a process of its own for its memory to be its own: `large` is best named alone. */
async function large() {
  const rows = reviews().map(({ text, label }, i) => `${i},"${text.replaceAll('"', '""')}",${label}\n`).join('');
  const block = Buffer.from(rows.repeat(8));
  const file = written('large.csv', 'id,text,label\n');
  for (let size = 0; size < 4 * 2 ** 30; size += block.length) appendFileSync(file, block);
  const begin = performance.now();
  const { id } = await (await reprise.loadDataset(file, { columns: ['id'] })).columns();
  const seconds = (performance.now() - begin) / 1e3;
  same('rows', id.values.length % (8 * 2000), 0);
  console.log(JSON.stringify({
    what: 'one column of a CSV file', megabytes: Math.round(statSync(file).size / 1e6), rows: id.values.length,
    'MB/s': Math.round(statSync(file).size / 1e6 / seconds), 'resident megabytes at most': Math.round(process.resourceUsage().maxRSS / 1e3),
  }));
}

const benches = { short, long, jsonl, pack, large };
try {
  for (const name of names) {
    if (benches[name] === undefined) throw new Error(`no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
    await benches[name]();
  }
} finally {
  rmSync(folder, { recursive: true });
}
await reprise.shutdown();
