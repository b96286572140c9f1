// The native command itself: its exit codes, and which weights it takes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure, hashJson, shutdown } from 'reprise';
import { afterAll, expect, test } from 'vitest';

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

test("a run config's hash is the package's", async () => {
  const json = JSON.parse(readFileSync(config, 'utf8'));
  await configure({ threads: 1, log: false });
  expect(run('config', 'hash', config).stdout).toBe(`${await hashJson(json)}\n`);
  await shutdown();
});
