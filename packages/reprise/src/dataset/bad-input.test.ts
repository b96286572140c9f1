// What is wrong with files is an error that names the place, also far below the rows that were looked at
// first, and in files that end too early. The core's own tests have the same of every size of piece.
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

import { type DatasetSchema, inferSchema, loadDataset, type LoadDatasetOptions } from 'reprise';
import { failure } from '../testing/material.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Content = string | Uint8Array;
const file = (name: string, content: Content) => new File([content as string], name);
const rowsOf = async (name: string, content: Content, options: LoadDatasetOptions = {}) =>
  (await loadDataset(file(name, content), options)).rows();
const schemaOf = (type: 'int32' | 'int64' | 'float32' | 'float64' | 'string', more = {}): DatasetSchema =>
  ({ version: 1, fields: [{ name: 'v', type, ...more }] });
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('what a row may not be', () => {
  const strings: DatasetSchema = {
    version: 1, fields: [{ name: 'a', type: 'string' }, { name: 'b', type: 'string' }],
  };
  const int = schemaOf('int32');
  const cases: [string, string, Content, DatasetSchema | undefined, object][] = [
    ['a quote that is never closed', 'r.csv', 'a,b\n1,2\n3,"4\n5,6\n', strings,
      { row: 1, byte: 10, expected: 'a closing quote', found: 'the end of the file' }],
    ['the same where rows are looked at', 'r.csv', 'a,b\n1,2\n3,"4\n5,6\n', undefined,
      { row: 1, byte: 10, expected: 'a closing quote' }],
    ['a row that is too short', 'r.csv', 'a,b\n1,2\n3\n', strings,
      { row: 1, byte: 8, expected: '2 columns', found: '1 column' }],
    ['a row that is too long', 'r.csv', 'a,b\n1,2,3\n', strings,
      { row: 0, byte: 4, expected: '2 columns', found: '3 columns' }],
    ['bytes that are no UTF-8 in CSV', 'r.csv', latin1('a,b\n1,\xe9\n'), strings,
      { row: 0, column: 'b', byte: 6, expected: 'UTF-8' }],
    ['bytes that are no UTF-8 in JSON Lines', 'r.jsonl', latin1('{"v":"\xe9"}\n'), schemaOf('string'),
      { row: 0, expected: 'UTF-8' }],
    ['bytes that are no UTF-8 in text', 'r.txt', latin1('one\n\xe9\n'), undefined,
      { row: 1, column: 'text', byte: 4, expected: 'UTF-8' }],
    ['a zero byte in a string of JSON', 'r.jsonl', '{"v":"\0"}\n', schemaOf('string'), { row: 0, byte: 6 }],
    ['a name twice in the header', 'r.csv', 'a,a\n1,2\n', undefined,
      { column: 'a', expected: 'each name once', found: 'it twice' }],
    ['a name twice in a row', 'r.jsonl', '{"v":1,"v":2}\n', int,
      { row: 0, column: 'v', byte: 7, expected: 'a name once' }],
    ['a number beyond int32', 'r.csv', 'v\n2147483648\n', int,
      { row: 0, column: 'v', byte: 2, expected: 'an int32', found: '"2147483648"' }],
    ['a number beyond int64', 'r.jsonl', '{"v":9223372036854775808}\n', schemaOf('int64'),
      { row: 0, column: 'v', expected: 'an int64', found: '9223372036854775808' }],
    ['a number beyond float32', 'r.csv', 'v\n1e39\n', schemaOf('float32'),
      { row: 0, column: 'v', expected: 'a float32', found: '"1e39"' }],
    ['a number beyond float64', 'r.jsonl', '{"v":1e309}\n', schemaOf('float64'),
      { row: 0, column: 'v', expected: 'a float64', found: '1e309' }],
    ['NaN in a field of integers of CSV', 'r.csv', 'v\nNaN\n', int,
      { row: 0, column: 'v', expected: 'an int32', found: '"NaN"' }],
    ['NaN in a field of integers of JSON', 'r.json', '[{"v":"NaN"}]', int,
      { row: 0, column: 'v', expected: 'an int32', found: '"NaN"' }],
    ['another type', 'r.jsonl', '{"v":1}\n{"v":[1]}\n', int,
      { row: 1, column: 'v', expected: 'an int32', found: '[1]' }],
    ['nothing in an empty CSV', 'r.csv', '', strings, { expected: 'a header', found: 'an empty file' }],
    ['nothing in an empty JSON', 'r.json', '', int,
      { expected: 'an array of rows', found: 'the end of the file' }],
  ];
  it.each(cases)('%s', async (_, name, content, schema, expected) => {
    expect(await failure(rowsOf(name, content, { schema })))
      .toMatchObject({ code: 'invalid_data', file: name, ...expected });
  });

  it('a name twice in the header of a stream, a byte at a time', async () => {
    const bytes = latin1('a,b,a\n1,2,3\n');
    let at = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, ++at));
        else controller.close();
      },
    });
    const read = async () => (await loadDataset(stream, { format: 'csv' })).rows();
    expect(await failure(read())).toMatchObject({ code: 'invalid_data', column: 'a', expected: 'each name once' });
  });
});

describe('what a row may be', () => {
  it('line ends in quotes that are others than those between rows', async () => {
    expect(await rowsOf('r.csv', 'a,b\r\n"x\ny",1\r\n"p\r\nq",2\r\n"s\rt",3\r\n'))
      .toEqual([{ a: 'x\ny', b: 1n }, { a: 'p\r\nq', b: 2n }, { a: 's\rt', b: 3n }]);
    expect(await rowsOf('r.csv', 'a\n"x\r\ny"\n"z"\r"w"\r\n')).toEqual([{ a: 'x\r\ny' }, { a: 'z' }, { a: 'w' }]);
  });

  it('zero bytes in CSV and text, and as an escape in JSON', async () => {
    expect(await rowsOf('r.csv', 'v\nx\0y\n')).toEqual([{ v: 'x\0y' }]);
    expect(await rowsOf('r.txt', 'x\0y\n')).toEqual([{ text: 'x\0y' }]);
    expect(await rowsOf('r.jsonl', '{"v":"x\\u0000y"}\n')).toEqual([{ v: 'x\0y' }]);
  });

  it('types that are mixed, as texts', async () => {
    expect(await rowsOf('r.csv', 'v\n1\ntrue\nx\n')).toEqual([{ v: '1' }, { v: 'true' }, { v: 'x' }]);
    expect(await rowsOf('r.jsonl', '{"v":1}\n{"v":"x"}\n{"v":[true]}\n'))
      .toEqual([{ v: '1' }, { v: 'x' }, { v: '[true]' }]);
  });

  it('none, below a header alone or in an empty file', async () => {
    expect(await rowsOf('r.csv', 'a,b\n')).toEqual([]);
    expect(await rowsOf('r.csv', 'a,b')).toEqual([]);
    expect(await rowsOf('r.txt', '')).toEqual([]);
    expect(await rowsOf('r.jsonl', '', { schema: schemaOf('string') })).toEqual([]);
    for (const name of ['r.csv', 'r.jsonl', 'r.json']) {
      expect(await failure(inferSchema(file(name, '')))).toMatchObject({ code: 'invalid_data', file: name });
    }
  });
});

describe('a value far below the rows that were looked at', () => {
  const count = 25_000;
  it.each([
    ['r.csv', '0.5', 'float64', '"0.5"', 0.5], ['r.csv', 'x', 'string', '"x"', 'x'],
    ['r.jsonl', '0.5', 'float64', '0.5', 0.5], ['r.jsonl', '"x"', 'string', '"x"', 'x'],
    ['r.json', '0.5', 'float64', '0.5', 0.5],
  ] as const)('in %s: %s', async (name, value, type, found, read) => {
    const line = (one: unknown) => (name === 'r.csv' ? `${one}` : `{"v":${one}}`);
    const lines = [...Array.from({ length: count }, (_, i) => line(i)), line(value), line(7)];
    const text = name === 'r.csv' ? `v\n${lines.join('\n')}\n`
      : name === 'r.json' ? `[${lines.join(',')}]` : `${lines.join('\n')}\n`;
    const data = await loadDataset(file(name, text));
    expect(data.schema?.fields).toMatchObject([{ name: 'v', type: 'int64' }]);
    const seen: unknown[] = [];
    const read1 = async () => {
      for await (const { v } of data) seen.push(v);
    };
    expect(await failure(read1())).toMatchObject({
      code: 'invalid_data', file: name, row: count, column: 'v', expected: 'an int64', found,
    });
    expect(seen).toHaveLength(count);
    // A schema that has it reads all of it.
    const schema = schemaOf(type, type === 'string' ? { from: 'any' } : {});
    const all = await rowsOf(name, text, { schema });
    const numbers = [0, count - 1, 7].map((n) => (type === 'string' ? String(n) : n));
    expect([all.length, all[0]?.['v'], all[count - 1]?.['v'], all[count]?.['v'], all.at(-1)?.['v']])
      .toEqual([count + 2, numbers[0], numbers[1], read, numbers[2]]);
  });
});

/** A text in pieces of 1 MiB. */
function longStream(before: string, bytes: number, after: string): ReadableStream<Uint8Array> {
  const piece = 2 ** 20;
  let left = bytes;
  return new ReadableStream({
    start: (controller) => controller.enqueue(latin1(before)),
    pull(controller) {
      if (left > 0) {
        controller.enqueue(new Uint8Array(Math.min(piece, left)).fill(0x78));
        left -= piece;
        return;
      }
      controller.enqueue(latin1(after));
      controller.close();
    },
  });
}

describe('a long field', () => {
  const formats = [
    ['csv', 'v\na\n"', '"\nb\n', 4],
    ['jsonl', '{"v":"a"}\n{"v":"', '"}\n{"v":"b"}\n', 10],
  ] as const;
  const options = { schema: schemaOf('string') };

  it.each(formats)('of 100 MB in %s is read right', async (format, before, after) => {
    const bytes = 100_000_000;
    const data = await loadDataset(longStream(before, bytes, after), { ...options, format });
    const sizes: number[] = [];
    for await (const { v } of data) {
      const text = v as string;
      sizes.push(text.length);
      if (text.length > 1) expect([text[0], text.at(-1), text.search(/[^x]/)]).toEqual(['x', 'x', -1]);
    }
    expect(sizes).toEqual([1, bytes, 1]);
  }, 60_000);

  it.each(formats)('of more than 256 MiB in %s is refused', async (format, before, after, byte) => {
    const data = await loadDataset(longStream(before, 2 ** 28, after), { ...options, format });
    expect(await failure(data.rows())).toMatchObject({
      code: 'invalid_data', file: 'the stream', row: 1, byte,
      expected: 'a row of at most 256 MiB', found: 'more',
    });
  }, 60_000);
});

describe('files that are damaged or end too early', () => {
  const text = `v\n${Array.from({ length: 20_000 }, (_, i) => i * 7919 % 104729).join('\n')}\n`;
  const schema = schemaOf('int64');

  it('gzip, wherever it ends', async () => {
    const whole = gzipSync(text);
    for (const end of [3, 9, 10, 11, 18, 1000, whole.length >> 1, whole.length - 9, whole.length - 8, whole.length - 1]) {
      expect([end, await failure(rowsOf('r.csv.gz', whole.subarray(0, end), { schema, compression: 'gzip' }))])
        .toMatchObject([end, { code: 'invalid_data', file: 'r.csv.gz', expected: 'gzip data, whole and undamaged' }]);
    }
  });

  it('gzip with other bytes in its head, its data, its checksum or its size', async () => {
    const whole = gzipSync(text);
    for (const at of [2, whole.length >> 1, whole.length - 8, whole.length - 1]) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      expect([at, (await failure(rowsOf('r.csv.gz', damaged, { schema })))['code']]).toEqual([at, 'invalid_data']);
    }
  });

  it('Parquet, wherever it ends', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ v: i, s: `text ${i}` }));
    const data = await loadDataset(rows);
    const whole = new Uint8Array(await new Response(data.write('parquet')).arrayBuffer());
    const path = join(folder, 'whole.parquet');
    writeFileSync(path, whole);
    expect(await (await loadDataset(path)).rows()).toHaveLength(3000);
    for (const end of [0, 3, 4, 11, 12, 100, whole.length >> 1, whole.length - 8, whole.length - 4, whole.length - 1]) {
      const cut = join(folder, `cut-${end}.parquet`);
      writeFileSync(cut, whole.subarray(0, end));
      const read = async () => (await loadDataset(cut)).rows();
      expect([end, await failure(read())]).toMatchObject([end, { code: 'invalid_data', file: cut }]);
    }
  });
});
