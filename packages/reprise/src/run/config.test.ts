// Run configs through the package: what is wrong is refused with its path, by the core and by the
// published schema.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configure, hashJson, type RunConfig, shutdown, validateRunConfig } from 'reprise';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, root, storiesFile } from '../testing/material.js';
import { fitsRunConfigSchema } from '../testing/run-config-schema.js';

await configure({ threads: 1, log: false });
afterAll(shutdown);
afterEach(expectNothingAlive);

const read = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

const minimal: RunConfig = { version: 1, model: { folder: 'models/story' } };
const withSampling = (sampling: object): object => ({ ...minimal, sampling });
const inFolder = (folder: unknown): object => ({ version: 1, model: { folder } });

describe('run configs of every version ever released', () => {
  it('version 1 is read, from a path, a text and an object', async () => {
    const file = join(root, 'fixtures/runs/run-config-v1.json');
    const config = read(file);
    expect(fitsRunConfigSchema(config)).toBe(true);
    for (const source of [file, new Blob([readFileSync(file)]), readFileSync(file), config]) {
      expect(await validateRunConfig(source)).toEqual(config);
    }
    expect(await hashJson(config)).toBe(
      '9ba59aa1ff24be5e31b5fcb40a763b4abc01d0862179b12d1c51a0bd428ce239');
  });
});

describe('a run config', () => {
  it.each<[string, object]>([
    ['the least there is', minimal],
    ['its own folder', inFolder('.')],
    ['names with dots and spaces inside', inFolder('..a/b c/.d')],
    ['dimensions', { version: 1, model: { config: read(storiesFile('config.json')) } }],
    ['undefined members', { ...minimal, seed: undefined, sampling: { topK: undefined } }],
    ['bounds', withSampling({
      temperature: 0, topP: 1, repetitionPenalty: 1e-45, logitBias: { 2147483647: -1e38 },
      stop: [], stopIds: [0],
    })],
  ])('may have %s', async (_, config) => {
    expect(await validateRunConfig(config)).toEqual(JSON.parse(JSON.stringify(config)));
    expect(fitsRunConfigSchema(JSON.parse(JSON.stringify(config)))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['$', []],
    ['$.version', { model: { folder: 'm' } }],
    ['$', { version: 1 }],
    ['$.model', { version: 1, model: {} }],
    ['$.model', { version: 1, model: { folder: 'm', config: {} } }],
    ['$.model.folder', inFolder(null)],
    ...['', '..', '../m', 'm/../..', './m', 'm/', '/m', 'm//n', 'C:\\m', 'C:m', '\\\\host\\m',
      'https://example.org/m', 'file:///m', 'm\0', 'm/.. ', '.../m'].map(
      (folder): [string, unknown] => ['$.model.folder', inFolder(folder)]),
    ['$.model.source', { version: 1, model: { source: 'https://example.org/m' } }],
    ['$.backend', { ...minimal, backend: 'cpu' }],
    ['$.threads', { ...minimal, threads: 4 }],
    ['$.contextLength', { ...minimal, contextLength: 0 }],
    ['$.contextLength', { ...minimal, contextLength: 2 ** 31 }],
    ['$.precision.weights', { ...minimal, precision: { weights: 'q8' } }],
    ['$.precision.activations', { ...minimal, precision: { activations: 'f16' } }],
    ['$.precision.debug', { ...minimal, precision: { debug: true } }],
    ['$.seed', { ...minimal, seed: '42' }],
    ['$.seed', { ...minimal, seed: -1 }],
    ['$.seed', { ...minimal, seed: 2 ** 53 }],
    ['$.seed', { ...minimal, seed: 1e300 }],
    ['$.sampling', { ...minimal, sampling: 'greedy' }],
    ['$.sampling.temperature', withSampling({ temperature: -1 })],
    ['$.sampling.temperature', withSampling({ temperature: Number.NaN })],
    ['$.sampling.topP', withSampling({ topP: 0 })],
    ['$.sampling.repetitionPenalty', withSampling({ repetitionPenalty: 0 })],
    ['$.sampling.repetitionPenalty', withSampling({ repetitionPenalty: 1e300 })],
    ['$.sampling.logitBias.x', withSampling({ logitBias: { x: 1 } })],
    ['$.sampling.logitBias.1', withSampling({ logitBias: { 1: 1e39 } })],
    ['$.sampling.stop', withSampling({ stop: 'end' })],
    ['$.sampling.stopIds[1]', withSampling({ stopIds: [1, 1.5] })],
    ['$.sampling.seed', withSampling({ seed: 1 })],
  ])('is refused at %s, also by the published schema: %j', async (path, config) => {
    expect(fitsRunConfigSchema(JSON.parse(JSON.stringify(config)))).toBe(false);
    expect(await rejection(validateRunConfig(config))).toMatchObject({
      code: 'invalid_config', file: 'config', path, expected: expect.any(String) as string,
      found: expect.any(String) as string,
    });
  });

  it('names the members that may be meant', async () => {
    const error = await rejection(validateRunConfig(withSampling({ top_p: 0.9 })));
    expect((error as Error).message).toMatch(
      /^config: \$\.sampling\.top_p must be absent \("topP" may be meant\): known here are .*found 0\.9/);
  });

  it.each([
    ['$.dataset.schema.version', { ...minimal, dataset: { source: 'a.csv', schema: { version: 2 } } }],
    ['$.training', { ...minimal, training: {} }],
    ['$.version', { ...minimal, version: 2 }],
    ['$.model.config.model_type', { version: 1, model: { config: { model_type: 'bert' } } }],
  ])('with %s is of a later version', async (path, config) => {
    expect(await rejection(validateRunConfig(config)))
      .toMatchObject({ code: 'unsupported', file: 'config', path });
  });

  it('is refused where dimensions are wrong', async () => {
    const config = { ...read(storiesFile('config.json')), hidden_size: 1e9 + 0.5 };
    expect(await rejection(validateRunConfig({ version: 1, model: { config } })))
      .toMatchObject({ code: 'invalid_config', path: '$.model.config.hidden_size' });
  });

  it('is refused where it is no JSON', async () => {
    const text = JSON.stringify(minimal);
    for (const json of [
      text.slice(0, -1), '', '['.repeat(100_000), `{"a":${'{"a":'.repeat(300)}`,
      text.replace('"version"', '"version":1,"version"'), `${text}x`, text.replace('1', '1e999'),
    ]) {
      expect(await rejection(validateRunConfig(new TextEncoder().encode(json))))
        .toMatchObject({ code: 'invalid_json', file: 'config' });
    }
    const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`) as object;
    expect(await rejection(validateRunConfig({ version: 1, model: { config: deep } })))
      .toMatchObject({ code: 'invalid_json' });
    const itself: Record<string, unknown> = { ...minimal };
    itself.self = itself;
    for (const nothing of [7, null, undefined, itself, { ...minimal, seed: 1n }]) {
      expect(await rejection(validateRunConfig(nothing)))
        .toMatchObject({ code: 'invalid_argument', argument: 'config' });
    }
    expect(await rejection(validateRunConfig('/nowhere/reprise.json')))
      .toMatchObject({ code: 'not_found' });
  });
});
