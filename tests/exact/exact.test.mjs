// The same fields natively (the reference kernels, every SIMD level, threads, g++), for 64-bit Arm in
// QEMU, in Node with 1, 2 and 4 threads, in Chromium and in Firefox: every bit must be that of the
// native reference kernels.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { browserLegs, inBrowser } from './browser_leg.mjs';
import { gatherInputs } from './inputs.mjs';
import * as native from './native_leg.mjs';

const root = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'reprise-exact-'));
afterAll(() => rmSync(work, { recursive: true }));

const inputs = gatherInputs(root, work);
const clang = [join(root, 'build/native-release/reprise_native')];
const gcc = [join(root, 'build/native-gcc/reprise_native')];
const aarch64 = ['qemu-aarch64', join(root, 'build/native-aarch64/reprise_native')];
const runNative = (command, how) => native.computeFields(command, how, inputs, work);

function runNode(threads) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'node_leg.mjs')], {
    input: JSON.stringify({ threads, inputs }),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return Object.fromEntries(JSON.parse(stdout).map(([name, text]) => {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
    return [name, Array.from(new Float64Array(bytes.buffer))];
  }));
}

/** SHA-256 over the values as little-endian doubles: ids and widened f32 alike. */
function hashField(values) {
  if (!values.every((value) => typeof value === 'number')) throw new Error('a field holds something else than numbers');
  return createHash('sha256').update(Buffer.from(Float64Array.from(values).buffer)).digest('hex');
}

const expected = runNative(clang, { backend: 'reference' });
const names = Object.keys(expected);
const hashes = Object.fromEntries(names.map((name) => [name, hashField(expected[name])]));
console.log(names.map((name) => `${hashes[name].slice(0, 16)}  ${name}`).join('\n'));

/** Fails with every field that differs, and where it does so first. */
function compare(fields) {
  expect(Object.keys(fields).sort()).toEqual([...names].sort());
  const differing = names.filter((name) => hashField(fields[name]) !== hashes[name]);
  const report = differing.map((name) => {
    const at = expected[name].findIndex((value, i) => !Object.is(value, fields[name][i]));
    return `${name}: at ${at} ${fields[name][at]} instead of ${expected[name][at]}`;
  });
  expect(report).toEqual([]);
}

test('the fields are what they should be', () => {
  const models = Object.keys(inputs.folders).length;
  // Of each model: three of score, two of greedy and of sampled, one with a large seed. Of that with
  // the borders: three of score and two of sampled.
  expect(names.length).toBe((models - 1) * 8 + 5 + Object.keys(inputs.tokenizers).length);
  for (const name of names) expect(expected[name].length, name).toBeGreaterThan(0);
});

test.each(native.nativeInfo(clang).simdLevels)('native %s', (simd) => compare(runNative(clang, { simd })));
test.each([2, 4])('native with %i threads', (threads) => compare(runNative(clang, { threads })));
test.each(native.nativeInfo(gcc).simdLevels)('native %s by g++', (simd) => compare(runNative(gcc, { simd })));
test.each(native.nativeInfo(aarch64).simdLevels)('aarch64 %s in QEMU, 2 threads', (simd) =>
  compare(runNative(aarch64, { simd, threads: 2 })), 600_000);
test.each([1, 2, 4])('Node with %i threads', (threads) => compare(runNode(threads)));
test.each(browserLegs)('%s', async (_, name, isolated) =>
  compare(await inBrowser(name, root, inputs, isolated, 'computeLeg')));
