// Parquet written and read again, real datasets in every codec, and files that are damaged.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { CompressionCodec, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { referencePath } from '../../../../tests/support/reference.mjs';
import { RepriseError } from '../errors.js';
import { rejection } from '../testing/material.js';
import { diskFile, loadFile, memoryFile, readAll, rowsOf } from '../testing/parquet.js';
import type { DatasetSchema, Row } from '../types/dataset.js';
import { decompress, loadCodec } from './parquet/codecs.js';
import { openParquet, writeParquet } from './parquet.js';

const datasets = referencePath('datasets');
const examples = referencePath('conformance/hyparquet/test/files');
if (datasets === undefined) console.log('No reference material: no real datasets in Parquet are read.');

/** Puts rows into batches. */
async function* batched(rows: readonly Row[], size: number) {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** A file of rows, written. */
async function written(schema: DatasetSchema, rows: readonly Row[], size = 1000) {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeParquet(schema, batched(rows, size))) pieces.push(piece);
  return { file: memoryFile('rows.parquet', Buffer.concat(pieces)), pieces: pieces.length };
}

/** A file with one column, as other writers make them. */
function fileOf(element: Omit<SchemaElement, 'name'>, data: unknown[], name = 'x') {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer, statistics: false, schema: [{ name: 'schema', num_children: 1 }, { name, ...element }],
  });
  parquet.write({ columnData: [{ name, data }] });
  parquet.finish();
  return memoryFile('column.parquet', writer.getBytes());
}

/** What one column is read as. */
async function readColumn(element: Omit<SchemaElement, 'name' | 'repetition_type'>, data: unknown[]) {
  const { opened, rows } = await readAll(fileOf({ repetition_type: 'REQUIRED', ...element }, data));
  return { field: opened.schema.fields[0], values: rows.map(({ x }) => x) };
}

const everyType: DatasetSchema = {
  version: 1,
  fields: [
    { name: 'text', type: 'string' },
    { name: 'none', type: 'string', optional: true },
    { name: 'label', type: 'categorical', categories: ['ham', 'spam'] },
    { name: 'int32', type: 'int32', optional: true },
    { name: 'int64', type: 'int64' },
    { name: 'float32', type: 'float32' },
    { name: 'float64', type: 'float64', optional: true },
    { name: 'bool', type: 'bool', optional: true },
    { name: 'time', type: 'timestamp' },
    { name: 'bytes', type: 'bytes', optional: true },
    { name: 'a.b', type: 'string', path: ['a', 'b'] },
    { name: '__proto__', type: 'int32' },
    { name: 'texts', type: { list: 'string' }, optional: true },
    { name: 'ints', type: { list: 'int64' } },
    { name: 'floats', type: { list: 'float64' }, optional: true },
    { name: 'pieces', type: { list: 'bytes' } },
  ],
};

/** Rows with every edge that a type has. */
const edges: Row[] = Array.from({ length: 2500 }, (_, i) => {
  const pick = <T>(...values: T[]): T => values[i % values.length] as T;
  const row = {
    text: pick('', 'x', '\ufeffmark', '🜁 and \0', `row ${i}`, 'again', 'again'),
    none: null,
    label: pick('ham', 'spam', 'ham'),
    int32: pick(0, -(2 ** 31), 2 ** 31 - 1, null, i),
    int64: pick(0n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, BigInt(i)),
    float32: pick(0, -0, Math.fround(0.1), Infinity, -Infinity, NaN, 2 ** -149),
    float64: pick(0, -0, 0.1, null, Number.MIN_VALUE, Number.MAX_VALUE, NaN),
    bool: pick(true, false, null),
    time: pick(0n, -1n, 1_700_000_000_123_456n, -(2n ** 63n)),
    bytes: pick(new Uint8Array(0), null, Uint8Array.of(0, 255, i & 255)),
    'a.b': pick('deep', 'deeper'),
    texts: pick<string[] | null>([], null, [''], ['a', 'b', `${i}`]),
    ints: pick<bigint[]>([], [2n ** 62n + 1n], [1n, -1n, BigInt(i)]),
    floats: pick<number[] | null>([-0, NaN], null, [], [0.5]),
    pieces: pick<Uint8Array[]>([], [Uint8Array.of(i & 255), new Uint8Array(0)]),
  };
  Object.defineProperty(row, '__proto__', { value: i, enumerable: true });
  return row as Row;
});

describe('what is written', () => {
  it('is read as the same rows, of every type', async () => {
    const { file } = await written(everyType, edges, 700);
    const { opened, rows } = await readAll(file);
    expect(opened.rows).toBe(edges.length);
    expect(rows).toStrictEqual(edges.map((row) => Object.fromEntries(Object.entries(row))));
    expect(opened.schema.fields.map(({ name, type, optional }) => [name, type, optional]))
      .toEqual(everyType.fields.map(({ name, type, optional }) =>
        [name, type === 'categorical' ? 'string' : type, optional]));
  });

  it('has the fields and rows that are asked for', async () => {
    const { file } = await written(everyType, edges, 700);
    const opened = await openParquet(file);
    for (const firstRow of [0, 1, 699, 1234, 2499, 2500, 9999]) {
      expect(await rowsOf(opened, { firstRow, columns: ['ints', 'int32'] }))
        .toStrictEqual(edges.slice(firstRow).map(({ ints, int32 }) => ({ ints, int32 })));
    }
    expect(() => opened.read({ columns: ['nobody'] })).toThrow(expect.objectContaining(
      { code: 'invalid_argument', argument: 'columns', found: '"nobody"' }));
  });

  it('comes in row groups as rows come', async () => {
    const schema: DatasetSchema = { version: 1, fields: [{ name: 'i', type: 'int64' }] };
    const rows = Array.from({ length: 300_000 }, (_, i) => ({ i: BigInt(i) }));
    const { file, pieces } = await written(schema, rows);
    // Three row groups and the footer.
    expect(pieces).toBe(4);
    const opened = await openParquet(file);
    const found: bigint[] = [];
    for await (const batch of opened.read({ firstRow: 140_000 })) {
      expect(batch.length).toBeLessThanOrEqual(4096);
      for (const { i } of batch) found.push(i as bigint);
    }
    expect(found).toEqual(rows.slice(140_000).map(({ i }) => i));
    expect((await readAll((await written(schema, [])).file)).rows).toEqual([]);
  });

  it.each<[field: DatasetSchema['fields'][number], value: unknown, expected: string]>([
    [{ name: 'x', type: 'int32' }, 2 ** 31, 'an integer of 32 bits'],
    [{ name: 'x', type: 'int32' }, -0, 'an integer of 32 bits'],
    [{ name: 'x', type: 'int64' }, 1, 'a bigint of 64 bits'],
    [{ name: 'x', type: 'int64' }, 2n ** 63n, 'a bigint of 64 bits'],
    [{ name: 'x', type: 'float32' }, 0.1, 'a number that float32 holds'],
    [{ name: 'x', type: 'string' }, 'half \ud83d', 'a string of whole characters'],
    [{ name: 'x', type: 'string' }, null, 'a string of whole characters'],
    [{ name: 'x', type: 'categorical', categories: ['a'] }, 'b', 'a category of the field'],
    [{ name: 'x', type: { list: 'string' } }, 'a', 'a list'],
    [{ name: 'x', type: { list: 'string' } }, [null], 'a string of whole characters in a list'],
  ])('is of its field, else it is refused: %o, %o', async (field, x, expected) => {
    const error = await rejection(written({ version: 1, fields: [field] }, [{ x } as Row]));
    expect(error).toMatchObject({ code: 'invalid_data', row: 0, column: 'x', expected });
  });
});

describe("other writers' types", () => {
  it.each<[string, Omit<SchemaElement, 'name' | 'repetition_type'>, unknown[], string, unknown[]]>([
    ['dates', { type: 'INT32', converted_type: 'DATE' }, [0, -1, 19_000], 'timestamp',
      [0n, -86_400_000_000n, 1_641_600_000_000_000n]],
    ['milliseconds', { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, [-1n, 1n], 'timestamp',
      [-1000n, 1000n]],
    ['nanoseconds', {
      type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
    }, [-1000n, 2000n], 'timestamp', [-1n, 2n]],
    ['times of a day', { type: 'INT32', converted_type: 'TIME_MILLIS' }, [0, 86_399_999], 'string',
      ['00:00:00.000', '23:59:59.999']],
    ['decimals', { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 2 },
      [5n, -5n, 10n ** 17n + 1n], 'string', ['0.05', '-0.05', '1000000000000000.01']],
    ['decimals without a point', { type: 'INT32', converted_type: 'DECIMAL', precision: 9, scale: 0 },
      [5n, -5n], 'string', ['5', '-5']],
    ['long decimals', {
      type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38, scale: 4,
    }, [-(10n ** 37n), 1n], 'string', [`-1${'0'.repeat(33)}.0000`, '0.0001']],
    ['unsigned integers', { type: 'INT32', converted_type: 'UINT_32' }, [0, 2 ** 32 - 1], 'int64',
      [0n, 4_294_967_295n]],
    ['half floats', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } },
      [1.5, -(2 ** -24), 65504, Infinity, NaN], 'float32', [1.5, -(2 ** -24), 65504, Infinity, NaN]],
    ['UUIDs', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
      ['00112233-4455-6677-8899-aabbccddeeff'], 'string', ['00112233-4455-6677-8899-aabbccddeeff']],
    ['JSON', { type: 'BYTE_ARRAY', converted_type: 'JSON' }, [{ a: 1 }], 'string', ['{"a":1}']],
  ])('%s', async (_, element, data, type, values) => {
    expect(await readColumn(element, data)).toEqual({ field: { name: 'x', type }, values });
  });

  it.each<[string, Omit<SchemaElement, 'name' | 'repetition_type'>, unknown[], string]>([
    ['nanoseconds', {
      type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
    }, [0n, 1n], '1 ns'],
    ['far times', { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, [0n, 2n ** 62n],
      '4611686018427387904000 µs'],
    ['large unsigned integers', { type: 'INT64', converted_type: 'UINT_64' }, [0n, 2n ** 64n - 1n],
      '18446744073709551615'],
  ])('%s that do not fit are refused by their row', async (_, element, data, found) => {
    const error = await rejection(readColumn(element, data));
    expect(error).toMatchObject({
      code: 'unsupported', file: 'column.parquet', column: 'x', row: 1, found,
    });
  });

  it('refuses decimals that nobody writes', async () => {
    const element = { converted_type: 'DECIMAL', precision: 9 } as const;
    expect(await rejection(readColumn({ type: 'BYTE_ARRAY', ...element, scale: 2 ** 30 }, [])))
      .toMatchObject({ code: 'invalid_data', column: 'x', found: '1073741824' });
    const error = await rejection(readColumn(
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2000, ...element, scale: 0 }, [10n ** 9n]));
    expect(error).toMatchObject({ code: 'unsupported', row: 0, found: '2000' });
  });

  it('refuses strings that are not UTF-8', async () => {
    const error = await rejection(readColumn(
      { type: 'BYTE_ARRAY', converted_type: 'ENUM' }, [Uint8Array.of(65), Uint8Array.of(0xff)]));
    expect(error).toMatchObject({ code: 'unsupported', row: 1, expected: 'a string in UTF-8' });
  });
});

describe.runIf(datasets)('datasets', () => {
  const lines = (name: string) => readFileSync(`${datasets}/jsonl/${name}.jsonl`, 'utf8').trimEnd()
    .split('\n').map((line) => JSON.parse(line) as Row);
  const text = (bytes: unknown) => bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes;

  it.each(['sms_spam.arrow-rs-brotli', 'sms_spam.arrow-rs-gzip', 'sms_spam.arrow-rs-lz4_raw',
    'sms_spam.arrow-rs-snappy', 'sms_spam.arrow-rs-uncompressed', 'sms_spam.arrow-rs-zstd',
    'sms_spam.hyparquet-snappy', 'tinystories_sample.arrow-rs-snappy',
    'tinystories_sample.arrow-rs-zstd', 'tinystories_sample.hyparquet-snappy',
  ])('%s has the rows of its lines of JSON', async (name) => {
    const { rows } = await readAll(await loadFile(`${datasets}/parquet/${name}.parquet`));
    const plain = rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) =>
      [key, typeof value === 'bigint' ? Number(value) : text(value)])));
    expect(plain).toEqual(lines(name.split('.')[0] as string));
  });

  it('are read in small pieces, from any row', async () => {
    let largest = 0;
    await using file = await diskFile(`${datasets}/parquet/flights-3m.parquet`, (length) => {
      largest = Math.max(largest, length);
    });
    const opened = await openParquet(file);
    expect(opened.rows).toBe(3_000_000);
    const at = 2_345_678;
    let rows = 0;
    let there: Row | undefined;
    let mostHeap = 0;
    let mostRows = 0;
    for await (const batch of opened.read()) {
      mostRows = Math.max(mostRows, batch.length);
      if (rows <= at && at < rows + batch.length) there = batch[at - rows];
      rows += batch.length;
      mostHeap = Math.max(mostHeap, process.memoryUsage().heapUsed);
    }
    expect(rows).toBe(opened.rows);
    expect(mostRows).toBe(4096);
    expect(largest).toBeLessThan(3 * 2 ** 20);
    // All rows as objects take more than half a gigabyte.
    expect(mostHeap).toBeLessThan(3 * 2 ** 28);
    for await (const [first] of opened.read({ firstRow: at })) {
      expect(first).toEqual(there);
      break;
    }
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const file = await loadFile(`${datasets}/parquet/tinystories_sample.arrow-rs-zstd.parquet`);
    const opened = await openParquet(file);
    let batches = 0;
    const error = await rejection((async () => {
      for await (const batch of opened.read({ signal: controller.signal })) {
        expect(batch.length).toBeGreaterThan(0);
        batches++;
        controller.abort();
      }
    })());
    expect(error).toMatchObject({ code: 'aborted' });
    expect(batches).toBe(1);
  });
});

describe.runIf(datasets)('damaged files', () => {
  let slowest = 0;
  afterAll(() => expect(slowest).toBeLessThan(5000));

  it.each([
    ...['brotli', 'gzip', 'lz4_raw', 'snappy', 'uncompressed', 'zstd']
      .map((codec) => `${datasets}/parquet/sms_spam.arrow-rs-${codec}.parquet`),
    ...['nested_structs.rust', 'datapage_v2.snappy', 'delta_byte_array', 'hadoop_lz4_compressed',
      'byte_stream_split_extended.gzip', 'rle_boolean_encoding', 'issue23', 'delta_binary_packed']
      .map((name) => `${examples}/${name}.parquet`),
  ].map((path) => [basename(path), path]))('%s is read or refused with other bytes', async (_, path) => {
    const whole = readFileSync(path as string);
    // The same places each time (Park and Miller 1988), most of them where headers and the footer are.
    let state = 4711;
    const next = (below: number) => (state = state * 48271 % 2147483647) % below;
    for (let i = 0; i < 60; i++) {
      const bytes = Uint8Array.from(whole);
      const spread = i % 3 === 0 ? bytes.length : Math.min(bytes.length, 2000);
      const at = i % 3 === 1 ? next(spread) : bytes.length - 1 - next(spread);
      bytes[at] = (bytes[at] as number) ^ (1 + next(255));
      const start = performance.now();
      try {
        await readAll(memoryFile('damaged.parquet', bytes));
      } catch (error) {
        if (!(error instanceof RepriseError)) throw new Error(`byte ${at}`, { cause: error });
        expect(['invalid_data', 'unsupported']).toContain(error.code);
        expect(error.file).toBe('damaged.parquet');
      }
      slowest = Math.max(slowest, performance.now() - start);
      await setImmediate();
    }
  });
});

describe('decompressing', () => {
  it('refuses Snappy that leads back', () => {
    // A literal of 2^32 − 4 bytes, which is −4 for who counts with 32 bits.
    const endless = Uint8Array.of(8, 0xfc, 0xfb, 0xff, 0xff, 0xff, 0, 0, 0, 0);
    expect(() => decompress('SNAPPY', endless, 8)).toThrow("Snappy's length is not 8");
    expect(decompress('SNAPPY', Uint8Array.of(5, 0, 7, 1, 1), 5)).toEqual(new Uint8Array(5).fill(7));
  });

  it.each<[CompressionCodec, (bytes: Uint8Array) => Uint8Array]>([
    ['GZIP', gzipSync], ['BROTLI', brotliCompressSync],
  ])('%s knows what is too long or too short', async (codec, compress) => {
    await loadCodec(codec);
    for (const bytes of [new Uint8Array(100), Uint8Array.of(0xaa), new Uint8Array(70_000).fill(0x55)]) {
      const { length } = bytes;
      const input = compress(bytes);
      expect(decompress(codec, input, length)).toEqual(bytes);
      for (const wrong of [1, length - 1, length + 1, length * 2]) {
        if (wrong > 0 && wrong !== length) {
          expect(() => decompress(codec, input, wrong)).toThrow();
        }
      }
    }
  });
});

describe('files that are none', () => {
  const bytes = (text: string) => memoryFile('none.parquet', new TextEncoder().encode(text));

  it.each([
    ['nothing', '', 'a Parquet file, of at least 12 bytes'],
    ['another format', 'text,label\nham,1\n', 'PAR1'],
    ['another beginning', 'XXXX\0\0\0\0\0\0\0\0PAR1', 'PAR1'],
    ['a footer that is longer than the file', 'PAR1\xff\xff\0\0PAR1', 'a footer of at most 2 bytes'],
    ['an empty footer', 'PAR1\0\0\0\0PAR1', 'a footer'],
  ])('%s', async (_, text, expected) => {
    expect(await rejection(openParquet(bytes(text))))
      .toMatchObject({ code: 'invalid_data', file: 'none.parquet', expected });
  });

  it('passes on what reading throws', async () => {
    const error = new Error('the network is down');
    const file = { name: 'far.parquet', byteLength: 100, slice: () => Promise.reject(error) };
    expect(await rejection(openParquet(file))).toBe(error);
    const short = { name: 'far.parquet', byteLength: 100, slice: async () => new ArrayBuffer(2) };
    expect(await rejection(openParquet(short))).toMatchObject({ code: 'invalid_data', found: '2' });
  });
});
