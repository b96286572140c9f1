// The WebAssembly modules without the package: wasm/smoke_test.mjs, which drives them, and their memory.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

it.each([['wasm', '1'], ['wasm-threads', '2']])('a host of build/%s with %s threads', (...words) => {
  const [build, threads] = words;
  const { status, stdout, stderr } = spawnSync(process.execPath,
    [join(root, 'wasm/smoke_test.mjs'), join(root, 'build', build), threads],
    { encoding: 'utf8', timeout: 100_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('a little girl named Lily');
}, 120_000);

it('gives blocks that lie in memory and apart up to 4 GiB, and none where there is no room', async () => {
  const file = readFileSync(join(root, 'build/wasm/tokenizer.wasm'));
  const { instance } = await WebAssembly.instantiate(file, {});
  const { malloc, free, memory, __wasm_call_ctors: start } = instance.exports as unknown as {
    malloc(bytes: number): number; free(block: number): void;
    memory: WebAssembly.Memory; __wasm_call_ctors(): void;
  };
  start();
  const blocks = new Map<number, number>();
  function take(bytes: number): number {
    const block = malloc(bytes) >>> 0;
    if (block === 0) return 0;
    expect(block + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
    for (const [other, size] of blocks) {
      expect(block + bytes <= other || other + size <= block, `${block}: ${bytes}, ${other}: ${size}`).toBe(true);
    }
    blocks.set(block, bytes);
    return block;
  }
  for (let bytes = 2 ** 30; bytes >= 2 ** 20; bytes /= 2) while (take(bytes) !== 0);
  const last = Math.max(...blocks.keys());
  expect(last).toBeGreaterThan(2 ** 32 - 2 ** 24);
  const size = blocks.get(last)!;
  free(last);
  blocks.delete(last);
  for (const more of [1.5 * size, 2 * size, 2 ** 30, 2 ** 31, 2 ** 32 - 2 ** 26, 2 ** 32 - 100]) {
    expect(take(more), `${more} bytes`).toBe(0);
  }
  expect(take(size)).toBe(last);
});
