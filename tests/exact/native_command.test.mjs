// The native command itself: its exit codes, and which weights it takes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const story = join(root, 'fixtures/models/stories-260k');
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
])('%j exits with %i', (words, code) => expect(run(...words)).toMatchObject({ status: code }));

test('of a single file and an index, the single file is taken', () => {
  const folder = join(work, 'both');
  cpSync(story, folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors.index.json'), '{"weight_map": {"a": "absent.safetensors"}}');
  expect(run('score', '--model', folder, '--tokens', '1,2')).toMatchObject({ status: 0 });
});
