// wasm/smoke_test.mjs, which drives the WebAssembly modules without the package.
import { spawnSync } from 'node:child_process';
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
