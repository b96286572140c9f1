// hashJson against JavaScript's own printing of numbers and Node's SHA-256.
import { createHash } from 'node:crypto';
import { configure, hashJson, shutdown } from 'reprise';
import { afterAll, describe, expect, it } from 'vitest';

await configure({ log: false });
afterAll(shutdown);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('hashJson', () => {
  it('prints 100,000 doubles as JavaScript does', async () => {
    // Bits by the linear congruential generator of MMIX (Knuth), so that every run has the same.
    const view = new DataView(new ArrayBuffer(8));
    let state = 20261126n;
    const numbers: number[] = [];
    while (numbers.length < 100_000) {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      // Every second one of the magnitudes that people write.
      const bits = numbers.length % 2 === 0 ? state
        : (state & ~(0x7ffn << 52n)) | ((0x3e0n + (state >> 57n)) << 52n);
      view.setBigUint64(0, bits ^ (bits >> 31n));
      const number = view.getFloat64(0);
      if (Number.isFinite(number)) numbers.push(number);
    }
    expect(await hashJson(numbers)).toBe(sha256(JSON.stringify(numbers)));
  });

  it('sorts members by their UTF-16 units', async () => {
    const value = { '\uFB33': 1, '\u{1F600}': { b: [true, null], a: '\u20AC' }, 10: 'x', 9: -0 };
    const sorted = '{"10":"x","9":0,"\u{1F600}":{"a":"\u20AC","b":[true,null]},"\uFB33":1}';
    expect(await hashJson(value)).toBe(sha256(sorted));
  });

  it.each<[string, unknown]>([
    ['NaN', [Number.NaN]], ['Infinity', { a: Infinity }], ['a bigint', 5n],
    ['nothing', undefined], ['a function', () => 1],
  ])('refuses %s', async (_, value) => {
    await expect(hashJson(value)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('refuses what holds itself, and lone surrogates', async () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    await expect(hashJson(value)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(hashJson('\uD800')).rejects.toMatchObject({ code: 'invalid_json' });
  });
});
