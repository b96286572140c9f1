// Compressed files are read whole or refused with the byte.
import { configure, loadDataset, shutdown } from 'reprise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressedCases } from '../testing/compressed.js';
import { rejection } from '../testing/material.js';

beforeAll(() => configure({ threads: 1, log: false }));
afterAll(shutdown);

const schema = {
  version: 1 as const, fields: [{ name: 'n', type: 'int64' as const }, { name: 'words', type: 'string' as const }],
};

describe.each(['gzip', 'zstd'] as const)('%s', (kind) => {
  const cases = compressedCases.filter((each) => each.kind === kind);
  it.each(cases)('with $name', async ({ bytes, compression, rows, error }) => {
    for (const pieceBytes of [bytes.length, 11]) {
      const source = pieceBytes === bytes.length ? bytes : streamOf(bytes, pieceBytes);
      const read = async () => (await loadDataset(source, {
        format: 'csv', schema, ...(compression === undefined ? {} : { compression }),
      })).rows();
      if (error === undefined) {
        const found = await read();
        expect(found).toHaveLength(rows as number);
        expect(found.at(-1)).toEqual({ n: 299n, words: 'words of row 5' });
      } else {
        const file = pieceBytes === bytes.length ? 'the source' : 'the stream';
        expect(await rejection(read())).toMatchObject({ ...error, file });
      }
    }
  });

  it('is damaged wherever a bit is another', async () => {
    const { bytes } = cases[0] as (typeof cases)[0];
    const whole = await (await loadDataset(bytes, { format: 'csv', schema })).hash();
    // Of gzip's header nothing holds the time, the compressor's effort and its system.
    const first = kind === 'gzip' ? 10 : 4;
    for (let at = first; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      const data = await loadDataset(damaged, { format: 'csv', schema });
      const hash = await data.hash().catch((thrown: { code: string }) => thrown.code);
      // Bits that nothing reads, such as those that fill a byte, change nothing.
      expect([whole, 'invalid_data', 'unsupported']).toContain(hash);
    }
  });
});

function streamOf(bytes: Uint8Array, pieceBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, at += pieceBytes));
    },
  });
}
