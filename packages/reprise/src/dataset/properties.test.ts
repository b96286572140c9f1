// What holds for any rows: splits are partitions, pieces never matter, files give back what was written.
import fc from 'fast-check';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  loadDataset, type DatasetSchema, type Field, type FieldType, type Row, type Value,
} from 'reprise';
import { describe, expect, it } from 'vitest';

const schema: DatasetSchema = {
  version: 1,
  fields: [
    { name: 's', type: 'string' }, { name: 'o', type: 'string', optional: true },
    { name: 'n', type: 'int64' }, { name: 'x', type: 'float64', optional: true },
    { name: 'b', type: 'bool' }, { name: 'l', type: { list: 'string' } },
  ],
};
const text = fc.string({ unit: 'binary', maxLength: 12 });
const row = fc.record({
  s: text, o: fc.option(text), n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  x: fc.option(fc.double()), b: fc.boolean(), l: fc.array(text, { maxLength: 3 }),
});
const rows = fc.array(row, { minLength: 3, maxLength: 60 });
const format = fc.constantFrom('jsonl' as const, 'csv' as const);

async function fileOf(given: Row[], as: 'jsonl' | 'csv'): Promise<Uint8Array> {
  const data = await loadDataset(given, { schema });
  return new Uint8Array(await new Response(data.write(as)).arrayBuffer());
}

function inPieces(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes[turn++ % sizes.length] as number;
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

describe('for any rows', () => {
  it('a file gives back what was written, whatever its pieces', async () => {
    await fc.assert(fc.asyncProperty(
      rows, format, fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 }),
      async (given, as, sizes) => {
        const bytes = await fileOf(given, as);
        const data = await loadDataset(inPieces(bytes, sizes), { format: as, schema });
        expect(await data.rows()).toEqual(given);
      }), { numRuns: 60 });
  }, 60_000);

  it('a split is a partition, by every method', async () => {
    await fc.assert(fc.asyncProperty(
      rows, fc.constantFrom('shuffle', 'key', 'stratify', 'huggingface'), fc.maxSafeNat(),
      async (given, how, seed) => {
        const data = await loadDataset(given.map((one, i) => ({ ...one, n: BigInt(i) })), { schema });
        const splits = Object.values(await data.split({
          ratios: { train: 0.5, test: 0.5 }, seed,
          ...(how === 'huggingface' ? { method: how } : {}),
          ...(how === 'key' || how === 'stratify' ? { [how]: how === 'key' ? 'n' : 'b' } : {}),
        }));
        const numbers = (await Promise.all(splits.map(({ data: part }) => part.rows())))
          .flat().map(({ n }) => Number(n));
        expect(numbers.sort((a, b) => a - b)).toEqual(given.map((_, i) => i));
      }), { numRuns: 60 });
  }, 60_000);
});

/** Values of each type that a field may have. */
const valuesOf: Readonly<Record<FieldType, fc.Arbitrary<Value>>> = {
  string: text,
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  bool: fc.boolean(),
  timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  categorical: fc.constantFrom('', 'a', 'b,"c"\n'),
  bytes: fc.uint8Array({ maxLength: 5 }),
};
const types = Object.keys(valuesOf) as FieldType[];

/** A field by itself, and its values. */
const anyField = fc.record({
  type: fc.constantFrom(...types), isList: fc.boolean(), isOptional: fc.boolean(), isAny: fc.boolean(),
  name: text, groups: fc.array(fc.constantFrom('g', 'h', '__proto__', 'a.b', 'é"'), { maxLength: 2 }), isNamed: fc.boolean(),
}).map(({ type, isList, isOptional, isAny, name, groups, isNamed }) => ({
  field: {
    name, type: isList ? { list: type } : type, path: isNamed ? [name] : [...groups, `m${name}`],
    ...(isOptional ? { optional: true } : {}),
    ...(isAny && type === 'string' && !isList ? { from: 'any' as const } : {}),
    ...(type === 'categorical' ? { categories: ['', 'a', 'b,"c"\n'] } : {}),
  } satisfies Field,
  values: [isList ? fc.array(valuesOf[type], { maxLength: 3 }) : valuesOf[type]]
    .map((all): fc.Arbitrary<Value> => (isOptional ? fc.option(all) : all))[0] as fc.Arbitrary<Value>,
}));

/** Fields whose names and places differ, those of one group beside each other. */
const anyFields = fc.array(anyField, { minLength: 1, maxLength: 6 }).map((all) => {
  const taken = new Set<string>();
  const isFree = ({ name, path }: { name: string; path: readonly string[] }) => {
    const keys = [`name ${name}`, `column ${path.join('.')}`, `path ${JSON.stringify(path)}`];
    const within = path.slice(0, -1).map((_, i) => `path ${JSON.stringify(path.slice(0, i + 1))}`);
    // hyparquet takes a mark at the beginning of a name for none of it.
    if (name === '' || path.some((member) => member.startsWith('\ufeff')) || keys.some((key) => taken.has(key)) || within.some((key) => taken.has(key)) ||
      taken.has(`around ${JSON.stringify(path)}`)) return false;
    for (const key of keys) taken.add(key);
    for (const key of within) taken.add(key.replace('path', 'around'));
    return true;
  };
  const free = all.filter(({ field }) => isFree(field));
  // As a file has them.
  const beside = (some: typeof free, key: (path: readonly string[]) => readonly string[]) => {
    const place = ({ field: { path } }: (typeof free)[number]) => some.findIndex(
      ({ field }) => String(key(field.path)) === String(key(path)));
    return [...some].sort((one, other) => place(one) - place(other));
  };
  return beside(beside(free, (path) => path.slice(0, -1)), (path) => path.slice(0, 1));
}).filter((all) => all.length > 0);

const anyData = anyFields.chain((all) => fc.record({
  schema: fc.constant<DatasetSchema>({ version: 1, fields: all.map(({ field }) => field) }),
  rows: fc.array(fc.tuple(...all.map(({ values }) => values)).map((values) => {
    const made: Record<string, Value> = {};
    all.forEach(({ field: { name } }, i) => Object.defineProperty(
      made, name, { value: values[i] as Value, enumerable: true }));
    return made as Row;
  }), { maxLength: 12 }),
}));

describe('for any schema and rows', () => {
  it('what is written is read as the same by the schema, and by its own where it has one', async () => {
    await fc.assert(fc.asyncProperty(anyData, async ({ schema: any, rows: given }) => {
      const numbers = await loadDataset(given.map((_, i) => ({ i })), {
        schema: { version: 1, fields: [{ name: 'i', type: 'int32' }] } });
      const data = numbers.map((_, i) => given[i] as Row, { schema: any });
      const hash = await data.hash();
      for (const format of ['jsonl', 'csv', 'parquet'] as const) {
        const file = await new Response(data.write(format)).bytes();
        const again = await loadDataset(file, { format, schema: any });
        expect(await again.rows()).toEqual(given);
        expect(await again.hash()).toBe(hash);
        if (format === 'parquet') expect(await (await loadDataset(file, { format })).hash()).toBe(hash);
      }
    }), { numRuns: 150 });
  }, 120_000);

  it('what JSON can say is inferred again from what is written', async () => {
    const numbers = fc.double({ noInteger: true }).filter((x) => !Number.isNaN(x));
    const one = fc.record({
      s: fc.string({ unit: 'binary', minLength: 1 }).filter((t) => !/^(NaN|-?Infinity)$/.test(t)),
      b: fc.boolean(), n: fc.option(valuesOf.int64),
      x: fc.record({ y: numbers, z: fc.array(fc.boolean(), { minLength: 1 }) }),
    });
    await fc.assert(fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 9 }), async (given) => {
      const whole = [{ s: 's', b: true, n: 1n, x: { y: 0.5, z: [true] } }, ...given];
      const data = (await loadDataset(whole.map((_, i) => ({ i })))).map((_, i) => whole[i] as (typeof whole)[number]);
      const file = await new Response(data.write('jsonl')).bytes();
      const again = await loadDataset(file, { format: 'jsonl' });
      expect(await again.hash()).toBe(await data.hash());
      expect(await (await loadDataset(whole)).hash()).toBe(await data.hash());
    }), { numRuns: 60 });
  }, 60_000);
});

describe('a download', () => {
  it('that breaks off is an error that says where', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/csv', 'content-length': '100000' });
      response.write(`n\n${'1\n'.repeat(1000)}`, () => setTimeout(() => response.destroy(), 50));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.csv`;
    try {
      const data = await loadDataset(url, {
        schema: { version: 1, fields: [{ name: 'n', type: 'int32' }] },
      });
      await expect(data.rows()).rejects.toMatchObject({
        code: 'network', file: url, fields: { byte: 2002 },
      });
    } finally {
      server.close();
    }
  });
});
