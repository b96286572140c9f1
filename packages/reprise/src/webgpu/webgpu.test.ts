// Models on a WebGPU device, SwiftShader unless VK_DRIVER_FILES names another: close to the CPU,
// repeatable, and orderly when things go wrong. A missing adapter fails these tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  capabilities, configure, createModel, estimateMemory, loadModel, type Model, shutdown,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { referenceModels } from '../../../../tests/support/reference.mjs';
import { testGpu } from '../../../../tests/support/webgpu.mjs';
import {
  type Continuation, expectNothingAlive, rejection, storiesContinuations,
  storiesFile, storiesFolder,
} from '../testing/material.js';
import { withWeightsAs } from '../testing/safetensors.js';

/** How far WebGPU's logits may be from the CPU's, relative to the largest: the sum of the ops' own
 * errors (OpTolerance in core/backend/testing) over a few layers. */
const tolerance = 1e-4;

/** The greatest difference over the greatest magnitude. */
function relativeError(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  let largest = 0;
  let difference = 0;
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - found[i]!));
  });
  return difference / largest;
}

/** The GPU, remembering its devices so that a test can end one or let it be full. */
class WatchedGpu {
  readonly devices: GPUDevice[] = [];
  whileOpening = async (): Promise<void> => undefined;

  async requestAdapter(options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> {
    const adapter = await testGpu.requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      this.devices.push(device);
      await this.whileOpening();
      return device;
    };
    return adapter;
  }
}

const [story] = storiesContinuations as [Continuation];
const greedy = (maxTokens: number) => ({ temperature: 0, maxTokens });

describe('on a device', () => {
  const gpu = new WatchedGpu();
  const open: Model[] = [];
  const load = async (...args: Parameters<typeof loadModel>): Promise<Model> => {
    const model = await loadModel(...args);
    open.push(model);
    return model;
  };

  beforeAll(async () => {
    await configure({ threads: 1, log: false, gpu });
  });
  afterEach(async () => {
    for (const model of open.splice(0)) model.dispose();
    await expectNothingAlive();
  });
  afterAll(() => shutdown());

  const both = async (...args: [folder: string]): Promise<[Model, Model]> => [
    await load(args[0], { backend: 'cpu' }), await load(args[0], { backend: 'webgpu' })];

  it('is there and says what it is', async () => {
    const { webgpu } = await capabilities();
    if (!webgpu.available) throw new Error(webgpu.reason);
    expect(webgpu.adapter).not.toBe('');
    expect(webgpu.limits['maxBufferSize']).toBeGreaterThanOrEqual(2 ** 28);
    const model = await load(storiesFolder, { backend: 'webgpu' });
    expect(model.backend).toBe('webgpu');
  });

  it('continues the story with the CPU\'s 200 tokens', async () => {
    const [cpu, device] = await both(storiesFolder);
    const expected = await cpu.generate(story.prompt, greedy(200));
    const found = await device.generate(story.prompt, greedy(200));
    expect([...found.tokens]).toEqual([...expected.tokens]);
    expect(found.text).toBe(expected.text);
    expect([...found.tokens.slice(0, story.greedy.length)]).toEqual(story.greedy);
  });

  it('gives logits and logprobs close to the CPU\'s, and the same ones again', async () => {
    const [cpu, device] = await both(storiesFolder);
    // More than one chunk of the prefill, which has 128 tokens.
    const ids = [...story.ids, ...story.greedy, ...story.greedy].slice(0, 133);
    const expected = await cpu.forward(ids);
    const found = await device.forward(ids);
    expect(found.shape).toEqual(expected.shape);
    expect(relativeError(found.logits, expected.logits)).toBeLessThanOrEqual(tolerance);
    expect((await device.forward(ids)).logits).toEqual(found.logits);
    const few = ids.slice(0, 20);
    const last = await device.forward(few, { positions: 'last' });
    expect(relativeError(last.logits, expected.logits.slice(19 * 512, 20 * 512)))
      .toBeLessThanOrEqual(tolerance);
    const score = await device.score(few);
    expect(relativeError(score.logprobs, (await cpu.score(few)).logprobs))
      .toBeLessThanOrEqual(tolerance);
    expect((await device.score(few)).logprobs).toEqual(score.logprobs);
  });

  it.each(['f16', 'bf16'] as const)('reads %s weights as the CPU does', async (dtype) => {
    const config = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8'));
    const weights = withWeightsAs(dtype, readFileSync(storiesFile('model.safetensors')));
    const [cpu, device] = [
      await createModel(config, weights, { backend: 'cpu' }),
      await createModel(config, weights, { backend: 'webgpu' })];
    open.push(cpu, device);
    const expected = await cpu.forward(story.ids);
    const found = await device.forward(story.ids);
    expect(relativeError(found.logits, expected.logits)).toBeLessThanOrEqual(tolerance);
    const tokens = async (model: Model) => [
      ...(await model.generate(story.ids, greedy(20))).tokens];
    expect(await tokens(device)).toEqual(await tokens(cpu));
  });

  for (const { name, folder } of referenceModels()) {
    it(`gives transformers' tokens for ${name}`, async () => {
      const known = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
        batch: number[][]; greedy: { prompt: number[]; tokens: number[] }[];
      };
      const [cpu, device] = await both(folder);
      for (const { prompt, tokens: all } of known.greedy) {
        const tokens = all.slice(0, 16);
        const found = await device.generate(prompt, { ...greedy(tokens.length), stopIds: [] });
        expect([...found.tokens]).toEqual(tokens);
      }
      const ids = known.batch[0]!;
      expect(relativeError((await device.forward(ids)).logits, (await cpu.forward(ids)).logits))
        .toBeLessThanOrEqual(tolerance);
    });
  }

  it('refuses to score what has no finite logits, as it refuses to continue it', async () => {
    const config = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8'));
    const file = new Uint8Array(readFileSync(storiesFile('model.safetensors')));
    const header = Number(new DataView(file.buffer).getBigUint64(0, true));
    const names = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + header))) as
      Record<string, { data_offsets: [number, number] }>;
    const at = 8 + header + names['model.norm.weight']!.data_offsets[0];
    for (const value of [NaN, Infinity]) {
      new DataView(file.buffer).setFloat32(at, value, true);
      for (const backend of ['cpu', 'webgpu'] as const) {
        const model = await createModel(config, file, { backend });
        open.push(model);
        const expected = { code: 'unsupported', position: 0 };
        expect(await rejection(model.generate(story.ids))).toMatchObject(expected);
        expect(await rejection(model.score(story.ids))).toMatchObject(expected);
      }
    }
  });

  it('estimates what a model takes on it', async () => {
    const config = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8'));
    const estimate = await estimateMemory(config, { backend: 'webgpu' });
    // Nothing is padded to the panels that the CPU needs.
    expect(estimate.weightsBytes).toBe(4 * estimate.parameters);
    expect(estimate).toMatchObject({ hostBytes: 0, fits: true });
    const huge = await estimateMemory({ ...config, max_position_embeddings: 2 ** 26 }, {
      backend: 'webgpu' });
    expect(huge.fits).toBe(false);
    expect(huge.reason).toMatch(/needs \d+ bytes in one buffer; the device binds at most \d+/);
  });

  it('serves two models and the CPU at once', async () => {
    const [cpu, first] = await both(storiesFolder);
    const second = await load(storiesFolder, { backend: 'webgpu', contextLength: 300 });
    const others = storiesContinuations.slice(1, 3) as [Continuation, Continuation];
    const [a, b, c] = await Promise.all([
      first.generate(story.prompt, greedy(60)),
      second.generate(others[0].prompt, greedy(60)),
      cpu.generate(others[1].prompt, greedy(60)),
    ]);
    expect([...a.tokens]).toEqual(story.greedy.slice(0, 60));
    expect([...b.tokens]).toEqual(others[0].greedy.slice(0, 60));
    expect([...c.tokens]).toEqual(others[1].greedy.slice(0, 60));
  });

  it('answers an abort in the prefill and goes on working', async () => {
    const model = await load(storiesFolder, { backend: 'webgpu' });
    const prompt = Array.from({ length: 300 }, (_, i) => (i * 37) % 512);
    const controller = new AbortController();
    let aborted = 0;
    const call = model.generate(prompt, {
      ...greedy(5), signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase !== 'prefill' || done >= prompt.length) return;
        aborted = performance.now();
        controller.abort();
      },
    });
    expect(await rejection(call)).toMatchObject({ code: 'aborted', partial: { text: '' } });
    expect(aborted).toBeGreaterThan(0);
    expect(performance.now() - aborted).toBeLessThan(1000);
    expect([...(await model.generate(story.prompt, greedy(20))).tokens])
      .toEqual(story.greedy.slice(0, 20));
  });

  it('a model for which the device has no memory is refused; others go on', async () => {
    const model = await load(storiesFolder, { backend: 'webgpu' });
    const device = gpu.devices.at(-1)!;
    const popErrorScope = device.popErrorScope.bind(device);
    device.popErrorScope = async () => {
      await popErrorScope();
      return { message: 'said by the test' };
    };
    const error = await rejection(loadModel(storiesFolder, { backend: 'webgpu' }));
    device.popErrorScope = popErrorScope;
    expect(error).toMatchObject({ code: 'out_of_memory' });
    expect((error as { needsBytes: number }).needsBytes).toBeGreaterThan(0);
    expect((error as Error).message).toContain('said by the test');
    expect([...(await model.generate(story.prompt, greedy(10))).tokens])
      .toEqual(story.greedy.slice(0, 10));
  });

  it('a lost device ends its jobs; others go on, and the next model gets a new one', async () => {
    const [cpu, device] = await both(storiesFolder);
    const before = gpu.devices.length;
    const beside = cpu.generate(story.prompt, greedy(100));
    const call = device.generate(story.prompt, {
      ...greedy(400), stopIds: [],
      onProgress: ({ phase, done }) => {
        if (phase === 'decode' && done === 5) gpu.devices.at(-1)!.destroy();
      },
    });
    const error = await rejection(call);
    expect(error).toMatchObject({ code: 'device_lost' });
    const { partial } = error as { partial: { tokens: Uint32Array } };
    expect([...partial.tokens.slice(0, 5)]).toEqual(story.greedy.slice(0, 5));
    expect(await rejection(device.score(story.ids))).toMatchObject({ code: 'device_lost' });
    expect([...(await beside).tokens]).toEqual(story.greedy.slice(0, 100));
    const next = await load(storiesFolder, { backend: 'webgpu' });
    expect(gpu.devices.length).toBe(before + 1);
    expect([...(await next.generate(story.prompt, greedy(20))).tokens])
      .toEqual(story.greedy.slice(0, 20));
  });
});

describe('a runtime that is shut down while its device is being opened', () => {
  it('gives the device back', async () => {
    const gpu = new WatchedGpu();
    gpu.whileOpening = shutdown;
    await configure({ threads: 1, log: false, gpu });
    expect(await rejection(loadModel(storiesFolder, { backend: 'webgpu' })))
      .toMatchObject({ code: 'disposed' });
    expect(gpu.devices).toHaveLength(1);
    expect((await gpu.devices[0]!.lost).reason).toBe('destroyed');
  });
});

describe('in a worker thread', () => {
  it('finds the optional package by itself, and reads from shared memory', async () => {
    await configure({ threads: 2, log: false, worker: true });
    const model = await loadModel(storiesFolder, { backend: 'webgpu' });
    const found = await model.generate(story.prompt, greedy(20));
    expect([...found.tokens]).toEqual(story.greedy.slice(0, 20));
    model.dispose();
    await expectNothingAlive();
    await shutdown();
  });
});

describe('with a software adapter alone', () => {
  afterEach(() => shutdown());

  it('takes the CPU where it may choose', async () => {
    await configure({ threads: 1, log: false, gpu: testGpu });
    const model = await loadModel(storiesFolder, { backend: 'auto' });
    expect(model.backend).toBe('cpu');
    expect(model.backendReason).toMatch(/^the only WebGPU adapter is software: .*swiftshader/i);
    model.dispose();
    await expectNothingAlive();
  });
});

describe('without an adapter', () => {
  afterEach(() => shutdown());

  it('says so, takes the CPU where it may and refuses where it may not', async () => {
    await configure({ threads: 1, log: false, gpu: { requestAdapter: async () => null } });
    const { webgpu } = await capabilities();
    if (webgpu.available) throw new Error('there is an adapter');
    expect(webgpu.reason).toMatch(/no adapter/);
    const model = await loadModel(storiesFolder, { backend: 'auto' });
    expect(model.backend).toBe('cpu');
    expect(model.backendReason).toContain(webgpu.reason);
    model.dispose();
    expect(await rejection(loadModel(storiesFolder, { backend: 'webgpu' })))
      .toMatchObject({ code: 'device_unavailable', argument: 'backend' });
    const config = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8'));
    expect(await estimateMemory(config, { backend: 'webgpu' }))
      .toMatchObject({ fits: false, reason: expect.stringContaining(webgpu.reason) });
    await expectNothingAlive();
  });
});
