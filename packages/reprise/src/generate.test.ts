// Generating, streaming, scoring and logits: equal to transformers, and the same bits however the
// core runs.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configure, loadModel, type GenerateChunk, type Model, type RuntimeOptions, shutdown,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { referenceModels } from '../../../tests/support/reference.mjs';
import {
  type Continuation, expectNothingAlive, storiesContinuations, storiesFolder,
} from './testing/material.js';

const modes: Readonly<Record<string, RuntimeOptions>> = {
  'in-process, 1 thread': { threads: 1 },
  'in-process, 2 threads': { threads: 2 },
  'in-process, 4 threads': { threads: 4 },
  'in a worker, 1 thread': { worker: true, threads: 1 },
  'in a worker, 2 threads': { worker: true, threads: 2 },
};
const hashes = new Map<string, string>();
const hash = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

describe.each(Object.entries(modes))('%s', (name, options) => {
  let model: Model;
  beforeAll(async () => {
    await configure({ ...options, log: false });
    model = await loadModel(storiesFolder, { backend: 'cpu' });
  });
  afterAll(async () => {
    model?.dispose();
    await expectNothingAlive();
    await shutdown();
  });

  it.each(storiesContinuations)('continues "$prompt" as transformers does', async (reference) => {
    const result = await model.generate(
      reference.prompt, { temperature: 0, maxTokens: reference.greedy.length });
    expect([...result.promptIds]).toEqual(reference.ids);
    expect([...result.tokens]).toEqual(reference.greedy);
    expect(result.text).toBe(reference.text);
    expect(result.finishReason).toBe('max_tokens');
    expect(result.timings.promptTokens).toBe(reference.ids.length);
  });

  it('gives the same logits, logprobs and sampled ids as every other mode', async () => {
    const [{ ids, greedy }] = storiesContinuations as [Continuation];
    const tokens = [...ids, ...greedy];
    const forward = await model.forward(tokens);
    const last = await model.forward(tokens, { positions: 'last' });
    const score = await model.score(tokens);
    const sampled = await model.generate('Once upon a time', { seed: 42, maxTokens: 100 });
    expect(forward.shape).toEqual([tokens.length, 512]);
    expect(last.logits).toEqual(forward.logits.slice(-512));
    expect(score.loss).toBeCloseTo(
      -score.logprobs.reduce((sum, value) => sum + value, 0) / score.logprobs.length, 5);
    const found = [
      hash(forward.logits), hash(score.logprobs), sampled.tokens.join(), sampled.text,
    ].join(' ');
    hashes.set(name, found);
    expect(new Set(hashes.values()).size).toBe(1);
  });
});

describe('a model', () => {
  let model: Model;
  beforeAll(async () => {
    await configure({ threads: 1, log: false });
    model = await loadModel(storiesFolder, { backend: 'cpu' });
  });
  afterEach(async () => {
    // The model and its own tokenizer.
    const { liveCounts } = await import('reprise');
    expect(await liveCounts()).toEqual({ handles: 2, gpuBuffers: 0 });
  });
  afterAll(async () => {
    model?.dispose();
    await expectNothingAlive();
    await shutdown();
  });

  it('says what it is', () => {
    expect(model.backend).toBe('cpu');
    expect(model.backendReason).toBe('the CPU was asked for');
    expect(model.contextLength).toBe(512);
    expect(model.config.hidden_size).toBe(64);
    expect(model.parameters).toBeGreaterThan(200_000);
    expect(model.tokenizer?.vocabSize).toBe(512);
    expect(model.verification.status).toBe('verified');
    const sizes = Object.values(model.verification.files).map((file) => file.bytes);
    expect(sizes.sort((a, b) => b - a)[0]).toBe(1_044_984);
  });

  it('streams what it generates', async () => {
    const options = { seed: 7, maxTokens: 40, logprobs: 2 };
    const stream = model.stream('Lily', options);
    const chunks: GenerateChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const streamed = await stream.result;
    const whole = await model.generate('Lily', options);
    expect(streamed.tokens).toEqual(whole.tokens);
    expect(chunks.map((chunk) => chunk.id)).toEqual([...whole.tokens]);
    expect(chunks.map((chunk) => chunk.text).join('')).toBe(whole.text);
    expect(chunks.map((chunk) => chunk.logprob)).toEqual(whole.logprobs);
    expect(whole.logprobs?.[0]?.top).toHaveLength(2);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('answers several pending calls of next() in their order', async () => {
    const options = { seed: 7, maxTokens: 3, stopIds: [] };
    const stream = model.stream('Lily', options);
    const answers = await Promise.all(Array.from({ length: 5 }, () => stream.next()));
    const { tokens } = await stream.result;
    expect(answers.map(({ value }) => value?.id)).toEqual([...tokens, undefined, undefined]);
    expect(answers.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  it('answers pending calls of next() when it is left or fails', async () => {
    const left = model.stream([1], { seed: 1, stopIds: [] });
    const pending = [left.next(), left.next()];
    await left.return?.();
    for (const answer of await Promise.all(pending)) expect(answer.done).toBe(true);
    const failing = model.stream([-1]);
    const failed = await Promise.allSettled([failing.next(), failing.next()]);
    expect(failed).toMatchObject([
      { status: 'rejected', reason: { code: 'token_out_of_range' } },
      { status: 'fulfilled', value: { done: true } },
    ]);
    await failing.result.catch(() => undefined);
  });

  it('ends the work when the loop is left', async () => {
    const stream = model.stream([1], { seed: 1, stopIds: [] });
    for await (const chunk of stream) if (chunk.id >= 0) break;
    const error = await stream.result.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'aborted', partial: { finishReason: 'aborted' } });
  });

  it('draws a seed where none is given, and says which', async () => {
    const first = await model.generate('Tom', { maxTokens: 30 });
    const second = await model.generate('Tom', { maxTokens: 30 });
    expect(first.seed).not.toBe(second.seed);
    const again = await model.generate('Tom', { maxTokens: 30, seed: first.seed });
    expect(again.tokens).toEqual(first.tokens);
  });

  it('stops at texts and ids, and at the end of the context', async () => {
    const text = await model.generate('Once upon a time', { temperature: 0, stop: ' named' });
    expect(text).toMatchObject({ finishReason: 'stop_text', text: ', there was a little girl' });
    const id = await model.generate('Once upon a time', { temperature: 0, stopIds: [286] });
    expect(id).toMatchObject({ finishReason: 'stop_id', text: ', there' });
    expect([...id.tokens]).toEqual([432, 383, 286]);
    const context = await model.generate([1], { temperature: 0, stopIds: [] });
    expect(context.finishReason).toBe('context');
    expect(context.tokens.length + 1).toBe(512);
  });

  it('runs calls in the order in which they came', async () => {
    const ended: number[] = [];
    await Promise.all([60, 3, 20].map(async (maxTokens, i) => {
      await model.generate('Once', { maxTokens, seed: i, stopIds: [] });
      ended.push(i);
    }));
    expect(ended).toEqual([0, 1, 2]);
  });

  it('takes turns with other models', async () => {
    const other = await loadModel(storiesFolder, { backend: 'cpu', contextLength: 256 });
    const ended: string[] = [];
    const options = { seed: 3, temperature: 0, stopIds: [] };
    const alone = await other.generate([1], { ...options, maxTokens: 5 });
    await Promise.all([
      model.generate([1], options).then(() => ended.push('long')),
      other.generate([1], { ...options, maxTokens: 5 }).then((result) => {
        ended.push('short');
        expect(result.tokens).toEqual(alone.tokens);
      }),
    ]);
    expect(ended).toEqual(['short', 'long']);
    other.dispose();
  });

  it('tells progress and measurements', async () => {
    const phases: string[] = [];
    const events: string[] = [];
    await model.generate('Once upon a time', {
      temperature: 0, maxTokens: 4,
      onProgress: ({ phase, done, total, unit }) =>
        phases.push(`${phase} ${done}/${total} ${unit}`),
      onTelemetry: ({ name, tokens, backend }) => events.push(`${name} ${tokens} ${backend}`),
    });
    expect(phases.slice(-5)).toEqual([
      'prefill 5/5 tokens', 'decode 1/4 tokens', 'decode 2/4 tokens', 'decode 3/4 tokens',
      'decode 4/4 tokens',
    ]);
    expect(events).toEqual(['prefill 5 cpu', 'decode 4 cpu']);
  });
});

// Where there is no reference material the story model stands for them.
const compared = referenceModels();
describe('models of transformers', () => {
  beforeAll(() => configure({ threads: 1, log: false }));
  afterEach(expectNothingAlive);
  afterAll(shutdown);

  it('are all there, or none is', () => expect([0, 4]).toContain(compared.length));

  it.each(compared)('$name continues greedily', async ({ folder }) => {
    type Greedy = { greedy: { prompt: number[]; tokens: number[] }[] };
    const { greedy } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as Greedy;
    using model = await loadModel(folder, { backend: 'cpu' });
    for (const { prompt, tokens } of greedy) {
      const result = await model.generate(
        prompt, { temperature: 0, maxTokens: tokens.length, stopIds: [] });
      expect([...result.tokens]).toEqual(tokens);
      expect(result.text).toBe('');
    }
  });
});
