// The dataset of a run config: one set of cases held against the core, against the published schema by
// another validator and, of a dataset's schema, against loadDataset, so that none says other things than
// the others.
import {
  configure, type DatasetSchema, hashJson, loadDataset, RepriseError, type RunConfig, type RunDataset, shutdown,
  validateRunConfig,
} from 'reprise';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { expectNothingAlive } from '../testing/material.js';
import { fitsRunConfigSchema } from '../testing/run-config-schema.js';

await configure({ threads: 1, log: false });
afterAll(shutdown);
afterEach(expectNothingAlive);

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Where something is refused, or undefined where it is not. */
async function refusal(work: Promise<unknown>): Promise<{ path: string; code: string } | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof RepriseError) || typeof error.path !== 'string') throw error;
    return { path: error.path, code: error.code };
  }
}

const configOf = (dataset: unknown): unknown => ({ version: 1, dataset });
const check = (dataset: unknown) => refusal(validateRunConfig(configOf(dataset)));
const fits = (dataset: unknown) => fitsRunConfigSchema(JSON.parse(JSON.stringify(configOf(dataset))));
const ofSchema = (schema: unknown) => ({ source: 'a.csv', schema });
const load = (schema: unknown) => refusal(
  loadDataset(new Uint8Array(), { format: 'jsonl', schema: schema as DatasetSchema }));

// Everything that there may be at once.
const schema = {
  version: 1,
  fields: [
    { name: 'a', type: 'string', optional: true, from: 'any', path: 'x.y', modality: 'text' },
    { name: 'b', type: { list: 'int64' }, path: ['x', 'y.z'], modality: 'tokens' },
    { name: 'c', type: 'categorical', categories: ['p', 'q', ''] },
    { name: 'd e', type: 'bytes' },
  ],
  otherFields: 'ignore', delimiter: '|', text: 'a', splits: { train: 0.9, 'test set': 0.1 }, seed: 7,
} as const satisfies DatasetSchema;
const dataset = {
  source: ['data/a.csv', 'b c.csv.gz'], format: 'csv', compression: 'gzip', schema,
  columns: ['a', 'c', 'b'], delimiter: ';', quote: "'", header: true,
  onError: 'collect', maxErrors: 10,
  split: { ratios: { train: 0.5, test: 0.5 }, seed: 0, method: 'content', key: 'c' },
} as const satisfies RunDataset;

const field = (members: object): object => ({ version: 1, fields: [{ name: 'a', type: 'string', ...members }] });
const splitOf = (split: unknown, more: object = {}): object => ({ source: 'a.csv', ...more, split });

const acceptedSchemas: [string, object][] = [
  ['everything', schema],
  ['one field', field({})],
  ['a path of one name', field({ path: 'a' })],
  ['a path with dots in its names', field({ path: ['a.b', 'c'] })],
  ['a path of 64 names', field({ path: Array.from({ length: 64 }, () => 'a').join('.') })],
  ['a list of a category', field({ type: { list: 'categorical' }, categories: ['p'] })],
  ['undefined members', field({ path: undefined, optional: undefined })],
  ['4096 fields', { version: 1, fields: Array.from({ length: 4096 }, (_, i) => ({ name: `${i}`, type: 'bool' })) }],
  ['the largest seed', { ...field({}), seed: 2 ** 53 - 1 }],
];

const refusedSchemas: [string, unknown][] = [
  ['$.version', {}],
  ['$.version', { ...field({}), version: 2 }],
  ['$.version', { ...field({}), version: 0 }],
  ['$.version', { ...field({}), version: '1' }],
  ['$.fields', { version: 1 }],
  ['$.fields', { version: 1, fields: [] }],
  ['$.fields', { version: 1, fields: { a: 'string' } }],
  ['$.fields', { version: 1, fields: Array.from({ length: 4097 }, (_, i) => ({ name: `${i}`, type: 'bool' })) }],
  ['$.fields[0]', { version: 1, fields: ['a'] }],
  ['$.columns', { ...field({}), columns: [] }],
  ['$["a b"]', { ...field({}), 'a b': 1 }],
  ['$.fields[0].kind', field({ kind: 1 })],
  ['$.fields[0].name', field({ name: '' })],
  ['$.fields[0].name', field({ name: undefined })],
  ['$.fields[0].type', field({ type: undefined })],
  ['$.fields[0].type', field({ type: 'text' })],
  ['$.fields[0].type', field({ type: null })],
  ['$.fields[0].optional', field({ optional: 1 })],
  ['$.fields[0].from', field({ from: 'json' })],
  ['$.fields[0].path', field({ path: '' })],
  ['$.fields[0].path', field({ path: 'a..b' })],
  ['$.fields[0].path', field({ path: Array.from({ length: 65 }, () => 'a').join('.') })],
  ['$.fields[0].path', field({ path: [] })],
  ['$.fields[0].path', field({ path: Array.from({ length: 65 }, () => 'a') })],
  ['$.fields[0].modality', field({ modality: 'sound' })],
  ['$.fields[0].categories', field({ type: 'categorical', categories: [] })],
  ['$.fields[0].categories', field({ type: 'categorical', categories: 'p' })],
  ['$.fields[0].categories', field({ type: 'categorical', categories: ['p', 'p'] })],
  ['$.otherFields', { ...field({}), otherFields: 'keep' }],
  ['$.delimiter', { ...field({}), delimiter: '||' }],
  ['$.text', { ...field({}), text: 0 }],
  ['$.splits', { ...field({}), splits: {} }],
  ['$.splits["a b"]', { ...field({}), splits: { 'a b': 0 } }],
  ['$.splits.a', { ...field({}), splits: { a: 1.5 } }],
  ['$.seed', { ...field({}), seed: -1 }],
  ['$.seed', { ...field({}), seed: 2 ** 53 }],
  ['$.seed', { ...field({}), seed: 0.5 }],
];

// What no JSON Schema says, or not in words that anybody reads.
const beyondSchemas: [string, object][] = [
  ['$.fields[1].name', { version: 1, fields: [{ name: 'a', type: 'bool' }, { name: 'a', type: 'string' }] }],
  ['$.fields[0].from', field({ type: 'bool', from: 'any' })],
  ['$.fields[0].from', field({ type: { list: 'string' }, from: 'any' })],
  ['$.fields[0].categories', field({ type: 'categorical' })],
  ['$.fields[0].categories', field({ categories: ['p'] })],
  ['$.text', { ...field({}), text: 'b' }],
  ['$.splits', { ...field({}), splits: { a: 0.5 } }],
];

const acceptedDatasets: [string, object][] = [
  ['everything', dataset],
  ['a file', { source: 'a.csv' }],
  ['files with dots and spaces inside', { source: ['..a/b c/.d', 'e'] }],
  ['no quote, and a tab', { source: 'a', format: 'tsv', delimiter: '\t', quote: '' }],
  ['rows of text', { source: 'a', format: 'text', textRows: 'blank_line' }],
  ['rows of text, by the name', { source: 'a.md', textRows: 'whole', schema: field({}) }],
  ['Parquet, with no other compression', { source: 'a.parquet', compression: 'none' }],
  ['a tab and a quote of tsv, by the name', { source: 'a.tsv.gz', quote: '"', header: false }],
  ['a path of json', { source: 'a', format: 'json', rowsPath: 'data.rows' }],
  ['a path by names', { source: 'a.json', rowsPath: ['data.x', 'rows'] }],
  ['shares of the schema', splitOf({ method: 'shuffle', stratify: 'a' }, { schema })],
  ['shares of nobody yet', splitOf({})],
  ['counts', splitOf({ counts: { train: 4294967295, test: 0 }, stratify: 'b' })],
  ['the method of datasets', splitOf({ ratios: { test: 0.1, train: 0.9 }, method: 'huggingface' })],
  ['a field of the columns', splitOf({ key: 'b' }, { columns: ['a', 'b'] })],
];

const refusedDatasets: [string, unknown][] = [
  ['$.dataset', null],
  ['$.dataset', 'a.csv'],
  ['$.dataset.source', {}],
  ['$.dataset.source', { source: [] }],
  ...['', '.', '..', '../a', 'a/../../b', './a', 'a/', '/a', 'a//b', 'C:\\a', 'C:a', '\\\\host\\a',
    'https://example.org/a.csv', 'file:///a', 'a\0', 'a/.. ', '.../a'].flatMap((file): [string, unknown][] => [
    ['$.dataset.source', { source: file }], ['$.dataset.source[1]', { source: ['a', file] }]]),
  ['$.dataset.files', { source: 'a', files: ['b'] }],
  ['$.dataset.signal', { source: 'a', signal: {} }],
  ['$.dataset.headers', { source: 'a', headers: {} }],
  ['$.dataset.format', { source: 'a', format: 'xml' }],
  ['$.dataset.compression', { source: 'a', compression: 'brotli' }],
  ['$.dataset.columns', { source: 'a', columns: [] }],
  ['$.dataset.columns[1]', { source: 'a', columns: ['a', 1] }],
  ['$.dataset.columns[1]', { source: 'a', columns: ['a', 'a'] }],
  ['$.dataset.delimiter', { source: 'a', format: 'jsonl', delimiter: ';' }],
  ['$.dataset.delimiter', { source: 'a', delimiter: '' }],
  ['$.dataset.delimiter', { source: 'a', delimiter: '||' }],
  ['$.dataset.delimiter', { source: 'a', delimiter: '\n' }],
  ['$.dataset.delimiter', { source: 'a', delimiter: '\u00e4' }],
  ['$.dataset.quote', { source: 'a', quote: '\r' }],
  ['$.dataset.quote', { source: 'a', format: 'text', quote: '' }],
  ['$.dataset.header', { source: 'a', header: 'yes' }],
  ['$.dataset.header', { source: 'a', format: 'json', header: true }],
  ['$.dataset.header', { source: 'a', format: 'parquet', header: true }],
  ['$.dataset.compression', { source: 'a', format: 'parquet', compression: 'zstd' }],
  ['$.dataset.textRows', { source: 'a', format: 'csv', textRows: 'line' }],
  ['$.dataset.textRows', { source: 'a', delimiter: ';', textRows: 'line' }],
  ['$.dataset.rowsPath', { source: 'a', format: 'csv', rowsPath: 'rows' }],
  ['$.dataset.rowsPath', { source: 'a', format: 'jsonl', rowsPath: 'rows' }],
  ['$.dataset.rowsPath', { source: 'a', textRows: 'line', rowsPath: 'rows' }],
  ['$.dataset.textRows', { source: 'a', textRows: 'word' }],
  ['$.dataset.rowsPath', { source: 'a', rowsPath: '' }],
  ['$.dataset.rowsPath', { source: 'a', rowsPath: [] }],
  ['$.dataset.onError', { source: 'a', onError: 'ignore' }],
  ['$.dataset.maxErrors', { source: 'a', maxErrors: 0 }],
  ['$.dataset.split', splitOf(0.8)],
  ['$.dataset.split', splitOf({ ratios: { a: 1 }, counts: { a: 1 } })],
  ['$.dataset.split.ratios', splitOf({ ratios: [0.5, 0.5] })],
  ['$.dataset.split.ratios', splitOf({ ratios: {} })],
  ['$.dataset.split.ratios.a', splitOf({ ratios: { a: 1.5 } })],
  ['$.dataset.split.counts.a', splitOf({ counts: { a: 0.5 } })],
  ['$.dataset.split.counts.a', splitOf({ counts: { a: 2 ** 32 } })],
  ['$.dataset.split.seed', splitOf({ seed: -1 })],
  ['$.dataset.split.method', splitOf({ method: 'random' })],
  ['$.dataset.split.key', splitOf({ key: '' })],
  ['$.dataset.split.names', splitOf({ names: [] })],
];

const beyondDatasets: [string, object][] = [
  ['$.dataset.quote', { source: 'a.csv', quote: ',' }],
  ['$.dataset.quote', { source: 'a', delimiter: ';', quote: ';' }],
  ['$.dataset.delimiter', { source: 'a', format: 'csv', delimiter: '"' }],
  ['$.dataset.quote', { source: 'a.tsv', quote: '\t' }],
  ['$.dataset.textRows', { source: 'a.csv', textRows: 'line' }],
  ['$.dataset.header', { source: ['a.json', 'b.json'], header: true }],
  ['$.dataset.rowsPath', { source: 'a.csv.gz', rowsPath: 'rows' }],
  ['$.dataset.compression', { source: 'a.parquet', compression: 'gzip' }],
  ['$.dataset.source', { source: ['a.csv', 'b.json'] }],
  ['$.dataset.schema', { source: 'a.txt', schema: field({ type: 'bool' }) }],
  ['$.dataset.columns[1]', { source: 'a', schema, columns: ['a', 'e'] }],
  ['$.dataset.split.key', splitOf({ key: 'b' }, { schema, columns: ['a'] })],
  ['$.dataset.split.stratify', splitOf({ stratify: 'e' }, { schema })],
  ['$.dataset.split.key', splitOf({ key: 'b' }, { columns: ['a'] })],
  ['$.dataset.split.ratios', splitOf({ ratios: { a: 0.5, b: 0.4 } })],
  ['$.dataset.split.ratios', splitOf({ ratios: { '': 1 } })],
  ['$.dataset.split.counts', splitOf({ counts: { a: 4294967295, b: 1 } })],
  ['$.dataset.split.counts', splitOf({ counts: { a: 1 }, method: 'content' })],
  ['$.dataset.split.counts', splitOf({ counts: { a: 1 }, key: 'a' })],
  ['$.dataset.split.ratios', splitOf({ ratios: { a: 0.5, b: 0.5 }, method: 'huggingface' })],
  ['$.dataset.split.key', splitOf({ ratios: { train: 0.5, test: 0.5 }, method: 'huggingface', key: 'a' })],
  ['$.dataset.split.stratify', splitOf({ ratios: { a: 1 }, key: 'a', stratify: 'b' })],
  ['$.dataset.schema.splits', splitOf({ method: 'huggingface' }, { schema })],
];

describe('a dataset of a run config', () => {
  it.each(acceptedDatasets)('may have %s', async (_, given) => {
    expect(await validateRunConfig(configOf(given))).toEqual(JSON.parse(JSON.stringify(configOf(given))));
    expect(fits(given)).toBe(true);
  });

  it.each(refusedDatasets)('is refused at %s, also by the published schema: %j', async (path, given) => {
    expect(await check(given)).toEqual({ path, code: 'invalid_config' });
    expect(fits(given)).toBe(false);
  });

  it.each(beyondDatasets)('is refused at %s by the core alone: %j', async (path, given) => {
    expect(await check(given)).toEqual({ path, code: 'invalid_config' });
    expect(fits(given)).toBe(true);
  });

  // What the config alone can know loadDataset refuses of the same member, and nothing else of it.
  const ofRows = ['format', 'compression', 'delimiter', 'quote', 'header', 'textRows', 'rowsPath', 'source'];
  const isName = (source: unknown) => typeof source === 'string' && /^[a-z]+(\.[a-z]+)*$/.test(source);
  const refused = [...refusedDatasets, ...beyondDatasets].filter(([path, given]) => {
    const sources = [(given as RunDataset | null)?.source].flat();
    return ofRows.includes(path.replace('$.dataset.', '')) && sources.length > 0 && sources.every(isName);
  });
  it.each(refused)('is refused at %s by loadDataset too: %j', async (path, given) => {
    const { source, ...options } = given as RunDataset;
    const load = loadDataset([source].flat().map((name) => new File([], name)), options);
    await expect(load).rejects.toMatchObject({ code: 'invalid_argument', argument: path.replace('$.dataset.', '') });
  });

  it('stands beside a model or alone, and in the hash', async () => {
    const both: RunConfig = { version: 1, model: { folder: 'm' }, dataset, seed: 42 };
    expect(await validateRunConfig(both)).toEqual(both);
    expect(fitsRunConfigSchema(both)).toBe(true);
    const { dataset: _, ...without } = both;
    expect(await hashJson(both)).not.toBe(await hashJson(without));
  });
});

/** The path of a schema's member in a config. */
const inConfig = (path: string) => path.replace('$', '$.dataset.schema');

describe("a dataset's schema", () => {
  it.each(acceptedSchemas)('may have %s', async (_, given) => {
    expect([await check(ofSchema(given)), await load(given)]).toEqual([undefined, undefined]);
    expect(fits(ofSchema(given))).toBe(true);
  });

  it.each(refusedSchemas)('is refused at %s, also by the published schema', async (path, given) => {
    const code = (given as { version?: unknown }).version === 2 ? 'unsupported' : 'invalid_config';
    expect(await check(ofSchema(given))).toEqual({ path: inConfig(path), code });
    expect(await load(given)).toEqual({ path, code });
    expect(fits(ofSchema(given))).toBe(false);
  });

  it.each(beyondSchemas)('is refused at %s by the core alone', async (path, given) => {
    expect(await check(ofSchema(given))).toEqual({ path: inConfig(path), code: 'invalid_config' });
    expect(await load(given)).toEqual({ path, code: 'invalid_config' });
    expect(fits(ofSchema(given))).toBe(true);
  });
});

const unique = (value: string, at: number, all: readonly string[]) => all.indexOf(value) === at;
const others: readonly Json[] = [
  null, true, -1, 0, 0.5, 1, 2, 2 ** 32, 2 ** 53, '', ' ', '.', 'a', 'a.', 'a/b', 'string', [], [''], ['a', 'a'],
  [null], {}, { a: 1 }, { a: 0.5 }, { '': 1 }, { list: 'bool' }, { list: 'x' },
];

/** A value with each of its parts in turn made another, left out, or given something more. */
function* changed(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    for (const [i, part] of list.entries()) {
      const [before, behind] = [list.slice(0, i), list.slice(i + 1)];
      for (const other of [...others, ...changed(part)]) yield [...before, other, ...behind];
      yield [...before, ...behind];
      yield [...list, part];
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      for (const other of [...others, ...changed(part)]) yield { ...value, [name]: other };
      const { [name]: _, ...rest } = value as Record<string, Json>;
      yield rest;
      yield { ...rest, [`${name}s`]: part };
    }
  }
}

describe('with each of its parts changed', () => {
  it("a dataset's schema is for loadDataset what it is in a config", async () => {
    let count = 0;
    for (const given of changed(schema)) {
      const [found, loaded] = [await check(ofSchema(given)), await load(given)];
      const words = JSON.stringify(given);
      expect([words, found?.code]).toEqual([words, loaded?.code]);
      if (found === undefined) expect([words, fits(ofSchema(given))]).toEqual([words, true]);
      count++;
    }
    expect(count).toBeGreaterThan(800);
  });

  it('what the published schema refuses in a dataset the core refuses too, and little more', async () => {
    const beyond = new Set<string>();
    for (const given of changed(dataset)) {
      const found = await check(given);
      const words = JSON.stringify(given);
      if (!fits(given)) expect([words, found]).toEqual([words, expect.anything()]);
      else if (found !== undefined) beyond.add(found.path);
    }
    expect([...beyond].map((path) => path.replace(/\[\d+\]/, '[]')).filter(unique).sort()).toEqual([
      '$.dataset.columns[]', '$.dataset.schema.fields[].categories', '$.dataset.schema.fields[].from',
      '$.dataset.schema.fields[].name', '$.dataset.schema.fields[].path', '$.dataset.schema.splits',
      '$.dataset.schema.text', '$.dataset.split.key', '$.dataset.split.ratios',
    ]);
  });
});
