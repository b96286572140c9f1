// Datasets: the same rows, hashes, splits and batches natively, in Node and in browsers, of every format
// and whatever pieces the bytes come in.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referencePath } from '../support/reference.mjs';
import { serve } from '../../tools/serve.mjs';
import { browserLegs, inBrowser } from './browser_leg.mjs';
import { datasetLeg } from './dataset_leg.mjs';

const root = join(import.meta.dirname, '../..');
const native = join(root, 'build/native-release/reprise_native');
const tokenizer = 'fixtures/models/stories-260k/tokenizer.json';
/** Holds every file that is read, those of the reference material as links. */
const work = mkdtempSync(join(tmpdir(), 'reprise-datasets-'));
afterAll(() => rmSync(work, { recursive: true }));

const small = {
  'rows.csv': 'id,label,x,text\n1,ham,0.5,"a, ""b""\nc"\n2,spam,,\u00e9\n3,ham,1e-7,\n',
  'rows.tsv': '1\tham\t0.5\tone\n2\tspam\t\ttwo\n3\tham\t1e-7\t"three\n',
  'rows.jsonl': '{"id":1,"label":"ham","x":0.5,"text":"a, \\"b\\"\\nc"}\n{"id":2,"label":"spam","x":null,"text":"\\u00e9"}\n',
  'rows.json': '[{"q":{"a":[1,2]},"t":"x"},{"q":{"a":[]},"t":7}]',
  'rows.txt': 'one\r\n\r\ntwo\u2028three',
};
for (const [name, text] of Object.entries(small)) writeFileSync(join(work, name), text);
const datasets = referencePath('datasets');
const linked = datasets === undefined ? [] : [
  'csv/seattle-weather.csv', 'csv/sentence_polarity.csv', 'csv/sms_spam.csv', 'csv/sms_spam.tsv',
  'csv/zipcodes.csv', 'json/flights-20k.json', 'json/instruction-data.json', 'json/movies.json',
  'json/sotu_last30.json', 'jsonl/dolly_subset.jsonl', 'jsonl/gsm8k_test.jsonl',
  'jsonl/self_instruct_seed_tasks.jsonl', 'jsonl/sms_spam.jsonl', 'jsonl/tinystories_sample.jsonl',
  'text/names.txt', 'text/tinyshakespeare.txt',
];
const parquet = datasets === undefined ? [] : [
  'brotli', 'gzip', 'lz4_raw', 'snappy', 'uncompressed', 'zstd',
].map((codec) => `parquet/sms_spam.arrow-rs-${codec}.parquet`);
for (const name of [...linked, ...parquet]) symlinkSync(join(datasets, name), join(work, basename(name)));
const reference = linked.map((name) => basename(name));
const texts = [...Object.keys(small), ...reference];

// Every method, of a table that is there without the reference material too: 100 rows of 10 keys.
const table = 'table.csv';
writeFileSync(join(work, table), `id,label,key,text\n${Array.from({ length: 100 }, (_, i) =>
  `${i},${i % 3 === 0 ? 'ham' : 'spam'},k${i * 7 % 10},"text ${i * i}"`).join('\n')}\n`);
const halves = { ratios: { train: 0.5, test: 0.5 }, seed: 7 };
const methods = {
  shuffle: halves,
  content: { ...halves, method: 'content' },
  huggingface: { ratios: { train: 0.8, test: 0.2 }, seed: 42, method: 'huggingface' },
};
const fields = {
  key: { ...halves, key: 'key' },
  'key, content': { ...halves, key: 'key', method: 'content' },
  stratify: { ...halves, stratify: 'label' },
};

function runNative(words) {
  return execFileSync(native, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
}
/** What the native command makes of a file by one split. */
function natively(file, piece, { ratios, seed, method } = halves) {
  const config = join(work, 'reprise.json');
  writeFileSync(config, JSON.stringify({ version: 1, dataset: { source: file, split: { ratios, seed, method } } }));
  const { hash, schema, splits } = JSON.parse(runNative(['dataset', 'split', '--config', config, '--piece', String(piece)]));
  return { hash, schema, splits: { shuffle: splits } };
}

test('the native command is there', () => expect(existsSync(native)).toBe(true));

const expected = Object.fromEntries(texts.map((name) => [name, natively(name, 1 << 20)]));
for (const [method, how] of Object.entries(methods)) {
  const { hash, schema, splits } = natively(table, 1 << 20, how);
  expected[table] = { hash, schema, splits: { ...expected[table]?.splits, [method]: splits.shuffle } };
}

describe('natively, whatever the pieces', () => {
  test.each(Object.keys(small))('%s', (name) => {
    for (const piece of [1, 2, 3, 7, 64, 65]) expect(natively(name, piece)).toEqual(expected[name]);
  });
  test.each(reference)('%s', (name) => {
    expect(natively(name, 4093)).toEqual(expected[name]);
  });
});

test('the same rows have the same hashes in every format', () => {
  if (datasets === undefined) return;
  const { hash, splits } = expected['sms_spam.csv'];
  for (const name of ['sms_spam.tsv', 'sms_spam.jsonl']) {
    expect({ hash: expected[name].hash, splits: expected[name].splits }).toEqual({ hash, splits });
  }
});

// Files that the native command does not read: what they hold it reads from another.
const compressed = ['rows.csv', 'rows.jsonl', ...reference.filter((name) => name.startsWith('sms_spam'))];
for (const name of compressed) {
  writeFileSync(join(work, `${name}.gz`), gzipSync(readFileSync(join(work, name))));
  expected[`${name}.gz`] = expected[name];
}
for (const name of parquet.map((one) => basename(one))) {
  const { hash, splits } = expected['sms_spam.csv'];
  expected[name] = { hash, splits, schema: expect.objectContaining({ version: 1 }) };
}

// Packed batches, from the ids that the native tokenizer gives.
const packed = { file: 'texts.jsonl', take: 60, length: 32, eos: 2, size: 5 };
const lines = Array.from({ length: 80 }, (_, i) => `${'Once upon a time '.repeat(i % 5)}there were ${i * i} \u00e9.`);
writeFileSync(join(work, packed.file), lines.map((text) => `${JSON.stringify({ text })}\n`).join(''));
function packedNatively() {
  const jsonl = join(work, 'strings.jsonl');
  writeFileSync(jsonl, lines.slice(0, packed.take).map((text) => `${JSON.stringify(text)}\n`).join(''));
  const out = runNative(['tokenize', '--tokenizer', join(root, tokenizer), '--jsonl', jsonl]);
  const ids = out.trimEnd().split('\n').flatMap((line) => [...JSON.parse(line), packed.eos]);
  const { length, size } = packed;
  const rows = Array.from({ length: Math.floor(ids.length / length) }, (_, i) => ids.slice(i * length, (i + 1) * length));
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))
    .map((batch) => ({ tokens: batch.flat(), shape: [batch.length, length] }));
}

// What NumPy permutes, by which `datasets` splits. Its seeds go further than ours.
const numpy = JSON.parse(readFileSync(referencePath('conformance/numpy-pcg64/pcg64.json') ??
  join(root, 'fixtures/random/numpy.json'), 'utf8')).cases
  .map(({ seed, permutation }) => ({ seed: Number(seed), permutation }))
  .filter(({ seed, permutation }) => seed < 2 ** 53 && permutation.length > 1);

const given = {
  datasets: {
    cases: [
      ...Object.keys(expected).filter((name) => name !== table)
        .map((name) => ({ name, file: name, splits: { shuffle: halves } })),
      { name: table, file: table, splits: { ...methods, ...fields } },
    ],
  },
  packed: { ...packed, tokenizer: join(root, tokenizer) },
  seeds: numpy.map(({ seed, permutation }) => ({ seed, rows: permutation.length })),
};
/** The same with files at an address or in a folder. */
const givenAt = (at, more = {}) => ({
  ...given, datasets: { ...given.datasets, at }, packed: { ...given.packed, at, ...more },
});

let inNode;
beforeAll(async () => {
  const reprise = await import(pathToFileURL(join(root, 'packages/reprise/dist/index.js')).href);
  await reprise.configure({ log: false });
  inNode = await datasetLeg(reprise, givenAt(`${work}/`));
  await reprise.shutdown();
}, 120_000);

test('Node', () => {
  const { [table]: found, ...others } = inNode.datasets;
  const { [table]: known, ...rest } = expected;
  expect(others).toEqual(rest);
  expect({ ...found, splits: Object.fromEntries(Object.keys(methods).map((name) => [name, found.splits[name]])) })
    .toEqual(known);
  expect(inNode.packed).toEqual(packedNatively());
  expect(inNode.packed.at(-1).shape[0]).toBeLessThan(packed.size);
  expect(inNode.permutations).toEqual(numpy.map(({ permutation }) => permutation));
});

test('parts by a field hold what they are to hold', () => {
  const { splits } = inNode.datasets[table];
  const rowsOf = (name) => Object.values(splits[name]).map(({ rows }) => rows);
  expect(rowsOf('stratify')).toEqual([50, 50]);
  // Ten keys of ten rows.
  for (const name of ['key', 'key, content']) {
    expect(rowsOf(name).reduce((sum, rows) => sum + rows)).toBe(100);
    expect(rowsOf(name).every((rows) => rows % 10 === 0)).toBe(true);
  }
});

test.each(browserLegs)('%s', async (_, browser, isolated) => {
  const server = await serve({ folder: work, cors: true });
  try {
    const leg = givenAt(server.url, { tokenizer: `/${tokenizer}` });
    const nothing = { folders: {}, tokenizers: {}, texts: [] };
    expect(await inBrowser(browser, root, nothing, isolated, 'datasetLeg', leg)).toEqual(inNode);
  } finally {
    await server.close();
  }
}, 120_000);
