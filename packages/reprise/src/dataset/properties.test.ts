// What holds for any rows: splits are partitions, pieces never matter, files give back what was written.
import fc from 'fast-check';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadDataset, type DatasetSchema, type Row } from 'reprise';
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
