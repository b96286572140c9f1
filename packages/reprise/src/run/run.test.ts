// Manifests, records, bundles and replays through the package: what is changed is refused or told, and the
// published schemas say what the core says. Long, since all of it works on one model and what changes
// it: the tables of what is refused are half of it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { zipSync } from 'fflate';
import {
  bundleRecord, configure, createManifest, createModel, hashJson, loadModel, loadTokenizer, parseRecord, replay,
  type Manifest, type Model, RepriseError, type RunRecord, shutdown, type TensorData, verifyFolder,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, root, storiesFile, storiesFolder } from '../testing/material.js';
import { fileOfTensors } from '../sources/safetensors.js';
import { padded } from '../testing/padded.js';
import { shards } from '../testing/shards.js';
import { llamaConfig, llamaWeights } from '../testing/small-models.js';

await configure({ threads: 1, log: false });
afterAll(shutdown);

const names = [
  'config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json',
  'model.safetensors',
];
const filesOf = (all = names): Record<string, Uint8Array> =>
  Object.fromEntries(all.map((name) => [name, new Uint8Array(readFileSync(storiesFile(name)))]));
const withManifest = (manifest: unknown, files = filesOf()) =>
  ({ ...files, 'manifest.json': new TextEncoder().encode(JSON.stringify(manifest)) });

/** The published schema of that name. */
const ajv = new Ajv2020({ strict: true, formats: {
  sha256: true, 'file-name': true, 'token-id': true,
} });
const schema = (name: string) => ajv.compile(
  JSON.parse(readFileSync(join(root, `schema/${name}.schema.json`), 'utf8')) as object);
const manifestSchema = schema('manifest');
const recordSchema = schema('record');

/** A copy with the value at a path of names and positions replaced. */
function changed<T>(value: T, path: readonly (string | number)[], to: unknown): T {
  const copy = structuredClone(value);
  let place = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  if (to === undefined) delete place[path.at(-1) as string];
  else place[path.at(-1) as string] = to;
  return copy;
}

describe('a manifest', () => {
  let manifest: Manifest;
  beforeAll(async () => {
    manifest = await createManifest(filesOf());
  });
  afterEach(expectNothingAlive);

  it('is of a whole model', async () => {
    for (const file of ['config.json', 'model.safetensors']) {
      const files = filesOf(names.filter((name) => name !== file));
      expect(await rejection(createManifest(files))).toMatchObject({ code: 'not_found', file });
    }
  });

  it('is the one beside the built-in model', () => {
    const own = JSON.parse(readFileSync(storiesFile('manifest.json'), 'utf8')) as Manifest;
    expect(own.files).toEqual(manifest.files);
    expect(manifestSchema(manifest)).toBe(true);
    expect(manifest.files.map(({ name, role }) => [name, role])).toEqual([
      ['config.json', 'config'], ['generation_config.json', 'other'],
      ['model.safetensors', 'weights'], ['tokenizer.json', 'tokenizer'],
      ['tokenizer_config.json', 'other'],
    ]);
  });

  it('makes a loaded model verified', async () => {
    const model = await loadModel(withManifest(manifest));
    expect(model.verification.status).toBe('verified');
    expect(model.verification.files['tokenizer.json']?.hash).toBe(
      manifest.files.find(({ name }) => name === 'tokenizer.json')?.sha256);
    model.dispose();
  });

  it.each(['config.json', 'tokenizer.json', 'model.safetensors', 'generation_config.json'])(
    'refuses one changed byte of %s, with both hashes', async (name) => {
      const files = filesOf();
      const bytes = files[name] as Uint8Array;
      // White space of JSON and the last bits of a weight: nothing else would notice.
      if (name.endsWith('.json')) files[name] = new Uint8Array([...bytes, 0x20]);
      else bytes[bytes.length - 4] = (bytes.at(-4) as number) ^ 1;
      const { sha256 } = (await createManifest(files)).files.find(
        (file) => file.name === name) as Manifest['files'][number];
      const expected = manifest.files.find((file) => file.name === name)?.sha256;
      for (const call of [
        () => loadModel(withManifest(manifest, files)),
        () => verifyFolder(withManifest(manifest, files)),
        () => verifyFolder(files, { manifest }),
      ]) {
        expect(await rejection(call())).toMatchObject({
          code: 'hash_mismatch', file: name, expected, found: sha256,
        });
      }
      const model = await loadModel(withManifest(manifest, files), { verify: false });
      expect(model.verification.status).toBe('not_checked');
      model.dispose();
    });

  it.each([
    ['a byte of the header', (bytes: Uint8Array) => {
      bytes[20] = (bytes[20] as number) ^ 1;
      return bytes;
    }],
    ['the length of the header', (bytes: Uint8Array) => {
      bytes[3] = 1;
      return bytes;
    }],
    ['the end', (bytes: Uint8Array) => bytes.slice(0, 500_000)],
    ['all but nothing', (bytes: Uint8Array) => bytes.slice(0, 3)],
  ])('refuses weights of which %s was changed by the hashes, not by the format', async (_, change) => {
    const files = filesOf();
    files['model.safetensors'] = change(files['model.safetensors'] as Uint8Array);
    expect(await rejection(loadModel(withManifest(manifest, files))))
      .toMatchObject({ code: 'hash_mismatch', file: 'model.safetensors' });
    const code = (await rejection(loadModel(files)) as RepriseError).code;
    expect(code).not.toBe('hash_mismatch');
  });

  it('refuses a folder that lacks what it lists', async () => {
    for (const name of ['generation_config.json', 'tokenizer.json']) {
      const files = filesOf();
      delete files[name];
      expect(await rejection(loadModel(withManifest(manifest, files))))
        .toMatchObject({ code: 'not_found', file: name });
    }
  });

  it('is of the single file where there is an index too', async () => {
    const files = { ...filesOf(), ...shards(
      new Uint8Array(readFileSync(storiesFile('model.safetensors')))) };
    const { files: listed } = await createManifest(files);
    expect(listed.filter(({ role }) => role === 'weights').map(({ name }) => name))
      .toEqual(['model.safetensors']);
  });

  it('refuses a file that it does not list', async () => {
    const short = changed(manifest, ['files'],
      manifest.files.filter(({ name }) => name !== 'generation_config.json'));
    expect(await rejection(loadModel(withManifest(short)))).toMatchObject({
      code: 'hash_mismatch', file: 'generation_config.json',
    });
  });

  it('may be required', async () => {
    expect(await rejection(loadModel(filesOf(), { verify: 'required' })))
      .toMatchObject({ code: 'not_found', file: 'manifest.json' });
    expect(await rejection(verifyFolder(filesOf())))
      .toMatchObject({ code: 'not_found', file: 'manifest.json' });
    const { 'tokenizer.json': _, ...fewer } = filesOf();
    expect(await rejection(verifyFolder(withManifest(manifest, fewer))))
      .toMatchObject({ code: 'not_found', file: 'tokenizer.json' });
    expect(await verifyFolder(withManifest(manifest))).toMatchObject({ status: 'verified' });
  });

  it('without one a model is unverified, and says so in its record', async () => {
    const model = await loadModel(filesOf());
    expect(model.verification).toMatchObject({
      status: 'unverified', reason: 'the folder has no manifest.json',
      absent: { 'manifest.json': {} },
    });
    const { record } = await model.generate('Once', { seed: 1, maxTokens: 2, record: true });
    expect(record?.inputs.verification).toBe('unverified');
    expect(record?.inputs.weights).toBe(
      manifest.files.find(({ role }) => role === 'weights')?.sha256);
    model.dispose();
  });

  it.each<[string, (string | number)[], unknown]>([
    ['$.files[0].name', ['files', 0, 'name'], '../config.json'],
    ['$.files[0].name', ['files', 0, 'name'], 'https://example.org/config.json'],
    ['$.files[0].bytes', ['files', 0, 'bytes'], -1],
    ['$.files[0].bytes', ['files', 0, 'bytes'], 2 ** 53],
    ['$.files[0].sha256', ['files', 0, 'sha256'], 'ABC'],
    ['$.files[0].role', ['files', 0, 'role'], 'image'],
    ['$.files[0].chunks', ['files', 0, 'chunks'], 7],
    ['$.files[0].url', ['files', 0, 'url'], 'https://example.org'],
    ['$.files', ['files'], []],
    ['$.runtime', ['runtime'], undefined],
    ['$.format', ['format'], 'other'],
  ])('is refused at %s, also by the published schema', async (path, place, value) => {
    const wrong = changed(manifest, place, value);
    expect(manifestSchema(wrong)).toBe(false);
    expect(await rejection(loadModel(withManifest(wrong))))
      .toMatchObject({ code: 'invalid_config', file: 'manifest.json', path });
  });

  it('is refused where it is no JSON, too deep, or of a later version', async () => {
    const text = JSON.stringify(manifest);
    const deep = '['.repeat(100_000);
    for (const [json, code] of [
      [text.slice(0, -9), 'invalid_json'], [deep, 'invalid_json'],
      [text.replace('"version":1', '"version":2'), 'unsupported'],
    ] as const) {
      const files = { ...filesOf(), 'manifest.json': new TextEncoder().encode(json) };
      expect(await rejection(loadModel(files))).toMatchObject({ code, file: 'manifest.json' });
    }
  });

  it('makes a folder of shards verified, and names the shard that was changed', async () => {
    const files = { ...filesOf(['config.json', 'tokenizer.json']), ...shards(
      new Uint8Array(readFileSync(storiesFile('model.safetensors')))) };
    const ofShards = await createManifest(files);
    expect(ofShards.files.filter(({ role }) => role === 'weights')).toHaveLength(2);
    const model = await loadModel(withManifest(ofShards, files));
    expect(model.verification.status).toBe('verified');
    const { record } = await model.generate('Once', { seed: 1, maxTokens: 2, record: true });
    expect(record?.inputs.weights).toBe(await hashJson(
      ofShards.files.filter(({ role }) => role === 'weights').map(({ sha256 }) => sha256)));
    model.dispose();
    const name = 'model-00002-of-00002.safetensors';
    const second = new Uint8Array(files[name] as Uint8Array);
    second[second.length - 1] = (second.at(-1) as number) ^ 1;
    expect(await rejection(loadModel(withManifest(ofShards, { ...files, [name]: second }))))
      .toMatchObject({ code: 'hash_mismatch', file: name });
  });

  it('of weights of several chunks is held against the whole, and says where they are other ones', async () => {
    const large = { ...filesOf(), 'model.safetensors': padded(
      new Uint8Array(readFileSync(storiesFile('model.safetensors'))), 17 << 20) };
    const ofLarge = await createManifest(large);
    const at = ofLarge.files.findIndex(({ role }) => role === 'weights');
    const { sha256, chunks } = ofLarge.files[at] as Manifest['files'][number];
    expect(chunks).toHaveLength(3);
    expect(sha256).toBe(createHash('sha256').update(large['model.safetensors']).digest('hex'));
    const model = await loadModel(withManifest(ofLarge, large));
    expect(model.verification).toMatchObject({
      status: 'verified', files: { 'model.safetensors': { hash: sha256 } },
    });
    const { record } = await model.generate('Once', { seed: 1, maxTokens: 2, record: true });
    expect(record?.inputs).toMatchObject({ weights: sha256, verification: 'verified' });
    model.dispose();
    const wrong = changed(ofLarge, ['files', at, 'sha256'], '0'.repeat(64));
    expect(await rejection(loadModel(withManifest(wrong, large)))).toMatchObject({
      code: 'hash_mismatch', file: 'model.safetensors', expected: '0'.repeat(64), found: sha256,
    });
    const other = large['model.safetensors'].slice();
    other[9 << 20] = 0x09;
    expect(await rejection(loadModel(withManifest(ofLarge, { ...large, 'model.safetensors': other }))))
      .toMatchObject({ code: 'hash_mismatch', byte: 8 << 20, expected: chunks[1] });
  });

  it('says what of a tokenizer that is given beside the folder it was held against', async () => {
    const json = readFileSync(storiesFile('tokenizer.json'));
    const own = await loadTokenizer(json);
    const other = await loadTokenizer(new Uint8Array([...json, 0x20]));
    for (const [tokenizer, status] of [[own, 'verified'], [other, 'partly_verified']] as const) {
      const model = await loadModel(withManifest(manifest), { tokenizer });
      expect(model.verification.status).toBe(status);
      const { record } = await model.generate('Once', { seed: 1, maxTokens: 2, record: true });
      expect(record?.inputs).toMatchObject({ tokenizer: tokenizer.hash, verification: status });
      if (tokenizer === other) {
        expect(model.verification.notVerified).toEqual(['tokenizer']);
        expect(record?.inputs.notVerified).toEqual(['tokenizer']);
        expect(recordSchema(record)).toBe(true);
        expect(await parseRecord(record as RunRecord)).toEqual(record);
        expect(await replay(record as RunRecord, { model })).toMatchObject({ verdict: 'identical' });
      }
      model.dispose();
      tokenizer.dispose();
    }
  });

  it('weights that were given are named by the hash of their file', async () => {
    const size = { hidden: 16, layers: 1, context: 32 };
    const made = await createModel(llamaConfig(size), llamaWeights(size));
    const { record } = await made.generate([1, 2], { seed: 1, maxTokens: 2, record: true });
    expect(record?.inputs).toMatchObject({ model: null, tokenizer: null });
    expect(record?.inputs.weights).toMatch(/^[0-9a-f]{64}$/);
    made.dispose();
  });

  it('weights that were given as many files are named by their hashes in the order given', async () => {
    const size = { hidden: 16, layers: 2, context: 32 };
    const files = Object.entries(llamaWeights(size) as Record<string, TensorData>).map(
      ([name, tensor]) => Buffer.concat(fileOfTensors({ [name]: tensor }).pieces));
    expect(files.length).toBeGreaterThan(10);
    const made = await createModel(llamaConfig(size), files);
    const { record } = await made.generate([1, 2], { seed: 1, maxTokens: 2, record: true });
    expect(record?.inputs.weights).toBe(await hashJson(
      files.map((file) => createHash('sha256').update(file).digest('hex'))));
    made.dispose();
  });
});

describe('a record', () => {
  let model: Model;
  let record: RunRecord;
  const options = {
    seed: 42, temperature: 0.9, topP: 0.95, maxTokens: 30, stop: 'zzz', logitBias: { 5: -1 },
  };
  beforeAll(async () => {
    model = await loadModel(storiesFolder, { contextLength: 128 });
    ({ record } = await model.generate('Once upon a time', { ...options, record: true }) as
      { record: RunRecord });
  });
  afterAll(() => model.dispose());

  it('says what ran and what came out', async () => {
    const result = await model.generate('Once upon a time', options);
    expect(result.record).toBeUndefined();
    expect(recordSchema(record)).toBe(true);
    expect(record).toMatchObject({
      kind: 'generate', seed: 42, backend: 'cpu', threads: 1, finishReason: 'max_tokens',
      positions: { sample: 30 }, promptIds: Array.from(result.promptIds),
      outputIds: Array.from(result.tokens),
      settings: { temperature: 0.9, logitBias: { 5: -1 }, contextLength: 128, stopIds: [2] },
      inputs: { model: 'stories-260k', verification: 'verified' },
    });
    expect(record.timings.prefillMs).toBeGreaterThan(0);
    expect(record.logprobs).toHaveLength(30);
    expect(await parseRecord(record)).toEqual(record);
  });

  it('has a run id that anybody can compute', async () => {
    const { inputs, numericsVersion, policy, promptIds, seed, settings } = record;
    const { config, dataset, tokenizer, weights } = inputs;
    expect(await hashJson({
      config, dataset, numericsVersion, policy, promptIds, seed, settings, tokenizer, weights,
    })).toBe(record.runId);
    expect(config).toBe(
      await hashJson(JSON.parse(readFileSync(storiesFile('config.json'), 'utf8'))));
  });

  it('replays identically, from an object, a text and a folder', async () => {
    const json = new TextEncoder().encode(JSON.stringify(record));
    for (const [source, where] of [
      [record, model], [json, storiesFolder], [new Blob([json]), filesOf()],
    ] as const) {
      const result = await replay(source, { model: where });
      expect(result).toMatchObject({ verdict: 'identical', compared: 30 });
      expect(result.record.outputIds).toEqual(record.outputIds);
    }
  });

  it.each<[string, (string | number)[], (old: never) => unknown, number | undefined]>([
    ['an output id', ['outputIds', 11], (id: number) => (id + 1) % 512, 11],
    ['an output id that no vocabulary has', ['outputIds', 3], () => 2 ** 31 - 1, 3],
    ['the seed', ['seed'], () => 43, undefined],
    ['the temperature', ['settings', 'temperature'], () => 2, undefined],
    ['a prompt id', ['promptIds', 2], (id: number) => (id + 1) % 512, undefined],
    ['a logprob', ['logprobs', 7], () => -0.5, undefined],
    ['the run id', ['runId'], (id: string) => id.replace(/^./, (c) => (c === '0' ? '1' : '0')),
      undefined],
    ['how it ended', ['finishReason'], () => 'stop_id', undefined],
  ])('tells that %s was changed', async (what, path, change, at) => {
    const old = path.reduce<unknown>((value, step) => (value as never)[step], record);
    const wrong = changed(record, path, change(old as never));
    const result = await replay(wrong, { model });
    if (result.verdict !== 'differs') throw new Error(`${what}: ${result.verdict}`);
    expect(result.reasons.length).toBeGreaterThan(0);
    if (at !== undefined) {
      expect(result.firstDifference).toEqual({
        at, unit: 'token', recorded: wrong.outputIds[at], found: record.outputIds[at],
      });
    }
    if (what === 'a logprob') {
      expect(result.drift.max).toBeCloseTo(Math.abs(-0.5 - (record.logprobs[7] as number)), 6);
    }
  });

  it('is held to its inputs', async () => {
    const files = filesOf();
    const weights = files['model.safetensors'] as Uint8Array;
    for (let i = weights.length - 40_000; i < weights.length; i += 4) weights[i + 2] = 0x40;
    const error = await rejection(replay(record, { model: files })) as RepriseError;
    expect(error).toMatchObject({
      code: 'hash_mismatch', argument: 'weights', expected: record.inputs.weights,
    });
    expect(error.found).toMatch(/^[0-9a-f]{64}$/);
    const result = await replay(record, { model: files, allowOtherInputs: true });
    if (result.verdict !== 'differs') throw new Error(result.verdict);
    expect(result.reasons[0]?.kind).toBe('weights');
    expect(result.drift.max).toBeGreaterThan(0);
    const given = await rejection(replay(record, { model, threads: 2 }));
    expect(given).toMatchObject({ code: 'invalid_argument', argument: 'threads' });
  });

  it('of a generation without a tokenizer replays on a model that has one', async () => {
    const { 'tokenizer.json': _, ...bare } = filesOf();
    const other = await loadModel(bare);
    const made = await other.generate([1, 403], { seed: 3, maxTokens: 5, record: true });
    other.dispose();
    expect(made.record?.inputs.tokenizer).toBeNull();
    expect(await replay(made.record as RunRecord, { model: storiesFolder }))
      .toMatchObject({ verdict: 'identical', compared: 5 });
  });

  it('comes with what an aborted generation had made, and replays that', async () => {
    // As many tokens as there may be, so that the abort comes before the last one.
    using whole = await loadModel(storiesFolder);
    const controller = new AbortController();
    const error = await rejection(whole.generate('Once upon a time', {
      ...options, maxTokens: 480, stopIds: [], record: true, signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase === 'decode' && done >= 5) controller.abort();
      },
    })) as RepriseError;
    const partial = error.partial?.record as RunRecord;
    expect(partial.finishReason).toBe('aborted');
    expect(partial.outputIds.length).toBeGreaterThanOrEqual(5);
    expect(await replay(partial, { model: whole })).toMatchObject({
      verdict: 'identical', compared: partial.outputIds.length,
    });
  });

  it('tells its progress, and can be aborted', async () => {
    const seen: number[] = [];
    await replay(record, { model, onProgress: ({ phase, done, total }) => {
      if (phase === 'replay') seen.push(done / (total as number));
    } });
    expect(seen.at(-1)).toBe(1);
    expect(seen.length).toBeGreaterThan(20);
    expect(await rejection(replay(record, { model, signal: AbortSignal.abort() })))
      .toMatchObject({ code: 'aborted' });
  });

  it.each<[string, (string | number)[], unknown]>([
    ['$.inputs.model', ['inputs', 'model'], '../../etc'],
    ['$.inputs.model', ['inputs', 'model'], 'https://example.org/model'],
    ['$.inputs.source', ['inputs', 'source'], 'https://example.org/model'],
    ['$.outputIds[0]', ['outputIds', 0], -1],
    ['$.outputIds[0]', ['outputIds', 0], 1e300],
    ['$.promptIds', ['promptIds'], []],
    ['$.seed', ['seed'], 2 ** 53],
    ['$.seed', ['seed'], '42'],
    ['$.settings.temperature', ['settings', 'temperature'], null],
    ['$.settings.stop[0]', ['settings', 'stop'], ['']],
    ['$.settings.logitBias.x', ['settings', 'logitBias'], { x: 1 }],
    ['$.kind', ['kind'], 'train'],
    ['$.backend', ['backend'], 'tpu'],
    ['$.threads', ['threads'], 1e9],
    ['$.timings', ['timings'], undefined],
  ])('is refused at %s, also by the published schema', async (path, place, value) => {
    const wrong = changed(record, place, value);
    expect(recordSchema(wrong)).toBe(false);
    expect(await rejection(replay(wrong, { model })))
      .toMatchObject({ code: 'invalid_config', path });
  });

  it('of weights that were not hashed replays', async () => {
    const other = await loadModel(storiesFolder, { verify: false });
    const made = await other.generate('Once', { seed: 3, maxTokens: 5, record: true });
    other.dispose();
    expect(made.record?.inputs).toMatchObject({ weights: null, verification: 'not_checked' });
    expect(await replay(made.record as RunRecord, { model: storiesFolder })).toMatchObject({
      verdict: 'identical',
      reasons: [{ kind: 'weights', text: expect.stringContaining('not hashed') as string }],
    });
  });

  it('needs a model, and a folder that has one', async () => {
    expect(await rejection(replay(record)))
      .toMatchObject({ code: 'invalid_argument', argument: 'model' });
    expect(await rejection(replay(7 as never, { model })))
      .toMatchObject({ code: 'invalid_argument', argument: 'record' });
  });
});

describe('a bundle', () => {
  let record: RunRecord;
  let bundle: Blob;
  beforeAll(async () => {
    const model = await loadModel(storiesFolder);
    ({ record } = await model.generate('Once', { seed: 5, maxTokens: 12, record: true }) as
      { record: RunRecord });
    model.dispose();
    bundle = await bundleRecord(record, storiesFolder);
  });
  afterEach(expectNothingAlive);

  it('is not made with a manifest of other files', async () => {
    const manifest = await createManifest(storiesFolder);
    const files = manifest.files.map((file) =>
      (file.name === 'generation_config.json' ?
        { ...file, sha256: '0'.repeat(64), chunks: ['0'.repeat(64)] } : file));
    expect(await rejection(bundleRecord(record, withManifest({ ...manifest, files }))))
      .toMatchObject({ code: 'hash_mismatch', file: 'generation_config.json' });
  });


  it('replays by itself, and is the same bytes again', async () => {
    expect(await replay(bundle)).toMatchObject({ verdict: 'identical', compared: 12 });
    expect(await parseRecord(bundle)).toEqual(record);
    const again = await bundleRecord(record, filesOf([...names, 'manifest.json']));
    expect(Buffer.from(await again.arrayBuffer()).equals(Buffer.from(await bundle.arrayBuffer())))
      .toBe(true);
    const { record: replayed } = await replay(bundle, { model: storiesFolder });
    expect(replayed.outputIds).toEqual(record.outputIds);
  });

  it('is made only of the recorded model', async () => {
    const files = filesOf();
    (files['model.safetensors'] as Uint8Array)[900_000] = 7;
    expect(await rejection(bundleRecord(record, files)))
      .toMatchObject({ code: 'hash_mismatch', argument: 'weights' });
    const { 'tokenizer.json': _, ...fewer } = filesOf();
    expect(await rejection(bundleRecord(record, fewer)))
      .toMatchObject({ code: 'hash_mismatch', argument: 'tokenizer', found: 'nothing' });
  });

  it('is refused where it was changed', async () => {
    const bytes = new Uint8Array(await bundle.arrayBuffer());
    // In the weights: the manifest in the bundle notices.
    const weights = new Uint8Array(bytes);
    const at = Buffer.from(weights).indexOf('__metadata__') + 900_000;
    weights[at] = (weights[at] as number) ^ 1;
    expect(await rejection(replay(weights))).toMatchObject({ code: 'hash_mismatch' });
    expect(await rejection(replay(bytes.subarray(0, 5000))))
      .toMatchObject({ code: 'invalid_argument', file: 'record' });
  });

  it.each([
    ['a path that leads out', { '../record.json': [1] }, 'no plain file name'],
    ['a compressed file', { 'record.json': [1, 1, 1, 1], deflated: true }, 'compressed'],
    ['no record', { 'config.json': [1] }, 'needs a record.json'],
  ])('is refused with %s', async (_, content, words) => {
    const { deflated, ...files } = content as Record<string, unknown>;
    const zip = zipSync(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) =>
        [name, Uint8Array.from(bytes as number[])])),
      { level: deflated === true ? 6 : 0 });
    const error = await rejection(replay(zip)) as RepriseError;
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain(words);
  });
});

describe('records of every version ever released', () => {
  it('version 1 is read and replays', async () => {
    const file = join(root, 'fixtures/runs/record-v1.json');
    expect(await replay(file, { model: storiesFolder }))
      .toMatchObject({ verdict: 'identical', compared: 60 });
  });

  it('version 1 of the manifest is read', async () => {
    const json = readFileSync(join(root, 'fixtures/runs/manifest-v1.json'), 'utf8');
    expect(await verifyFolder(storiesFolder, { manifest: JSON.parse(json) as Manifest }))
      .toMatchObject({ status: 'verified' });
  });
});
