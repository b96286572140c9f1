// Columns that grow: whatever batches the rows came in, they end as one batch would have them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnPart } from '../protocol.js';
import { ColumnBuffers } from './column-buffers.js';

/** Texts of rows, absent ones null, as the core lays a batch of them out. */
function partOf(rows: readonly (string | null)[]): ColumnPart {
  const texts = rows.map((row) => new TextEncoder().encode(row ?? ''));
  const offsets = new Uint32Array(2 * (rows.length + 1));
  texts.forEach((text, i) => (offsets[2 * i + 2] = (offsets[2 * i] as number) + text.length));
  const validity = new Uint8Array(rows.includes(null) ? Math.ceil(rows.length / 8) : 0);
  rows.forEach((row, i) => {
    if (validity.length > 0 && row !== null) validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
  });
  return { validity, listOffsets: new Uint32Array(), offsets, values: Uint8Array.from(texts.flatMap((text) => [...text])) };
}

function joined(batches: readonly (readonly (string | null)[])[], share?: number) {
  const columns = new ColumnBuffers();
  for (const rows of batches) columns.append([partOf(rows)], rows.length, share);
  return columns.parts().map((part) => [...part]);
}

const batches = fc.array(fc.array(fc.option(fc.string({ maxLength: 5 }), { freq: 3 }), { maxLength: 20 }), { minLength: 1 });

describe('columns that grow', () => {
  it('are those of one batch', () => {
    fc.assert(fc.property(batches, fc.option(fc.double({ min: 0.01, max: 1, noNaN: true })), (rows, share) => {
      expect(joined(rows, share ?? undefined)).toEqual(joined([rows.flat()]));
    }));
  });

  it('keep no memory that is much more than theirs', () => {
    const columns = new ColumnBuffers();
    for (let i = 0; i < 100; i++) columns.append([partOf(['0123456789'])], 1, 0.01);
    for (const part of columns.parts()) expect(part.buffer.byteLength).toBeLessThanOrEqual(1.125 * part.byteLength + 8);
  });

  it('take memory once as they come, and never more than twice', () => {
    const bytes = 100_000;
    const text = 'x'.repeat(100);
    const part = partOf(Array.from({ length: bytes / 100 }, () => text));
    for (const share of [undefined, 1]) {
      const before = process.memoryUsage().arrayBuffers;
      const taken = () => process.memoryUsage().arrayBuffers - before;
      const columns = new ColumnBuffers();
      for (let i = 0; i < 500; i++) columns.append([part], bytes / 100, share);
      const kept = 500 * (bytes + (8 * bytes) / 100);
      // With what is unused at the chunks' ends.
      expect(taken()).toBeLessThan(1.15 * kept);
      const parts = columns.parts();
      expect(parts.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(kept + 8);
      expect(taken()).toBeLessThan(2 * kept + 0.15 * kept);
    }
  });

  it('have offsets beyond 4 GiB', () => {
    const columns = new ColumnBuffers();
    const half = { ...partOf([]), offsets: new Uint32Array([0, 0, 2 ** 31, 0]) };
    for (let i = 0; i < 4; i++) columns.append([half], 1, undefined);
    const offsets = columns.parts()[2] as Uint8Array;
    expect([...new BigInt64Array(offsets.buffer, 0, 5)]).toEqual([0n, 2n ** 31n, 2n ** 32n, 3n * 2n ** 31n, 2n ** 33n]);
  });

  it('say how much is not there', () => {
    const columns = new ColumnBuffers();
    const huge = { byteLength: 2 ** 53 - 8, length: 2 ** 53 - 8 } as unknown as Uint8Array;
    expect(() => columns.append([{ ...partOf([]), values: huge }], 0, undefined))
      .toThrow(expect.objectContaining({ code: 'out_of_memory', needsBytes: 2 ** 53 - 8 }));
  });
});
