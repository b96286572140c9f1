// The native command itself: its exit codes, which weights it takes, and what it makes of run configs.
import { spawnSync } from 'node:child_process';
import {
  cpSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure, hashJson, loadDataset, shutdown, validateRunConfig } from 'reprise';
import { afterAll, expect, test } from 'vitest';
import { padded } from '../../packages/reprise/src/testing/padded.ts';

const root = join(import.meta.dirname, '../..');
const story = join(root, 'fixtures/models/stories-260k');
const config = join(root, 'fixtures/runs/run-config-v1.json');
const datasetConfig = join(root, 'fixtures/datasets/reprise.json');
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
  [['config', 'validate', work], 1],
  [['replay', work, '--model', story], 1],
  [['config', 'check', config], 2],
  [['config', 'hash'], 2],
  [['config', 'validate', datasetConfig], 0],
  [['dataset'], 2],
  [['dataset', 'inspect'], 2],
  [['dataset', 'head', '--config', datasetConfig], 2],
  [['dataset', 'inspect', '--config', datasetConfig], 0],
  [['dataset', 'inspect', '--config', config], 1],
  [['dataset', 'split', join(root, 'fixtures/datasets/sms-spam.csv')], 2],
])('%j exits with %i', (words, code) => expect(run(...words)).toMatchObject({ status: code }));

test('a record goes where a link leads, and the link stays', () => {
  const [link, target] = [join(work, 'link.json'), join(work, 'target.json')];
  writeFileSync(target, 'before');
  symlinkSync(target, link);
  const words = ['generate', '--model', story, '--prompt', 'One', '--max-tokens', '2', '--record', link];
  expect(run(...words)).toMatchObject({ status: 0 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ kind: 'generate' });
});

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
  await configure({ threads: 1, log: false });
  for (const file of [config, datasetConfig]) {
    const json = JSON.parse(readFileSync(file, 'utf8'));
    expect(run('config', 'hash', file).stdout).toBe(`${await hashJson(json)}\n`);
  }
  await shutdown();
});

/** A config of a dataset beside its file. */
function written(name, text, dataset, seed) {
  writeFileSync(join(work, name), text);
  const file = join(work, `${name}.reprise.json`);
  const json = JSON.stringify({ version: 1, dataset: { source: name, ...dataset }, seed });
  // JavaScript would put names of digits in the order of their numbers.
  writeFileSync(file, json.replace('"ten"', '"10"').replace('"nine"', '"9"'));
  return file;
}
const lines = Array.from({ length: 40 }, (_, i) => `${i};'a;${i % 7}'\n`).join('');
const fields = [{ name: 'n', type: 'int32' }, { name: 't', type: 'string' }];
const ratios = { b: 0.25, a: 0.75 };

test.each([
  ['of the fixture', datasetConfig],
  ['with every option that is read natively', written('rows.dat', `n;t\n${lines}`, {
    format: 'csv', delimiter: ';', quote: "'", header: true, schema: { version: 1, fields, text: 't' },
    split: { counts: { b: 15, a: 25 }, seed: 3 },
  })],
  ['with digits for names', written('digits.dat', `n;t\n${lines}`, {
    format: 'csv', delimiter: ';', quote: "'", split: { counts: { ten: 15, nine: 25 }, seed: 3 },
  })],
  ['without a schema', written('bare.csv', lines, {
    delimiter: ';', quote: '', header: false, split: { ratios, method: 'content' },
  }, 9)],
  ["with the schema's split", written('nested.json', '{"d.e":{"rows":[{"n":1,"t":""},{"n":2,"t":"x"}]}}', {
    source: ['nested.json'], rowsPath: ['d.e', 'rows'],
    schema: { version: 1, fields, splits: { b: 0.5, a: 0.5 }, seed: 5 }, split: { method: 'shuffle' },
  }, 9)],
  ['of blank lines', written('text.txt', 'a\nb\n\nc\n', {
    textRows: 'blank_line', split: { ratios: { b: 0.5, a: 0.5 }, seed: 1 },
  })],
])("a run config's dataset %s is the package's", async (_, file) => {
  await configure({ threads: 1, log: false });
  const { dataset: { source, split, ...options }, seed } = await validateRunConfig(file);
  const data = await loadDataset(join(file, '..', [source].flat()[0]), options);
  const parts = await data.split({ ...split, seed: split.seed ?? data.schema.seed ?? seed });
  const expected = {
    hash: await data.hash(), schema: data.schema, seed: Object.values(parts)[0].seed,
    splits: Object.fromEntries(Object.values(parts).map(({ name, rows, hash }) => [name, { rows, hash }])),
  };
  data.dispose();
  await shutdown();
  const { status, stdout, stderr } = run('dataset', 'split', '--config', file);
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject(expected);
});

test('a split without a seed draws one and says it, and with that one is the same again', () => {
  const words = ['dataset', 'split', join(root, 'fixtures/datasets/sms-spam.csv'), '--ratios', 'a=0.5,b=0.5'];
  const [one, other] = [1, 2].map(() => JSON.parse(run(...words).stdout));
  expect(Number.isSafeInteger(one.seed) && one.seed >= 0).toBe(true);
  // They are two of 2^53.
  expect(other.seed).not.toBe(one.seed);
  expect(other.splits).not.toEqual(one.splits);
  expect(JSON.parse(run(...words, '--seed', `${one.seed}`).stdout)).toEqual(one);
});

test('what is said comes before a run config, and what it does not read is refused', () => {
  const inConfig = run('dataset', 'split', '--config', datasetConfig);
  const said = run('dataset', 'split', '--config', datasetConfig, '--seed', '8', '--ratios', 'all=1');
  expect(Object.keys(JSON.parse(said.stdout).splits)).toEqual(['all']);
  expect(JSON.parse(said.stdout).hash).toBe(JSON.parse(inConfig.stdout).hash);
  const other = join(work, 'other.csv');
  writeFileSync(other, 'label,text\nham,x\n');
  expect(JSON.parse(run('dataset', 'inspect', other, '--config', datasetConfig).stdout).rows).toBe(1);
  for (const [path, dataset] of [
    ['$.dataset.source', { source: ['a.csv', 'b.csv'] }],
    ['$.dataset.compression', { compression: 'gzip' }],
    ['$.dataset.columns', { columns: ['n'] }],
    ['$.dataset.onError', { onError: 'skip' }],
    ['$.dataset.split.key', { split: { ratios, key: 'n' } }],
  ]) {
    const { status, stderr } = run('dataset', 'split', '--config', written('a.csv', 'n\n1\n', dataset));
    expect([status, stderr]).toEqual([1, expect.stringContaining(`: ${path} is read by reprise alone`)]);
  }
});
