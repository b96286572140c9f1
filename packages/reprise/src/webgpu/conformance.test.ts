// Every op on the device against the reference backend, within the tolerance of its op; and the same
// bits when it runs again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OpTable } from '../../../../tests/conformance/op-table.mjs';
import { testDevice } from '../../../../tests/support/webgpu.mjs';
import { Player } from './player.js';

let table: OpTable;

beforeAll(async () => {
  table = await OpTable.create(Player, await testDevice());
});

afterAll(() => table.close());

describe.each([
  ['on buffers as large as they come', 0],
  ['on matrices cut into buffers of 2,048 bytes', 2048],
])('%s', (_, bindingBytes) => {
  test('every case is close to the reference, and the same when it runs again', async () => {
    const count = table.open(bindingBytes);
    expect(count).toBeGreaterThan(10);
    const worst = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const { name, op, error, tolerance, hash } = await table.run(i);
      expect(error, `${name}: relative error`).toBeLessThanOrEqual(tolerance);
      worst.set(op, Math.max(worst.get(op) ?? 0, error ?? Infinity));
      expect((await table.run(i)).hash, `${name}: the second run`).toBe(hash);
    }
    console.log(`${count} cases; worst errors: ` +
      Array.from(worst, ([op, error]) => `${op} ${error.toExponential(1)}`).join(', '));
    expect(await table.bufferCount()).toBe(0);
  }, 300_000);
});
