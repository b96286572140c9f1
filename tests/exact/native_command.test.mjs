// The native command itself: its exit codes, and which weights it takes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure, hashJson, shutdown } from 'reprise';
import { afterAll, expect, test } from 'vitest';
import { padded } from '../../packages/reprise/src/testing/padded.ts';

const root = join(import.meta.dirname, '../..');
const story = join(root, 'fixtures/models/stories-260k');
const config = join(root, 'fixtures/runs/run-config-v1.json');
const work = mkdtempSync(join(tmpdir(), 'reprise-native-'));
afterAll(() => rmSync(work, { recursive: true }));

const run = (...words) =>
  spawnSync(join(root, 'build/native-release/reprise_native'), words, { encoding: 'utf8' });

test.each([
  [['--help'], 0],
  [['nothing'], 2],
  [['generate', '--bogus'], 2],
  [['generate', '--model', story, '--prompt', 'One', '--temperature', '-1'], 2],
  [['generate', '--model', story, '--prompt', 'One', '--top-k', '9007199254740992'], 2],
  [['generate', '--model', story, '--prompt', 'One', '--max-tokens', '9007199254740992'], 2],
  [['score', '--model', story, '--tokens', '1,x'], 2],
  [['score', '--model', join(work, 'absent'), '--tokens', '1,2'], 1],
  [['score', '--model', story, '--tokens', '1,2'], 0],
  [['config', 'validate', config], 0],
  [['config', 'hash', join(work, 'absent')], 1],
  [['config', 'validate', join(story, 'config.json')], 1],
  [['config', 'check', config], 2],
  [['config', 'hash'], 2],
])('%j exits with %i', (words, code) => expect(run(...words)).toMatchObject({ status: code }));

test('of a single file and an index, the single file is taken', () => {
  const folder = join(work, 'both');
  cpSync(story, folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors.index.json'), '{"weight_map": {"a": "absent.safetensors"}}');
  expect(run('score', '--model', folder, '--tokens', '1,2')).toMatchObject({ status: 0 });
});

test('weights of several chunks are held against the whole hash of the manifest', () => {
  const folder = join(work, 'large');
  cpSync(story, folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  writeFileSync(file, padded(readFileSync(file), 9 << 20));
  expect(run('manifest', folder)).toMatchObject({ status: 0 });
  const load = () => run('score', '--model', folder, '--tokens', '1,2');
  expect(load()).toMatchObject({ status: 0 });
  const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8');
  const { sha256, chunks } = JSON.parse(manifest).files.find(({ role }) => role === 'weights');
  expect(chunks).toHaveLength(2);
  writeFileSync(join(folder, 'manifest.json'), manifest.replace(sha256, '0'.repeat(64)));
  expect(load().stderr).toMatch(/should have the SHA-256 0{64} by manifest\.json, and has/);
  // Where both are other ones, the chunk is told.
  writeFileSync(join(folder, 'manifest.json'), manifest);
  const bytes = readFileSync(file);
  bytes[(8 << 20) + 5] = 0x09;
  writeFileSync(file, bytes);
  expect(load().stderr).toMatch(/the part from byte 8388608 .* and has/);
});

test("a run config's hash is the package's", async () => {
  const json = JSON.parse(readFileSync(config, 'utf8'));
  await configure({ threads: 1, log: false });
  expect(run('config', 'hash', config).stdout).toBe(`${await hashJson(json)}\n`);
  await shutdown();
});
