// An abort is answered within 100 ms, wherever the work is, and leaves nothing behind.
import type { ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import {
  configure, createModel, liveCounts, loadModel, loadTokenizer, type Model, shutdown,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, storiesFile } from './testing/material.js';
import { TestServer } from './testing/server.js';
import { llamaConfig, llamaWeights } from './testing/small-models.js';

const size = { hidden: 384, layers: 6, context: 2048 };
const weights = llamaWeights(size);
const boundMs = 100;

/** How long a call takes to reject after an abort, the second best of five tries, since the machine
 * may be busy with something else in the others. The abort comes some milliseconds after the start,
 * and a timer that is late counts as part of the answer; or, without a number, when the call does
 * so itself. */
async function latencyMs(
  afterMs: number | undefined, start: (signal: AbortSignal, abort: () => void) => Promise<unknown>,
): Promise<number> {
  const tries: number[] = [];
  for (let i = 0; i < 5; i++) {
    const controller = new AbortController();
    let due = performance.now() + (afterMs ?? 0);
    if (afterMs !== undefined) setTimeout(() => controller.abort(), afterMs);
    const error = await rejection(start(controller.signal, () => {
      if (!controller.signal.aborted) due = performance.now();
      controller.abort();
    }));
    tries.push(performance.now() - due);
    expect(error).toMatchObject({ name: 'RepriseError', code: 'aborted' });
  }
  return tries.sort((a, b) => a - b)[1] as number;
}

describe.each([
  ['in-process', { threads: 1 }],
  ['in-process with threads', { threads: 2 }],
  ['in a worker', { threads: 1, worker: true }],
] as const)('%s', (_, options) => {
  let model: Model;
  const prompt = Array.from({ length: 2000 }, (_, i) => (i * 7) % 512);
  beforeAll(async () => {
    await configure({ ...options, log: false });
    model = await createModel(llamaConfig(size), weights, { backend: 'cpu' });
  });
  afterAll(async () => {
    model?.dispose();
    await expectNothingAlive();
    await shutdown();
  });

  it('answers in a prefill of 2,000 tokens', async () => {
    const seen: number[] = [];
    const onProgress = ({ done }: { done: number }) => seen.push(done);
    const latency = await latencyMs(
      60, (signal) => model.generate(prompt, { signal, maxTokens: 1, onProgress }));
    expect(latency).toBeLessThan(boundMs);
    // The prefill was on its way and not at its end.
    expect(Math.max(0, ...seen)).toBeLessThan(prompt.length);
  });

  it('answers while scoring and while computing logits', async () => {
    expect(await latencyMs(60, (signal) => model.score(prompt, { signal }))).toBeLessThan(boundMs);
    expect(await latencyMs(60, (signal) => model.forward(prompt, { signal })))
      .toBeLessThan(boundMs);
  });

  it('answers while decoding, with what there was', async () => {
    const partials: { tokens: Uint32Array; finishReason: string }[] = [];
    const latency = await latencyMs(undefined, (signal, abort) => model.generate([1], {
      signal, stopIds: [], onProgress: ({ phase, done }) => {
        if (phase === 'decode' && done === 3) abort();
      },
    }).catch((thrown: { partial: (typeof partials)[number] }) => {
      partials.push(thrown.partial);
      throw thrown;
    }));
    expect(latency).toBeLessThan(boundMs);
    expect(partials).toHaveLength(5);
    for (const { tokens, finishReason } of partials) {
      expect(finishReason).toBe('aborted');
      expect(tokens.length).toBeGreaterThanOrEqual(3);
    }
  });

  it('answers for a call that still waits in the queue', async () => {
    const first = new AbortController();
    const running = rejection(model.score(prompt, { signal: first.signal }));
    const latency = await latencyMs(20, (signal) => model.score(prompt, { signal }));
    expect(latency).toBeLessThan(boundMs);
    first.abort();
    await running;
  });

  // In-process the abort itself waits as long as the core works.
  if ('worker' in options) it('answers while a large tokenizer is made', async () => {
    const vocab = Object.fromEntries(Array.from({ length: 300_000 }, (_, id) => [`token${id}`, id]));
    const json = new TextEncoder().encode(JSON.stringify(
      { model: { type: 'WordLevel', vocab, unk_token: 'token0' } }));
    const latency = await latencyMs(undefined, (signal, abort) => loadTokenizer(json, {
      signal,
      onProgress: ({ done, total }) => {
        if (done === total) setTimeout(abort, 20);
      },
    }));
    expect(latency).toBeLessThan(boundMs);
    expect((await liveCounts()).handles).toBe(1);
  });

  it('leaves the model as it was', async () => {
    const before = await model.score(prompt.slice(0, 20));
    await latencyMs(30, (signal) => model.generate(prompt, { signal }));
    expect(await model.score(prompt.slice(0, 20))).toEqual(before);
  });

  it('refuses at once where the signal was aborted before', async () => {
    const error = await rejection(model.generate([1], { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted' });
  });
});

describe('loading', () => {
  let server: TestServer;
  /** Sends half of the weights and then nothing more. */
  const answer = (name: string, response: ServerResponse) => {
    const bytes = readFileSync(storiesFile(name));
    if (name !== 'model.safetensors') response.end(bytes);
    else {
      response.setHeader('content-length', bytes.length);
      response.write(bytes.subarray(0, bytes.length / 2));
    }
  };
  beforeAll(async () => {
    await configure({ threads: 1, log: false });
    server = await TestServer.start((request, response) =>
      answer((request.url as string).slice(1), response));
  });
  afterEach(expectNothingAlive);
  afterAll(async () => {
    await server.close();
    await shutdown();
  });

  it('answers in the middle of a download', async () => {
    const latency = await latencyMs(100, (signal) => loadModel(server.url, { signal }));
    expect(latency).toBeLessThan(boundMs);
  });

  it('answers while a model with a very long context is made', async () => {
    // One head of 32 values: a table of 2^19 positions, and caches of 64 MiB each.
    const long = { ...llamaConfig({ hidden: 32, layers: 1, context: 2 ** 19 }),
      num_attention_heads: 1, num_key_value_heads: 1 };
    const few = llamaWeights({ hidden: 32, layers: 1, context: 1 });
    const begin = performance.now();
    (await createModel(long, few, { backend: 'cpu' })).dispose();
    expect(performance.now() - begin).toBeGreaterThan(boundMs + 50);
    const latency = await latencyMs(
      50, (signal) => createModel(long, few, { backend: 'cpu', signal }));
    expect(latency).toBeLessThan(boundMs);
  });

  it('answers in the middle of reading', async () => {
    const controller = new AbortController();
    const error = await rejection(createModel(llamaConfig(size), weights, {
      signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase === 'load' && done > 2 ** 21) controller.abort();
      },
    }));
    expect(error).toMatchObject({ code: 'aborted' });
  });
});
