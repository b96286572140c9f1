// Datasets: the same rows, hashes and splits natively, in Node and in browsers, of every format and
// whatever pieces the bytes come in.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { referencePath } from '../support/reference.mjs';
import { browserLegs, inBrowser } from './browser_leg.mjs';
import { readDatasets } from './dataset_leg.mjs';

const root = join(import.meta.dirname, '../..');
const native = join(root, 'build/native-release/reprise_native');
const work = mkdtempSync(join(tmpdir(), 'reprise-datasets-'));
afterAll(() => rmSync(work, { recursive: true }));

const small = {
  'rows.csv': 'id,label,x,text\n1,ham,0.5,"a, ""b""\nc"\n2,spam,,\u00e9\n3,ham,1e-7,\n',
  'rows.tsv': '1\tham\t0.5\tone\n2\tspam\t\ttwo\n3\tham\t1e-7\t"three\n',
  'rows.jsonl': '{"id":1,"label":"ham","x":0.5,"text":"a, \\"b\\"\\nc"}\n{"id":2,"label":"spam","x":null,"text":"\\u00e9"}\n',
  'rows.json': '[{"q":{"a":[1,2]},"t":"x"},{"q":{"a":[]},"t":7}]',
  'rows.txt': 'one\r\n\r\ntwo\u2028three',
};
const files = Object.entries(small).map(([name, text]) => {
  writeFileSync(join(work, name), text);
  return { name, path: join(work, name) };
});
const datasets = referencePath('datasets');
const reference = datasets === undefined ? [] : [
  'csv/seattle-weather.csv', 'csv/sentence_polarity.csv', 'csv/sms_spam.csv', 'csv/sms_spam.tsv',
  'csv/zipcodes.csv', 'json/flights-20k.json', 'json/instruction-data.json', 'json/movies.json',
  'json/sotu_last30.json', 'jsonl/dolly_subset.jsonl', 'jsonl/gsm8k_test.jsonl',
  'jsonl/self_instruct_seed_tasks.jsonl', 'jsonl/sms_spam.jsonl', 'jsonl/tinystories_sample.jsonl',
  'text/names.txt', 'text/tinyshakespeare.txt',
].map((name) => ({ name, path: join(datasets, name) }));
const all = [...files, ...reference];

const ratios = 'train=0.5,test=0.5';
function natively(path, piece) {
  const words = ['dataset', 'split', path, '--ratios', ratios, '--seed', '7', '--piece', String(piece)];
  return JSON.parse(execFileSync(native, words, { encoding: 'utf8', maxBuffer: 1 << 26 }));
}

test('the native command is there', () => expect(existsSync(native)).toBe(true));

const expected = Object.fromEntries(all.map(({ name, path }) => [name, natively(path, 1 << 20)]));

describe('natively, whatever the pieces', () => {
  test.each(files)('$name', ({ name, path }) => {
    for (const piece of [1, 2, 3, 7, 64, 65]) expect(natively(path, piece)).toEqual(expected[name]);
  });
  test.each(reference)('$name', ({ name, path }) => {
    expect(natively(path, 4093)).toEqual(expected[name]);
  });
});

test('the same rows have the same hashes in every format', () => {
  if (datasets === undefined) return;
  const { hash, splits } = expected['csv/sms_spam.csv'];
  for (const name of ['csv/sms_spam.tsv', 'jsonl/sms_spam.jsonl']) {
    expect({ hash: expected[name].hash, splits: expected[name].splits }).toEqual({ hash, splits });
  }
});

const contents = (most) => all
  .map(({ name, path }) => ({ name, base64: readFileSync(path).toString('base64') }))
  .filter(({ base64 }) => base64.length < most);
const expectedOf = (files) => Object.fromEntries(files.map(({ name }) => [name, expected[name]]));

test('Node', async () => {
  const reprise = await import(pathToFileURL(join(root, 'packages/reprise/dist/index.js')).href);
  const files = contents(Infinity);
  expect(await reprise.configure({ log: false })).toBeUndefined();
  expect(await readDatasets(reprise, { files })).toEqual(expectedOf(files));
  await reprise.shutdown();
}, 120_000);

// To browsers go those that travel as text in little time.
test.each(browserLegs)('%s', async (_, browser, isolated) => {
  const files = contents(700_000);
  const found = await inBrowser(
    browser, root, { folders: {}, tokenizers: {}, texts: [] }, isolated, 'datasetLeg', { files });
  expect(found).toEqual(expectedOf(files));
}, 120_000);
