// `reprise config` and `reprise generate --config` as a user runs them.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { reprise, repository, storyModel } from '../testing/run-command.js';

const released = join(repository, 'fixtures/runs/run-config-v1.json');
const hash = '9ba59aa1ff24be5e31b5fcb40a763b4abc01d0862179b12d1c51a0bd428ce239';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'reprise-config-'));
  await cp(storyModel, join(work, 'models/story'), { recursive: true });
});
afterAll(() => rm(work, { recursive: true }));

/** A file of that config. */
async function fileOf(name: string, config: unknown): Promise<string> {
  const file = join(work, name);
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

describe('reprise config', () => {
  it('validates and hashes', async () => {
    expect(await reprise(['config', 'validate', released]))
      .toEqual({ code: 0, stdout: `${released}: a run config of version 1\n`, stderr: '' });
    expect(await reprise(['config', 'hash', released]))
      .toEqual({ code: 0, stdout: `${hash}\n`, stderr: '' });
    for (const what of ['validate', 'hash']) {
      const { code, stdout } = await reprise(['config', what, released, '--json']);
      expect([code, JSON.parse(stdout)]).toEqual([0, { file: released, hash }]);
    }
  });

  it('says what is wrong, where, and what is allowed', async () => {
    const file = await fileOf('wrong.json',
      { version: 1, model: { folder: 'models/story' }, sampling: { temprature: 1 } });
    for (const what of ['validate', 'hash']) {
      const { code, stdout, stderr } = await reprise(['config', what, file]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(
        '$.sampling.temprature must be absent ("temperature" may be meant): known here are');
      expect(stderr).toMatch(/found 1\.? \(invalid_config\)\n$/);
    }
    const { stderr } = await reprise(['config', 'validate', '--json', file]);
    expect(JSON.parse(stderr)).toMatchObject(
      { error: { code: 'invalid_config', fields: { file, path: '$.sampling.temprature' } } });
  });

  it.each<[string, string, string]>([
    ['no JSON', '{"version": 1', 'invalid_json'],
    ['a member twice', '{"version":1,"version":1,"model":{"folder":"m"}}', 'invalid_json'],
    ['another version', '{"version":2,"model":{"folder":"m"}}', 'unsupported'],
    ['training', '{"version":1,"model":{"folder":"m"},"training":{}}', 'unsupported'],
    ['a wrong dataset', '{"version":1,"model":{"folder":"m"},"dataset":{}}', 'invalid_config'],
    ['a way out', '{"version":1,"model":{"folder":"../m"}}', 'invalid_config'],
  ])('refuses %s', async (name, text, code) => {
    const file = await fileOf('hostile.json', text);
    for (const words of [['config', 'validate', file], ['generate', '--prompt', 'a', '--config', file]]) {
      const finished = await reprise([...words, '--json']);
      expect([name, finished.code, finished.stdout]).toEqual([name, 1, '']);
      expect(JSON.parse(finished.stderr)).toMatchObject({ error: { code } });
    }
  });

  it.each<[string[], number, string]>([
    [[], 2, 'expected validate or hash, found nothing'],
    [['check', 'a'], 2, 'expected validate or hash, found "check"'],
    [['hash'], 2, 'expected one run config'],
    [['hash', 'a', 'b'], 2, 'expected one run config'],
    [['hash', '/nowhere/reprise.json'], 1, '/nowhere/reprise.json'],
    [['hash', 'https://example.org/reprise.json'], 1, 'a file on this machine'],
  ])('with %j ends with %i', async (words, expected, message) => {
    const { code, stderr } = await reprise(['config', ...words]);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(message)]);
  });
});

describe('reprise generate --config', () => {
  const prompt = ['generate', '--prompt', 'Once upon a time', '--json'];
  const settings = { temperature: 0.9, topK: 50, maxTokens: 12, logitBias: { 5: -1 } };
  const config = {
    version: 1, model: { folder: 'models/story' }, contextLength: 64, seed: 42, sampling: settings,
  };
  const generate = async (words: string[]): Promise<Record<string, unknown>> => {
    const record = join(work, 'record.json');
    const { code, stdout, stderr } = await reprise([...prompt, ...words, '--record', record]);
    expect([code, stderr]).toEqual([0, '']);
    return {
      ...JSON.parse(stdout) as object,
      record: JSON.parse(readFileSync(record, 'utf8')) as object,
    };
  };

  it('takes model, seed and sampling from it, as the options would say them', async () => {
    const file = await fileOf('reprise.json', config);
    const found = await generate(['--config', file]);
    expect(found.record).toMatchObject(
      { seed: 42, inputs: { model: 'story' }, settings: { ...settings, contextLength: 64 } });
    const said = await generate(['--model', storyModel, '--seed', '42', '--context-length', '64',
      '--temperature', '0.9', '--top-k', '50', '--max-tokens', '12', '--logit-bias', '5=-1']);
    expect(found.tokens).toEqual(said.tokens);
    expect((found.record as { runId: string }).runId).toBe((said.record as { runId: string }).runId);
  });

  it('lets options come before its own', async () => {
    const file = await fileOf('reprise.json', config);
    const found = await generate(['--config', file, '--seed', '7', '--max-tokens', '3',
      '--context-length', '32', '--model', storyModel]);
    expect(found.record).toMatchObject({
      seed: 7, inputs: { model: 'stories-260k' },
      settings: { ...settings, maxTokens: 3, contextLength: 32 },
    });
  });

  it('needs weights', async () => {
    const dimensions = JSON.parse(readFileSync(join(storyModel, 'config.json'), 'utf8')) as object;
    const file = await fileOf('dimensions.json',
      { version: 1, model: { config: dimensions }, sampling: { maxTokens: 2 } });
    const { code, stderr } = await reprise([...prompt, '--config', file]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject(
      { error: { code: 'unsupported', fields: { path: '$.model.config' } } });
    expect((await generate(['--config', file, '--model', storyModel])).tokens).toHaveLength(2);
  });

  it('lets a dataset be, and needs a model', async () => {
    const dataset = { source: 'nowhere.csv', split: { ratios: { train: 1 }, seed: 7 } };
    const file = await fileOf('both.json', { ...config, dataset });
    const alone = await fileOf('alone.json', config);
    expect((await generate(['--config', file])).tokens).toEqual((await generate(['--config', alone])).tokens);
    const none = await fileOf('none.json', { version: 1, dataset, sampling: { maxTokens: 2 } });
    const { code, stderr } = await reprise([...prompt, '--config', none]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject(
      { error: { code: 'invalid_config', fields: { file: none, path: '$.model' } } });
    expect((await generate(['--config', none, '--model', storyModel])).tokens).toHaveLength(2);
  });

  it('says where its folder is not', async () => {
    const file = await fileOf('nowhere.json', { version: 1, model: { folder: 'nowhere' } });
    const { code, stderr } = await reprise([...prompt, '--config', file]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'not_found' } });
    expect(stderr).toContain(join(work, 'nowhere'));
  });
});
