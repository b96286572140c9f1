// Rows behind map and what files are written of them: nothing is lost, and a row that does not fit is named.
import { describe, expect, it } from 'vitest';

import {
  type Dataset, type DatasetSchema, type Field, inferSchema, loadDataset, type RepriseError, type Row,
} from 'reprise';
import { rejection as rejected } from '../testing/material.js';

const rejection = (work: Promise<unknown>) => rejected(work) as Promise<RepriseError>;
const formats = ['jsonl', 'csv', 'parquet'] as const;
type Format = (typeof formats)[number];

async function fileOf(data: Dataset<unknown>, format: Format): Promise<Uint8Array> {
  return new Uint8Array(await new Response(data.write(format)).arrayBuffer());
}

const textOf = async (data: Dataset<unknown>, format: 'jsonl' | 'csv') =>
  new TextDecoder().decode(await fileOf(data, format));

/** What one value in each row becomes. */
async function inferred(values: readonly unknown[]): Promise<{ field: Omit<Field, 'name'>; values: unknown[] }> {
  const data = await loadDataset(values.map((x) => ({ x })));
  const { name: _, ...field } = data.schema?.fields[0] as Field;
  return { field, values: (await data.rows()).map(({ x }) => x) };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ i }));

describe('rows behind map', () => {
  /** One row more than are looked at. */
  const many = () => loadDataset(numbered(20_001));
  const texts = [{ text: 'one' }, { text: 'three' }];
  const made = async () => (await loadDataset(texts)).map((row) => ({
    ...row, n: (row['text'] as string).length, half: 0.5, when: new Date(0), nested: { a: 1, deep: { b: [true] } },
    bytes: Uint8Array.of(1, 255), vector: Float32Array.of(1, 2), gone: undefined, big: 2n ** 60n,
    mixed: [1, 'a', { when: new Date(1) }],
  }));

  it.each(formats)('are whole in %s', async (format) => {
    const data = await made();
    const schema = { version: 1, fields: (Object.values(await data.columns())).map(({ field }) => field) } as const;
    const again = await loadDataset(await fileOf(data, format), { format, schema });
    expect(await again.rows()).toEqual(texts.map(({ text }) => ({
      text, n: BigInt(text.length), half: 0.5, when: 0n, 'nested.a': 1n, 'nested.deep.b': [true],
      bytes: Uint8Array.of(1, 255), vector: [1, 2], big: 2n ** 60n,
      mixed: '[1,"a",{"when":"1970-01-01T00:00:00.001Z"}]',
    })));
    expect(await again.hash()).toBe(await data.hash());
  });

  it('keep their types and groups in Parquet without a schema', async () => {
    const data = await made();
    const again = await loadDataset(await fileOf(data, 'parquet'), { format: 'parquet' });
    const types = again.schema?.fields.map(({ name, type, path }) => [name, type, path]);
    expect(types).toEqual([
      ['text', 'string', undefined], ['n', 'int64', undefined], ['half', 'float64', undefined],
      ['when', 'timestamp', undefined], ['nested.a', 'int64', ['nested', 'a']],
      ['nested.deep.b', { list: 'bool' }, ['nested', 'deep', 'b']], ['bytes', 'bytes', undefined],
      ['vector', { list: 'float32' }, undefined], ['big', 'int64', undefined], ['mixed', 'string', undefined],
    ]);
    expect(await again.hash()).toBe(await data.hash());
  });

  it('come once for the sample and the file', async () => {
    let calls = 0;
    const stream = new Blob(['{"n":1}\n{"n":2}\n']).stream();
    const data = (await loadDataset(stream, { format: 'jsonl' })).map(({ n }) => (calls++, { n }));
    expect(await textOf(data, 'jsonl')).toBe('{"n":1}\n{"n":2}\n');
    expect(calls).toBe(2);
  });

  it.each<[Format, string, unknown, string, string, string]>([
    ['csv', 'a member that was not in the sample', { i: 1, late: 2 }, 'late', 'only fields of the schema', 'another one'],
    ['jsonl', 'a number of another type', { i: 0.5 }, 'i', 'an int64', '0.5'],
    ['parquet', 'a text for a number', { i: 'one' }, 'i', 'an int64', '"one"'],
    ['csv', 'an absent member', {}, 'i', 'an int64', 'nothing'],
    ['jsonl', 'null', { i: null }, 'i', 'an int64', 'null'],
    ['parquet', 'an integer beyond int64', { i: 2n ** 63n }, 'i', 'an int64', String(2n ** 63n)],
  ])('that do not fit the sample are refused in %s: %s', async (format, _, bad, column, wanted, found) => {
    const data = (await many()).map((row, i) => (i < 20_000 ? row : bad));
    const error = await rejection(fileOf(data, format));
    expect(error).toMatchObject({ code: 'invalid_data', row: 20_000, column, expected: wanted, found });
    expect(error.message).toContain('map(fn, { schema })');
  });

  it('fit a schema that is given', async () => {
    const schema: DatasetSchema = { version: 1, fields: [
      { name: 'i', type: 'string', from: 'any', optional: true }, { name: 'late', type: 'int32', optional: true }] };
    const data = (await many()).map((row, i) => (i < 20_000 ? row : { late: 2 }), { schema });
    expect(data.schema).toEqual(schema);
    expect(await textOf(data, 'csv')).toMatch(/^i,late\n0,\n1,\n(\d+,\n){19998},2\n$/);
    // The rows are those of the function.
    expect(await data.take(1).rows()).toEqual([{ i: 0n }]);
  });

  it.each<[string, unknown, string, string, string]>([
    ['an invalid date', { a: { d: new Date(NaN) } }, 'a.d', 'a date', 'an invalid Date'],
    ['a map', { m: new Map([[1, 2]]) }, 'm', 'a value that a dataset holds', 'an object (Map)'],
    ['a set in a list', { l: [1, [new Set()]] }, 'l[1][0]', 'a value that a dataset holds', 'an object (Set)'],
    ['a view', { v: new DataView(new ArrayBuffer(8)) }, 'v', 'a value that a dataset holds', 'an object (DataView)'],
    ['a buffer', { v: new ArrayBuffer(8) }, 'v', 'a value that a dataset holds', 'an object (ArrayBuffer)'],
    ['a function', { f: () => 1 }, 'f', 'a value that a dataset holds', 'a function'],
    ['a symbol', { s: [{ t: Symbol('x') }] }, 's[0].t', 'a value that a dataset holds', 'a symbol'],
    ['text of half characters', { t: ['a', 'b\udc00'] }, 't[1]', 'a string of whole characters', 'half of one'],
  ])('hold not %s', async (_, bad, column, wanted, found) => {
    const data = (await loadDataset(numbered(3))).map((row, i) => (i < 2 ? row : bad));
    const error = await rejection(fileOf(data, 'jsonl'));
    expect(error).toMatchObject({
      code: 'invalid_data', file: 'the rows', row: 2, column, expected: wanted, found });
  });

  it('are objects', async () => {
    const data = (await loadDataset(numbered(2))).map(({ i }) => i);
    expect(await rejection(fileOf(data, 'csv'))).toMatchObject({
      code: 'invalid_data', row: 0, expected: 'an object of values by field name', found: '0' });
    const deep = (await loadDataset(numbered(1))).map(() => {
      const row: Record<string, unknown> = {};
      row['self'] = row;
      return row;
    });
    expect(await rejection(fileOf(deep, 'csv'))).toMatchObject({ code: 'invalid_data', row: 0 });
  });

  it('have their fields by name or along paths where a schema says so', async () => {
    const schema: DatasetSchema = {
      version: 1,
      fields: [{ name: 'id', type: 'int32' }, { name: 'a.b', type: 'int32', path: ['a', 'b'] },
        { name: 'c', type: 'int32', optional: true, path: 'a.c' }],
    };
    const source = await loadDataset([{ a: { b: 1 }, id: 1 }, { id: 2, a: { b: 2, c: 3 } }], { schema });
    const rows = [{ id: 1, 'a.b': 1, c: null }, { id: 2, 'a.b': 2, c: 3 }];
    const lines = '{"id":1,"a":{"b":1,"c":null}}\n{"id":2,"a":{"b":2,"c":3}}\n';
    expect(await source.rows()).toEqual(rows);
    for (const data of [
      source, source.filter(() => true), source.map((row) => row, { schema }),
      source.map((row) => ({ id: row['id'], a: { b: row['a.b'], c: row['c'] } }), { schema }),
      source.map((row) => ({ id: row['id'], 'a.b': row['a.b'], a: { c: row['c'] } }), { schema }),
    ]) {
      expect(await textOf(data, 'jsonl')).toBe(lines);
      expect(await textOf(data, 'csv')).toBe('id,a.b,a.c\n1,1,\n2,2,3\n');
      expect(await data.hash()).toBe(await source.hash());
    }
    const more = source.map((row) => ({ id: row['id'], a: { b: 1, d: 5 } }), { schema });
    expect(await rejection(more.hash())).toMatchObject({ code: 'invalid_data', row: 0, column: 'a' });
    for (const bad of [{ version: 1 }, null, { fields: [{}] }, { fields: [{ name: 'a', path: 5 }] }]) {
      expect(() => source.map((row) => row, { schema: bad as never })).toThrow(
        expect.objectContaining({ code: 'invalid_argument', argument: 'schema' }));
    }
    const wrong = source.map((row) => row, { schema: { version: 1, fields: [{ name: 'id', type: 'x' as never }] } });
    expect(await rejection(wrong.hash())).toMatchObject({ code: 'invalid_config' });
  });

  it('give columns, statistics, splits and tables of their nested members', async () => {
    const data = (await loadDataset(numbered(10))).map(({ i }) => ({ at: { i }, on: new Date(Number(i)) }));
    expect(Object.keys(await data.columns())).toEqual(['at.i', 'on']);
    expect((await data.stats()).fields['at.i']).toMatchObject({ count: 10, max: '9' });
    expect((await data.toArrow()).schema.names).toEqual(['at.i', 'on']);
    const { a } = await data.split({ counts: { a: 4, b: 6 }, seed: 1 });
    const lines = await textOf(a?.data as Dataset<Row>, 'jsonl');
    expect(lines).toMatch(/^(\{"at":\{"i":\d\},"on":"1970-01-01T00:00:00(\.00\d)?Z"\}\n){4}$/);
    const again = await loadDataset(new TextEncoder().encode(lines), {
      format: 'jsonl', schema: a?.data.schema as DatasetSchema });
    expect(await again.hash()).toBe(a?.hash);
  });
});

describe('values of JavaScript', () => {
  const day = 86_400_000;
  it.each<[string, unknown[], Omit<Field, 'name'>, unknown[]]>([
    ['integers', [1, 2 ** 53 + 2, 2 ** 60, -0], { type: 'int64' }, [1n, 2n ** 53n + 2n, 2n ** 60n, 0n]],
    ['bigints', [1n, 2n ** 63n - 1n, null], { type: 'int64', optional: true }, [1n, 2n ** 63n - 1n, null]],
    ['bigints beyond int64', [1n, 2n ** 63n], { type: 'string', from: 'any' }, ['1', String(2n ** 63n)]],
    ['floats', [1, -0, 0.5, 1e300], { type: 'float64' }, [1, -0, 0.5, 1e300]],
    ['floats and large integers', [0.5, 2 ** 60, 1e25], { type: 'float64' }, [0.5, 2 ** 60, 1e25]],
    ['NaN and numbers', [1, NaN, -Infinity], { type: 'float64' }, [1, NaN, -Infinity]],
    ['NaN alone', [NaN, undefined], { type: 'float64', optional: true }, [NaN, null]],
    ['NaN and texts', [NaN, 'x'], { type: 'string' }, ['NaN', 'x']],
    ['dates', [new Date(0), new Date(-1), new Date(8.64e15)], { type: 'timestamp' },
      [0n, -1000n, 8_640_000_000_000_000_000n]],
    ['dates and texts', [new Date(day), 'x'], { type: 'string' }, ['1970-01-02T00:00:00.000Z', 'x']],
    ['bytes', [Uint8Array.of(7), Buffer.from('a')], { type: 'bytes' }, [Uint8Array.of(7), Uint8Array.of(97)]],
    ['lists of dates', [[new Date(1)], []], { type: { list: 'timestamp' } }, [[1000n], []]],
    ['lists of bytes', [[Uint8Array.of(7)]], { type: { list: 'bytes' } }, [[Uint8Array.of(7)]]],
    ['lists of bigints beyond int64', [[2n ** 64n, 1]], { type: 'string', from: 'any' }, [`[${2n ** 64n},1]`]],
    ['lists with holes', [[1, undefined, NaN]], { type: 'string', from: 'any' }, ['[1,null,"NaN"]']],
    ['floats of 32 bits', [Float32Array.of(1, NaN), new Float32Array()], { type: { list: 'float32' } }, [[1, NaN], []]],
    ['floats of 64 bits', [Float64Array.of(1), [2]], { type: { list: 'float64' } }, [[1], [2]]],
    ['integers of 16 bits', [Int16Array.of(-1), Uint8ClampedArray.of(2)], { type: { list: 'int32' } }, [[-1], [2]]],
    ['unsigned integers', [Uint32Array.of(2 ** 32 - 1)], { type: { list: 'int64' } }, [[2n ** 32n - 1n]]],
    ['integers of 64 bits', [BigInt64Array.of(-1n), BigUint64Array.of(1n)], { type: { list: 'int64' } }, [[-1n], [1n]]],
    ['lists of lists', [[[1], [2]]], { type: 'string', from: 'any' }, ['[[1],[2]]']],
  ])('%s', async (_, values, field, as) => {
    expect(await inferred(values)).toEqual({ field, values: as });
  });

  it('that are the only text are the text', async () => {
    const { schema } = await loadDataset([{ body: 'a', on: new Date(0), raw: Uint8Array.of(1) }]);
    expect(schema?.text).toBe('body');
  });

  it('are looked at in as many rows as asked for', async () => {
    const rows = [{ x: new Date(0) }, { x: 'text' }];
    expect((await inferSchema(rows, { sampleRows: 1 })).fields[0]?.type).toBe('timestamp');
    expect((await inferSchema(rows)).fields[0]?.type).toBe('string');
    async function* once() {
      yield* rows;
    }
    const data = await loadDataset(once());
    expect(await data.rows()).toEqual([{ x: '1970-01-01T00:00:00.000Z' }, { x: 'text' }]);
  });
});

describe('files', () => {
  it('have fields of other names where those say', async () => {
    const data = (await loadDataset([{ a: { b: 1, c: 2 } }])).rename({ 'a.b': 'x' });
    expect(await textOf(data, 'jsonl')).toBe('{"x":1,"a":{"c":2}}\n');
    expect(await textOf(data, 'csv')).toBe('x,a.c\n1,2\n');
  });

  it('have no two fields in one place', async () => {
    const schemaOf = (...paths: string[][]): DatasetSchema => ({ version: 1, fields: paths.map((path, i) =>
      ({ name: `f${i}`, type: 'string', from: 'any', optional: true, path })) });
    for (const [schema, refused] of [
      [schemaOf(['a'], ['a']), formats], [schemaOf(['a', 'b'], ['a']), ['jsonl', 'parquet']],
      [schemaOf(['a'], ['a', 'b']), ['jsonl', 'parquet']], [schemaOf(['a.b'], ['a', 'b']), ['csv']],
    ] as const) {
      const data = (await loadDataset([{ x: 1 }])).map(() => ({ f0: '1', f1: '2' }), { schema });
      for (const format of formats) {
        if ((refused as readonly string[]).includes(format)) {
          const error = await rejection(fileOf(data, format));
          expect(error).toMatchObject({ code: 'invalid_argument', argument: 'schema' });
          expect(error.message).toMatch(/"f0".*"f1"|"f1".*"f0"/);
        } else expect((await fileOf(data, format)).length).toBeGreaterThan(0);
      }
    }
  });

  it('are delimited as their schema says, and by commas else, whatever stands in them', async () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const data = await loadDataset(bytes('a;b\n1;"x;y"\n2;"z, w"\n'), { format: 'csv' });
    expect(data.schema?.delimiter).toBe(';');
    const again = await fileOf(data, 'csv');
    expect(new TextDecoder().decode(again)).toBe('a;b\n1;"x;y"\n2;"z, w"\n');
    const options = { format: 'csv' as const, ...(data.schema === undefined ? {} : { schema: data.schema }) };
    expect(await (await loadDataset(again, options)).hash()).toBe(await data.hash());
    const plain = await loadDataset(bytes('a,b\n3,u\n'), { format: 'csv' });
    expect(await data.concat(plain).schema).toEqual(plain.schema);
    const one = await loadDataset([{ 'a;b': '1;2' }, { 'a;b': '3|4' }]);
    const written = await fileOf(one, 'csv');
    expect(await (await loadDataset(written, { format: 'csv' })).rows()).toEqual(await one.rows());
  });

  it('of one column have absent values and empty texts', async () => {
    const schema: DatasetSchema = { version: 1, fields: [{ name: '\ufeffx', type: 'string', optional: true }] };
    const rows = [{ '\ufeffx': null }, { '\ufeffx': '' }, { '\ufeffx': 'a' }, { '\ufeffx': null }];
    const data = await loadDataset(rows, { schema });
    for (const format of ['jsonl', 'csv'] as const) {
      expect(await (await loadDataset(await fileOf(data, format), { format, schema })).rows()).toEqual(rows);
    }
  });

  it('have every time that an int64 of microseconds has', async () => {
    const schema: DatasetSchema = { version: 1, fields: [
      { name: 't', type: 'timestamp' }, { name: 'all', type: { list: 'timestamp' } }] };
    const texts: [bigint, string][] = [
      [-(2n ** 63n), '-290308-12-21T19:59:05.224192Z'], [2n ** 63n - 1n, '+294247-01-10T04:00:54.775807Z'],
      [-62_167_219_200_000_001n, '-000001-12-31T23:59:59.999999Z'], [-62_167_219_200_000_000n, '0000-01-01T00:00:00Z'],
      [253_402_300_799_999_999n, '9999-12-31T23:59:59.999999Z'], [253_402_300_800_000_000n, '+010000-01-01T00:00:00Z'],
      [951_782_400_500_000n, '2000-02-29T00:00:00.5Z'], [-1n, '1969-12-31T23:59:59.999999Z'],
    ];
    const rows = texts.map(([t]) => ({ t, all: [t, 0n] }));
    const data = await loadDataset(rows, { schema });
    expect(await textOf(data, 'jsonl')).toBe(
      texts.map(([, text]) => `{"t":"${text}","all":["${text}","1970-01-01T00:00:00Z"]}\n`).join(''));
    for (const format of formats) {
      expect(await (await loadDataset(await fileOf(data, format), { format, schema })).rows()).toEqual(rows);
    }
    const bad = await loadDataset([{ t: '+294247-01-10T04:00:54.775808Z', all: [] }], { schema });
    expect(await rejection(bad.rows())).toMatchObject({ code: 'invalid_data', column: 't' });
  });

  it('of Parquet are read by a schema of other names', async () => {
    const schema: DatasetSchema = { version: 1, fields: [
      { name: 'question', type: 'string', path: ['q', 'text'] }, { name: 'id', type: 'int64' },
      { name: 'answer', type: 'string', path: 'q.answer.text', optional: true },
    ] };
    const rows = [{ id: 1, q: { text: 'why', answer: { text: 'so' } } }, { id: 2, q: { text: 'how' } }];
    const data = await loadDataset(rows, { schema });
    const file = await fileOf(data, 'parquet');
    const again = await loadDataset(file, { format: 'parquet', schema });
    expect(await again.rows()).toEqual(await data.rows());
    const some = await loadDataset(file, { format: 'parquet', schema, columns: ['answer', 'id'] });
    expect(await some.rows()).toEqual([{ answer: 'so', id: 1n }, { answer: null, id: 2n }]);
    const whole = await loadDataset(file, { format: 'parquet', columns: ['q'], schema: {
      version: 1, fields: [{ name: 'q', type: 'string', from: 'any' }, { name: 'id', type: 'int64' }] } });
    expect(await whole.rows()).toEqual([{ q: '{"text":"why","answer":{"text":"so"}}' },
      { q: '{"text":"how","answer":{"text":null}}' }]);
    expect(await rejection(loadDataset(file, { format: 'parquet', columns: ['text'], schema })))
      .toMatchObject({ code: 'invalid_argument', argument: 'columns' });
  });
});
