// The ceilings of what a page loads.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from './testing/material.js';

it('stays within the ceilings', async () => {
  const script = join(root, 'tools/check-sizes.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const names = ['wasm', 'javascript', 'run', 'checkpoints', 'dataset', 'compressed', 'parquet', 'parquet_writer',
    'parquet_brotli', 'arrow', 'tokenizer'];
  expect(stdout.trimEnd().split('\n')).toEqual(names.map((name) =>
    expect.stringMatching(new RegExp(`^${name}: \\d+ bytes, within `))));
});
