// Tables of apache-arrow hold what rows hold, whatever the types and however many batches there are.
import { DataType, type Table, tableFromIPC, tableToIPC, Vector } from 'apache-arrow';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DatasetSchema, type Field, type FieldType, loadDataset, type Progress, type Row,
} from 'reprise';
import { describe, expect, it } from 'vitest';

import { rejection, root } from '../testing/material.js';

const sample = join(root, 'fixtures/datasets/sms-spam.csv');

/** The values of a column as rows have them. What Arrow gives of timestamps are milliseconds. */
function valuesOf(vector: Vector): unknown[] {
  return vector.data.flatMap((data) => Array.from({ length: data.length }, (_, i) => {
    if (!data.getValid(i)) return null;
    if (DataType.isTimestamp(vector.type)) return data.values[i] as bigint;
    const value = new Vector([data]).get(i) as unknown;
    return value instanceof Vector ? valuesOf(value) : value;
  }));
}

/** The rows of a table. */
function rowsOf(table: Table): Row[] {
  const columns = table.schema.fields.map(({ name }, i) =>
    [name, valuesOf(table.getChildAt(i) as Vector)] as const);
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])) as Row);
}

/** Fields as Arrow names them. */
const typesOf = (table: Table): Record<string, string> => Object.fromEntries(
  table.schema.fields.map(({ name, type, nullable }) => [name, `${type}${nullable ? '?' : ''}`]));

function expectRoundTrip(table: Table): void {
  for (const kind of ['stream', 'file'] as const) {
    const again = tableFromIPC(tableToIPC(table, kind));
    expect(typesOf(again)).toEqual(typesOf(table));
    expect(rowsOf(again)).toEqual(rowsOf(table));
  }
}

/** The bytes in pieces of so many, each of which becomes a batch where rows end in it. */
function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

async function linesOf(given: readonly Row[], schema: DatasetSchema): Promise<Uint8Array> {
  const data = await loadDataset([...given], { schema });
  return new Uint8Array(await new Response(data.write('jsonl')).arrayBuffer());
}

const categories = ['ham', 'späm', '', '𝕏'];
/** Of each type its name in Arrow and values at its ends. */
const kinds: Readonly<Record<FieldType, readonly [type: string, values: readonly unknown[]]>> = {
  string: ['Utf8', ['', 'plain', 'Zürich, 東京', '👩‍👩‍👧 𝔘', 'a\u0000b', 'a\ufeff']],
  bytes: ['Binary', [new Uint8Array(), Uint8Array.of(0, 255, 128), Uint8Array.of(7)]],
  bool: ['Bool', [true, false, false, true, true, true, false, true, true]],
  int32: ['Int32', [0, -1, 2 ** 31 - 1, -(2 ** 31)]],
  int64: ['Int64', [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]],
  float32: ['Float32', [0.5, -0, Infinity, NaN, Math.fround(1e-40)]],
  float64: ['Float64', [0.1, -0, -Infinity, NaN, 5e-324, 2 ** 53]],
  timestamp: ['Timestamp<MICROSECOND, UTC>',
    [0n, -1n, -1_000_001n, 1_700_000_000_123_456n, -62_135_596_800_000_000n]],
  categorical: ['Dictionary<Int32, Utf8>', ['𝕏', 'ham', '', 'späm', 'ham']],
};
const cases = (Object.keys(kinds) as FieldType[]).flatMap((type) =>
  [false, true].flatMap((isList) => [false, true].map((optional) => ({ type, isList, optional }))));

const fieldOf = ({ type, isList, optional }: typeof cases[number], name = 'field'): Field => ({
  name, type: isList ? { list: type } : type,
  ...(optional ? { optional } : {}), ...(type === 'categorical' ? { categories } : {}),
});

describe('a table of apache-arrow', () => {
  it.each(cases)('has $type, list: $isList, optional: $optional', async (one) => {
    const [name, values] = kinds[one.type];
    const field = fieldOf(one);
    const schema: DatasetSchema = { version: 1, fields: [field] };
    const present = one.isList
      ? [values, [], values.slice(1), [values[0]], [...values].reverse(), []] : values;
    const given = present.flatMap((value, i) =>
      (one.optional && i % 3 === 1 ? [{ field: null }, { field: value }] : [{ field: value }])) as Row[];
    const data = await loadDataset(given, { schema });
    const table = await data.toArrow();
    expect(rowsOf(table)).toEqual(given);
    expect(rowsOf(table)).toEqual(await data.rows());
    const type = one.isList ? `List<${name}>` : name;
    expect(typesOf(table)).toEqual({ field: one.optional ? `${type}?` : type });
    expect(table.getChild('field')?.nullCount)
      .toBe(given.filter(({ field: value }) => value === null).length);
    expectRoundTrip(table);
    // The same in several batches, some without anything absent.
    const pieces = inPieces(await linesOf(given, schema), 11);
    const several = await (await loadDataset(pieces, { format: 'jsonl', schema })).toArrow();
    expect(several.batches.length).toBeGreaterThan(2);
    expect(rowsOf(several)).toEqual(given);
    expectRoundTrip(several);
  });

  it('is the rows, for any of them in any pieces', async () => {
    const fields = cases.map((one, i) => fieldOf(one, `f${i}`));
    const arbitrary = (one: typeof cases[number]): fc.Arbitrary<unknown> => {
      const value = fc.constantFrom(...kinds[one.type][1]);
      const whole = one.isList ? fc.array(value, { maxLength: 20 }) : value;
      return one.optional ? fc.option(whole) : whole;
    };
    const row = fc.record(Object.fromEntries(cases.map((one, i) => [`f${i}`, arbitrary(one)])));
    const schema: DatasetSchema = { version: 1, fields };
    await fc.assert(fc.asyncProperty(
      fc.array(row as fc.Arbitrary<Row>, { maxLength: 30 }), fc.integer({ min: 100, max: 20_000 }),
      async (given, size) => {
        const pieces = inPieces(await linesOf(given, schema), size);
        const table = await (await loadDataset(pieces, { format: 'jsonl', schema })).toArrow();
        expect(rowsOf(table)).toEqual(given);
        expectRoundTrip(table);
      }), { numRuns: 30 });
  });

  it('gives timestamps in milliseconds, as Arrow has them', async () => {
    const table = await (await loadDataset([{ t: '1969-12-31T23:59:58.5Z' }], {
      schema: { version: 1, fields: [{ name: 't', type: 'timestamp' }] },
    })).toArrow();
    expect(table.getChild('t')?.get(0)).toBe(-1500);
  });

  it('holds texts to the byte, of which Arrow reads no byte order mark', async () => {
    const table = await (await loadDataset([{ s: '\ufeffa' }, { s: 'b' }], {
      schema: { version: 1, fields: [{ name: 's', type: 'string' }] },
    })).toArrow();
    const vector = table.getChild('s') as Vector;
    expect(vector.data[0]?.values).toEqual(new TextEncoder().encode('\ufeffab'));
    expect(vector.toJSON()).toEqual(['a', 'b']);
  });

  it('of a real file', async () => {
    const data = await loadDataset(sample, {
      schema: { version: 1, fields: [
        { name: 'text', type: 'string' },
        { name: 'label', type: 'categorical', categories: ['ham', 'spam'] }] },
    });
    const rows = await data.rows();
    const table = await data.toArrow();
    expect(table.numRows).toBe(300);
    expect(table.toArray().map((row) => (row as { toJSON(): object }).toJSON())).toEqual(rows);
    expect(Object.keys(typesOf(table))).toEqual(['text', 'label']);
    expect((table.getChild('label') as Vector).data[0]?.dictionary?.toArray()).toEqual(['ham', 'spam']);
    expectRoundTrip(table);
  });

  it('of nothing has the fields', async () => {
    const fields = cases.map((one, i) => fieldOf(one, `f${i}`));
    const data = await loadDataset([], { schema: { version: 1, fields } });
    const table = await data.toArrow();
    expect(table.numRows).toBe(0);
    expect(Object.keys(typesOf(table))).toEqual(fields.map(({ name }) => name));
    expect(fields.map(({ name }) => valuesOf(table.getChild(name) as Vector)))
      .toEqual(fields.map(() => []));
    expectRoundTrip(table);
    const none = data.filter(() => true);
    expect(typesOf(await none.toArrow())).toEqual(typesOf(table));
  });

  it('has a nested field under its name, and any name', async () => {
    const lines = '{"answer":{"text":"yes"},"__proto__":1}\n{"answer":{"text":"no"},"__proto__":2}\n';
    const data = await loadDataset(new TextEncoder().encode(lines), {
      format: 'jsonl', schema: { version: 1, fields: [
        { name: 'reply', type: 'string', path: 'answer.text' }, { name: '__proto__', type: 'int32' }] },
    });
    const table = await data.toArrow();
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['reply', '__proto__']);
    expect([0, 1].map((i) => table.getChildAt(i)?.toJSON())).toEqual([['yes', 'no'], [1, 2]]);
  });

  it('is there behind transformations', async () => {
    const data = await loadDataset(sample);
    const spam = data.filter(({ label }) => label === 'spam').select(['text']).rename({ text: 'words' })
      .shuffle(3);
    const table = await spam.toArrow();
    expect(typesOf(table)).toEqual({ words: 'Utf8' });
    expect(rowsOf(table)).toEqual(await spam.rows());
    const lengths = data.map(({ text }) => ({
      length: (text as string).length, half: (text as string).length / 2,
      words: (text as string).split(' '),
    }));
    const counted = await lengths.toArrow();
    expect(typesOf(counted)).toEqual({ length: 'Int64', half: 'Float64', words: 'List<Utf8>' });
    expect(rowsOf(counted)).toEqual((await lengths.rows())
      .map(({ length, ...more }) => ({ length: BigInt(length), ...more })));
    const { train } = await data.split({ ratios: { train: 0.5, test: 0.5 }, seed: 1 });
    expect(rowsOf(await train!.data.toArrow())).toEqual(await train!.data.rows());
  });

  it('keeps the memory of its values and no more', async () => {
    const schema: DatasetSchema = { version: 1, fields: [
      { name: 's', type: 'string', optional: true }, { name: 'b', type: 'bool' },
      { name: 'n', type: 'int64' }, { name: 'v', type: { list: 'int32' } }] };
    const count = 40_000;
    const given = Array.from({ length: count }, (_, i) =>
      ({ s: i % 8 === 7 ? null : `${i % 10}`, b: i % 3 === 0, n: BigInt(i), v: [i, -i] }));
    const bytes = await linesOf(given, schema);
    const table = await (await loadDataset(bytes, { format: 'jsonl', schema })).toArrow();
    expect(table.batches.length).toBeGreaterThan(1);
    const kept = (name: string): number => {
      const buffers = table.getChild(name)?.data.flatMap((data) => [data, ...data.children])
        .flatMap(({ values, valueOffsets, nullBitmap }) =>
          [values, valueOffsets, nullBitmap].map((one) => (one as Uint8Array | undefined)?.buffer));
      return [...new Set(buffers)].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
    };
    const few = 100 * table.batches.length;
    expect(kept('s') - count * (4 + 7 / 8 + 1 / 8)).toBeLessThan(few);
    expect(kept('b') - count / 8).toBeLessThan(few);
    expect(kept('n') - count * 8).toBeLessThan(few);
    expect(kept('v') - count * (4 + 8)).toBeLessThan(few);
  });

  it('can be joined with others that have categories', async () => {
    const labels: DatasetSchema = { version: 1, fields: [{ name: 'a', type: 'categorical', categories }] };
    const data = await loadDataset([{ a: 'ham' }, { a: '𝕏' }], { schema: labels });
    const other = await loadDataset([{ b: 'y' }, { b: 'x' }], {
      schema: { version: 1, fields: [{ name: 'b', type: 'categorical', categories: ['x', 'y'] }] },
    });
    const table = (await data.toArrow()).assign(await other.toArrow());
    expect(rowsOf(table)).toEqual([{ a: 'ham', b: 'y' }, { a: '𝕏', b: 'x' }]);
    expectRoundTrip(table);
  });

  it('is followed and aborted as columns are', async () => {
    const bytes = Buffer.concat(Array.from({ length: 100 }, (_, i) =>
      (i === 0 ? readFileSync(sample) : readFileSync(sample).subarray(11))));
    const data = await loadDataset(bytes, { format: 'csv' });
    const asTable: Progress[] = [];
    const asColumns: Progress[] = [];
    const table = await data.toArrow({ onProgress: (progress) => asTable.push(progress) });
    await data.columns({ onProgress: (progress) => asColumns.push(progress) });
    expect(table.batches.length).toBe(3);
    expect(asTable.length).toBeGreaterThan(2);
    expect(asTable).toEqual(asColumns);
    for (const dataset of [data, data.filter(() => true)]) {
      const controller = new AbortController();
      let seen = 0;
      const following = dataset === data ? dataset : dataset.map((row) => {
        if (++seen === 10) controller.abort();
        return row;
      });
      const onProgress = () => controller.abort();
      expect(await rejection(following.toArrow({ signal: controller.signal, onProgress })))
        .toMatchObject({ code: 'aborted' });
    }
    expect(await rejection(data.toArrow({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
    const cause = new Error('enough');
    expect(await rejection(data.toArrow({ onProgress: () => {
      throw cause;
    } }))).toMatchObject({ code: 'invalid_argument', argument: 'onProgress', cause });
  });

  it('is refused where columns are', async () => {
    const data = await loadDataset(new TextEncoder().encode('n\n1\nx\n'), {
      format: 'csv', schema: { version: 1, fields: [{ name: 'n', type: 'int32' }] },
    });
    expect(await rejection(data.toArrow())).toMatchObject({ code: 'invalid_data', row: 1, column: 'n' });
    expect(await rejection(data.toArrow({ signal: 1 } as never)))
      .toMatchObject({ code: 'invalid_argument', argument: 'signal' });
    data.dispose();
    expect(await rejection(data.toArrow())).toMatchObject({ code: 'disposed' });
  });
});
