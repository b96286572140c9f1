// A record made natively replays identically in Node with 1, 2 and 4 threads, in Chromium and in
// Firefox, and records made there replay identically natively. Each leg reports by record.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { browserLegs, inBrowser } from './browser_leg.mjs';
import { contextOf } from './cases.mjs';
import { gatherInputs } from './inputs.mjs';
import { nativeInfo } from './native_leg.mjs';
import { recordedCases } from './replay_leg.mjs';

const root = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'reprise-replay-'));
afterAll(() => rmSync(work, { recursive: true }));

const inputs = gatherInputs(root, work);
const native = join(root, 'build/native-release/reprise_native');
const aarch64 = ['qemu-aarch64', join(root, 'build/native-aarch64/reprise_native')];
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** A value as the native command takes it: biases as 5=-1,7=2. */
const wordOf = (value) => (typeof value === 'object'
  ? Object.entries(value).map((pair) => pair.join('=')).join(',') : String(value));

/** Records of every case, made natively by the reference kernels, as texts. */
const records = {};
for (const [name, folder] of Object.entries(inputs.folders)) {
  const { vocab_size: vocabSize } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  for (const { name: which, prompt, options } of recordedCases(name, vocabSize)) {
    const file = join(work, `${name}-${which}.json`);
    const words = Object.entries(options).flatMap(([key, value]) => [`--${kebab(key)}`, wordOf(value)]);
    const given = typeof prompt === 'string' ? ['--prompt', prompt] : ['--prompt-ids', prompt.join(',')];
    execFileSync(native, [
      'generate', '--model', folder, '--backend', 'reference', '--context-length', String(contextOf(name)),
      ...given, '--stop-ids', '', ...words, '--record', file, '--json',
    ]);
    records[`${name}/${which}`] = readFileSync(file, 'utf8');
  }
}

/** Replays a record natively; what reprise_native says. `how` is the SIMD level, the program, and
 * further words. */
function replayNatively(name, record, { simd = '', program = [native], words = [] } = {}) {
  const file = join(work, 'replayed.json');
  writeFileSync(file, record);
  const folder = inputs.folders[name.split('/')[0]];
  const [command, ...more] = program;
  const { stdout, stderr } = spawnSync(
    command, [...more, 'replay', file, '--model', folder, '--json', ...words],
    { encoding: 'utf8', env: { ...process.env, REPRISE_SIMD: simd } });
  if (stdout === '') throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Every record replayed identically there, and every record made there replays identically here. */
function check({ results, made }) {
  const names = Object.keys(records);
  expect(Object.keys(results).sort()).toEqual([...names].sort());
  const verdicts = (all) => names.map((name) => `${name}: ${all(name).verdict}, ${all(name).compared} tokens`);
  const expected = names.map((name) => `${name}: identical, ${JSON.parse(records[name]).outputIds.length} tokens`);
  expect(verdicts((name) => results[name])).toEqual(expected);
  expect(verdicts((name) => replayNatively(name, made[name]))).toEqual(expected);
  for (const name of names) {
    const [theirs, ours] = [JSON.parse(made[name]), JSON.parse(records[name])];
    for (const field of ['runId', 'outputIds', 'logprobs', 'positions', 'settings', 'finishReason']) {
      expect(theirs[field], `${name} ${field}`).toEqual(ours[field]);
    }
  }
}

function inNode(threads) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'node_replay.mjs')], {
    input: JSON.stringify({ threads, folders: inputs.folders, records }), encoding: 'utf8', maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

test('there are records', () => expect(Object.keys(records).length).toBeGreaterThanOrEqual(8));

test('one is of a text that a stop text ended, with biases', () => {
  const { promptIds, finishReason, settings, inputs: { tokenizer } } = JSON.parse(records['stories-260k/text']);
  expect(promptIds[0]).toBe(1);
  expect(finishReason).toBe('stop_text');
  expect(settings).toMatchObject({ stop: [' was'], logitBias: { 5: -1.5, 403: 0.75 } });
  expect(tokenizer).toMatch(/^[0-9a-f]{64}$/);
});

/** Every record replays identically on this program. */
function checkNative(how) {
  for (const [name, record] of Object.entries(records)) {
    const words = ['--backend', 'cpu', '--threads', '2'];
    expect(replayNatively(name, record, { ...how, words }).verdict, name).toBe('identical');
  }
}
test.each(nativeInfo([native]).simdLevels)('native %s, 2 threads', (simd) => checkNative({ simd }));
test.each(nativeInfo(aarch64).simdLevels)('aarch64 %s in QEMU, 2 threads', (simd) =>
  checkNative({ simd, program: aarch64 }), 600_000);
test.each([1, 2, 4])('Node with %i threads', (threads) => check(inNode(threads)));
test.each(browserLegs)('%s', async (_, name, isolated) =>
  check(await inBrowser(name, root, inputs, isolated, 'replayLeg', { records })));
