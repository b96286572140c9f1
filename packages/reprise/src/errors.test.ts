// Bad input: each a typed error that names file and place, after which everything still works.
import { readFileSync } from 'node:fs';
import {
  configure, createModel, loadModel, loadTokenizer, type Model, type ModelConfig, RepriseError,
  shutdown, type TensorData,
} from 'reprise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, storiesFile, storiesFolder } from './testing/material.js';
import { llamaConfig, llamaWeights, safetensorsFile } from './testing/small-models.js';

const size = { hidden: 16, layers: 1, context: 64 };
const config = llamaConfig(size);
const weights = llamaWeights(size);
const bytesOf = (name: string) => new Uint8Array(readFileSync(storiesFile(name)));
const storiesConfig = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8')) as ModelConfig;

beforeAll(async () => {
  await configure({ threads: 1, log: false });
});
afterEach(async () => {
  // What works still works, and nothing is left.
  const other = await createModel(config, weights, { backend: 'cpu' });
  expect((await other.score([1, 2, 3])).logprobs).toHaveLength(2);
  other.dispose();
  await expectNothingAlive();
});
afterAll(shutdown);

/** The error of a call, which must be one of ours. */
async function errorOf(call: Promise<unknown>): Promise<RepriseError> {
  const error = await rejection(call);
  expect(error).toBeInstanceOf(RepriseError);
  return error as RepriseError;
}

describe('weights', () => {
  const load = (file: Uint8Array) => errorOf(createModel(config, file));
  const entry = (shape: number[], data_offsets: number[], dtype = 'F32') =>
    ({ dtype, shape, data_offsets });

  it('truncated file', async () => {
    const whole = bytesOf('model.safetensors');
    for (const length of [0, 5, 100, whole.length - 1]) {
      const error = await errorOf(createModel(storiesConfig, whole.subarray(0, length)));
      expect(error.code, `${length} bytes`).toBe('invalid_safetensors');
      expect(error.file).toBe('weights');
    }
  });

  it.each<[string, unknown, number]>([
    ['offsets outside the file', { a: entry([4], [0, 16]), b: entry([4], [16, 99]) }, 32],
    ['overlapping tensors', { a: entry([4], [0, 16]), b: entry([4], [8, 24]) }, 24],
    ['an unknown dtype', { a: entry([4], [0, 16], 'Q9') }, 16],
    ['a shape that does not fit', { a: entry([5], [0, 16]) }, 16],
    ['a duplicate name', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8],
    ['a header that is not JSON', '{"a"', 0],
  ])('%s', async (_, header, dataBytes) => {
    const error = await load(safetensorsFile(header, dataBytes));
    expect(['invalid_safetensors', 'invalid_json', 'dtype_mismatch']).toContain(error.code);
    expect(error.file).toBe('weights');
  });

  it('a header length of more than 100 MB', async () => {
    const file = new Uint8Array(64);
    new DataView(file.buffer).setBigUint64(0, 100_000_001n, true);
    expect(await load(file)).toMatchObject({ code: 'invalid_safetensors', file: 'weights' });
  });

  it('a missing tensor', async () => {
    const { 'model.norm.weight': _, ...rest } = weights;
    expect(await errorOf(createModel(config, rest)))
      .toMatchObject({ code: 'missing_tensor', tensor: 'model.norm.weight' });
  });

  it('a tensor too many', async () => {
    const error = await errorOf(createModel(
      config, { ...weights, extra: weights['model.norm.weight'] as TensorData }));
    expect(error).toMatchObject({ code: 'unexpected_tensor', tensor: 'extra', file: 'weights' });
  });

  it('a wrong shape', async () => {
    const wrong: TensorData = { dtype: 'f32', shape: [8], data: new Float32Array(8) };
    const error = await errorOf(createModel(config, { ...weights, 'model.norm.weight': wrong }));
    expect(error).toMatchObject({ code: 'shape_mismatch', tensor: 'model.norm.weight' });
  });

  it('a tensor whose values are not as many as its shape says', async () => {
    const wrong: TensorData = { dtype: 'f32', shape: [16], data: new Float32Array(8) };
    const error = await errorOf(createModel(config, { ...weights, 'model.norm.weight': wrong }));
    expect(error).toMatchObject({ code: 'invalid_argument', expected: 16 });
  });
});

describe('configs', () => {
  it('a field that is missing', async () => {
    const { hidden_size: _, ...rest } = config;
    expect(await errorOf(createModel(rest as ModelConfig, weights)))
      .toMatchObject({ code: 'invalid_config', path: '$.hidden_size' });
  });

  it('an unknown model_type', async () => {
    const error = await errorOf(createModel({ ...config, model_type: 'banana' }, weights));
    expect(error).toMatchObject({ code: 'unsupported', path: '$.model_type' });
    expect(error.message).toContain('banana');
  });

  it('invalid JSON, with its position', async () => {
    const error = await errorOf(loadModel({
      'config.json': new TextEncoder().encode('{"model_type": "llama",, }'),
      'model.safetensors': bytesOf('model.safetensors'),
    }));
    expect(error).toMatchObject({ code: 'invalid_json', file: 'config.json' });
    expect(error.byte).toBeGreaterThan(20);
  });

  it('memory that does not suffice', async () => {
    const huge = llamaConfig({ hidden: 32768, layers: 80, context: 4096 });
    const error = await errorOf(createModel(huge, weights));
    expect(error.code).toBe('out_of_memory');
    expect(error.needsBytes).toBeGreaterThan(error.hasBytes as number);
  });
});

describe('tokenizers', () => {
  it('an unknown pre-tokenizer', async () => {
    const file = JSON.parse(readFileSync(storiesFile('tokenizer.json'), 'utf8')) as object;
    const text = JSON.stringify({ ...file, pre_tokenizer: { type: 'Banana' } });
    const error = await errorOf(loadTokenizer(new TextEncoder().encode(text)));
    expect(error).toMatchObject({ code: 'unsupported', path: '$.pre_tokenizer.type' });
  });

  it('a file that is not JSON', async () => {
    expect(await errorOf(loadTokenizer(Uint8Array.of(123, 44))))
      .toMatchObject({ code: 'invalid_json', file: 'tokenizer.json', byte: 1 });
  });
});

describe('calls', () => {
  let stories: Model;
  beforeEach(async () => {
    stories = await loadModel(storiesFolder, { backend: 'cpu', contextLength: 32 });
  });
  afterEach(() => stories.dispose());
  const call = (work: () => Promise<unknown>) => errorOf(work());

  it('token ids outside the vocabulary', async () => {
    expect(await call(() => stories.generate([1, 512])))
      .toMatchObject({ code: 'token_out_of_range', fields: { position: 1, found: 512 } });
    expect(await call(() => stories.score([1, -1]))).toMatchObject({ code: 'token_out_of_range' });
    expect(await call(() => stories.forward([1.5])))
      .toMatchObject({ code: 'invalid_argument', argument: 'tokens[0]' });
  });

  it('a prompt longer than the context', async () => {
    expect(await call(() => stories.generate(Array(33).fill(1))))
      .toMatchObject({ code: 'context_overflow' });
    expect(await call(() => stories.score(Array(33).fill(1))))
      .toMatchObject({ code: 'context_overflow' });
  });

  it('too few tokens', async () => {
    expect(await call(() => stories.score([1]))).toMatchObject({ code: 'invalid_argument' });
    expect(await call(() => stories.generate([]))).toMatchObject({ code: 'invalid_argument' });
  });

  it.each<[string, unknown]>([
    ['seed', -1], ['seed', 0.5], ['seed', 2 ** 53], ['temperature', -0.1], ['temperature', NaN],
    ['temperature', '1'], ['topK', -1], ['topP', 0], ['topP', 1.5], ['minP', 2],
    ['repetitionPenalty', 0], ['frequencyPenalty', 3], ['presencePenalty', -3], ['maxTokens', 0],
    ['logprobs', 21], ['stop', 5], ['stopIds', ['a']], ['logitBias', { 1: 'x' }],
    ['signal', {}], ['onProgress', 1], ['banana', 1],
  ])('option %s of %s', async (name, value) => {
    expect(await call(() => stories.generate([1], { [name]: value })))
      .toMatchObject({ code: 'invalid_argument', argument: name });
  });

  it('a callback that throws', async () => {
    const thrown = new Error('from the callback');
    const error = await call(() => stories.generate([1], {
      maxTokens: 3,
      onProgress: () => {
        throw thrown;
      },
    }));
    expect(error).toMatchObject({ code: 'invalid_argument', argument: 'onProgress' });
    expect(error.message).toBe('onProgress threw: from the callback');
    expect(error.cause).toBe(thrown);
  });

  it.each([2 ** 40, -1, 1.5, undefined])('ids whose length is %s', async (length) => {
    const ids = { length } as ArrayLike<number>;
    const expected = { code: 'invalid_argument', argument: 'tokens.length' };
    expect(await call(() => stories.forward(ids))).toMatchObject(expected);
    expect(await call(() => stories.score(ids))).toMatchObject(expected);
  });

  it('a text where there is no tokenizer', async () => {
    using without = await createModel(config, weights, { backend: 'cpu' });
    expect(await call(() => without.generate('Once')))
      .toMatchObject({ code: 'invalid_argument', argument: 'prompt' });
  });

  it('objects that were disposed of, also during a call', async () => {
    const long = { ...config, max_position_embeddings: 100_000 };
    const gone = await createModel(long, weights, { backend: 'cpu' });
    const running = call(() => gone.generate([1], {
      stopIds: [],
      onProgress: () => {
        gone.dispose();
        gone.dispose();
      },
    }));
    expect(await running).toMatchObject({ code: 'disposed' });
    expect(await call(() => gone.generate([1]))).toMatchObject({ code: 'disposed' });
  });
});
