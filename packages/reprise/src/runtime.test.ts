// The runtime: what it says, how it starts and ends, and what it leaves alone.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import {
  capabilities, configure, createModel, estimateMemory, liveCounts, loadModel, loadTokenizer,
  type RuntimeOptions, shutdown, type TelemetryEvent,
} from 'reprise';
import { afterEach, describe, expect, it } from 'vitest';
import { rejection, root, storiesFile, storiesFolder } from './testing/material.js';
import { llamaConfig, llamaWeights } from './testing/small-models.js';

const run = promisify(execFile);
const dist = join(root, 'packages/reprise/dist');

/** Runs a module of its own, which may use `reprise` and `folder`. */
async function node(source: string, flags: readonly string[] = []): Promise<{ stdout: string; stderr: string }> {
  const text = `
    import * as reprise from ${JSON.stringify(pathToFileURL(join(dist, 'index.js')).href)};
    const folder = ${JSON.stringify(storiesFolder)};
    ${source}`;
  const folder = await mkdtemp(join(tmpdir(), 'reprise-'));
  const file = join(folder, 'program.mjs');
  await writeFile(file, text);
  try {
    return await run(process.execPath, [...flags, file], { timeout: 30_000 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

afterEach(shutdown);

describe('capabilities', () => {
  it('says what runs here and why', async () => {
    await configure({ log: false });
    const found = await capabilities();
    expect(found).toMatchObject({ platform: 'node', worker: false, simd: true });
    const threads = Math.min(availableParallelism(), 8);
    expect(found.threads).toBe(threads);
    expect(found.build.picked).toBe(threads > 1 ? 'wasm-threads' : 'wasm');
    expect(found.build.reason).not.toBe('');
    expect(found.memory.limitBytes).toBe(2 ** 32);
    expect(found.summary).toContain(`${found.threads} CPU thread`);
    expect(found.summary).not.toContain('\n');
  });

  it('counts memory', async () => {
    await configure({ threads: 1, log: false });
    const before = (await capabilities()).memory.usedBytes;
    using _ = await loadModel(storiesFolder, { backend: 'cpu' });
    expect((await capabilities()).memory.usedBytes).toBeGreaterThan(before + 1_000_000);
  });

  it.each<[RuntimeOptions, object]>([
    [{ threads: 1 }, { threads: 1, worker: false, build: { picked: 'wasm' } }],
    [{ threads: 3 }, { threads: 3, worker: false, build: { picked: 'wasm-threads' } }],
    [{ threads: 1, worker: true }, { threads: 1, worker: true, build: { picked: 'wasm' } }],
    [{ threads: 2, worker: true }, { threads: 2, worker: true, build: { picked: 'wasm-threads' } }],
  ])('follows %o', async (options, expected) => {
    await configure({ ...options, log: false });
    expect(await capabilities()).toMatchObject(expected);
  });
});

describe('configure', () => {
  it('refuses other options while it runs', async () => {
    await configure({ threads: 1, log: false });
    await configure({ threads: 1, log: false });
    expect(await rejection(configure({ threads: 2, log: false }))).toMatchObject({ code: 'busy' });
    await shutdown();
    await configure({ threads: 2, log: false });
    expect((await capabilities()).threads).toBe(2);
  });

  it.each<[string, unknown]>([
    ['threads', 0], ['threads', 65], ['threads', 1.5], ['threads', '2'], ['worker', 1],
    ['log', 'no'], ['wasmUrl', 5], ['workerUrl', {}], ['onTelemetry', 1], ['banana', 1],
  ])('refuses %s of %s', async (name, value) => {
    expect(await rejection(configure({ [name]: value })))
      .toMatchObject({ code: 'invalid_argument', argument: name });
  });

  it('starts from a given file, and says where that is not ours', async () => {
    const wasmUrl = pathToFileURL(join(dist, 'wasm/reprise.wasm'));
    await configure({ wasmUrl, log: false });
    expect((await capabilities()).build)
      .toEqual({ picked: 'wasm', reason: 'wasmUrl names the build without threads' });
    await shutdown();
    const argument = { code: 'invalid_argument', argument: 'wasmUrl' };
    expect(await rejection(configure({ wasmUrl, threads: 2 }))).toMatchObject(argument);
    expect(await rejection(configure({ wasmUrl: storiesFile('config.json') })))
      .toMatchObject(argument);
    expect(await rejection(configure({ wasmUrl: 'nowhere.wasm' })))
      .toMatchObject({ code: 'not_found' });
    // A start that failed leaves nothing behind.
    await configure({ threads: 1, log: false });
  });

  it.each<[string, RuntimeOptions]>([
    ['wasmUrl', { wasmUrl: 'http://' }],
    ['workerUrl', { workerUrl: 'http://', worker: true }],
    ['workerUrl', { workerUrl: 'http://127.0.0.1/worker.js', worker: true }],
  ])('refuses %s in %o', async (argument, options) => {
    expect(await rejection(configure({ ...options, log: false })))
      .toMatchObject({ name: 'RepriseError', code: 'invalid_argument', argument });
  });

  it('says where a worker script is missing', async () => {
    const workerUrl = 'nowhere.js';
    expect(await rejection(configure({ worker: true, workerUrl })))
      .toMatchObject({ code: 'not_found' });
    await configure({ worker: true, workerUrl: join(dist, 'worker.js'), log: false });
  });

  it('tells that it started', async () => {
    const events: TelemetryEvent[] = [];
    await configure({ threads: 1, log: false, onTelemetry: (event) => events.push(event) });
    using _ = await loadModel(storiesFolder, { backend: 'cpu' });
    expect(events.map(({ name }) => name)).toEqual(['start', 'load', 'memory']);
  });
});

describe('backends', () => {
  const noAdapter = { requestAdapter: () => Promise.resolve(null) };

  it('takes the CPU unless told otherwise, and does not even look for a device', async () => {
    let asked = 0;
    const gpu = { requestAdapter: () => Promise.resolve(asked++) };
    await configure({ threads: 1, log: false, gpu });
    using model = await loadModel(storiesFolder);
    expect(model.backend).toBe('cpu');
    expect(model.backendReason).toBe('the CPU is the default');
    expect(asked).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ['throws', { requestAdapter: () => { throw new Error('no driver'); } }, /no driver/],
    ['rejects', { requestAdapter: () => Promise.reject(new Error('no driver')) }, /no driver/],
    ['is no GPU', {}, /requestAdapter/],
    ['gives an adapter without limits', { requestAdapter: async () => ({}) }, /failed/],
  ])('works on the CPU with a GPU object that %s', async (_, gpu, reason) => {
    await configure({ threads: 1, log: false, gpu });
    const { webgpu } = await capabilities();
    expect(webgpu).toEqual({ available: false, reason: expect.stringMatching(reason) });
    using model = await loadModel(storiesFolder, { backend: 'auto' });
    expect(model.backend).toBe('cpu');
    expect(await rejection(loadModel(storiesFolder, { backend: 'webgpu' })))
      .toMatchObject({ code: 'device_unavailable', argument: 'backend' });
  });

  it('takes an adapter that does not say what it is', async () => {
    const adapter = { features: new Set(['shader-f16']), limits: { maxBufferSize: 2 ** 28 } };
    await configure({ threads: 1, log: false, gpu: { requestAdapter: async () => adapter } });
    expect((await capabilities()).webgpu)
      .toMatchObject({ available: true, adapter: expect.stringMatching(/./) });
  });

  it('takes the CPU where there is no adapter, and says why', async () => {
    await configure({ threads: 1, log: false, gpu: noAdapter });
    const { webgpu } = await capabilities();
    const reason = webgpu.available ? '' : webgpu.reason;
    expect(reason).not.toBe('');
    using model = await loadModel(storiesFolder, { backend: 'auto' });
    expect(model.backend).toBe('cpu');
    expect(model.backendReason).toBe(`no WebGPU: ${reason}`);
  });

  it('refuses WebGPU where there is no adapter', async () => {
    await configure({ threads: 1, log: false, gpu: noAdapter });
    expect(await rejection(loadModel(storiesFolder, { backend: 'webgpu' })))
      .toMatchObject({ code: 'device_unavailable', argument: 'backend' });
    expect(await liveCounts()).toEqual({ handles: 0, gpuBuffers: 0 });
  });

  it('refuses a GPU object for a worker', async () => {
    expect(await rejection(configure({ worker: true, gpu: noAdapter })))
      .toMatchObject({ code: 'invalid_argument', argument: 'gpu' });
  });
});

describe('estimateMemory', () => {
  const size = { hidden: 64, layers: 2, context: 128 };

  it('says what a model then takes', async () => {
    await configure({ threads: 1, log: false });
    const config = llamaConfig(size);
    const estimate = await estimateMemory(config);
    const weights = llamaWeights(size);
    const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
    expect(estimate).toMatchObject({
      parameters, weightsBytes: 4 * parameters, deviceBytes: 0, fits: true,
    });
    const before = (await capabilities()).memory.usedBytes;
    using model = await createModel(config, weights, { backend: 'cpu' });
    expect(model.parameters).toBe(parameters);
    const taken = (await capabilities()).memory.usedBytes - before;
    expect(taken).toBeGreaterThanOrEqual(estimate.weightsBytes);
    expect(taken).toBeLessThanOrEqual(estimate.hostBytes * 1.1);
  });

  it('says what does not fit, and what a shorter context saves', async () => {
    await configure({ threads: 1, log: false });
    const huge = await estimateMemory(llamaConfig({ hidden: 16384, layers: 40, context: 4096 }));
    expect(huge.fits).toBe(false);
    expect(huge.reason).toMatch(/needs \d+ bytes, and there are \d+/);
    const config = llamaConfig(size);
    const half = await estimateMemory(config, { contextLength: 64 });
    expect(half.cacheBytes * 2).toBe((await estimateMemory(config)).cacheBytes);
    const f16 = await estimateMemory(config, { precision: { weights: 'f16' } });
    expect(f16.weightsBytes * 2).toBe((await estimateMemory(config)).weightsBytes);
  });

  it('refuses what it does not know', async () => {
    await configure({ threads: 1, log: false });
    const config = llamaConfig(size);
    const argument = { code: 'invalid_argument' };
    expect(await rejection(estimateMemory(config, { banana: 1 } as never)))
      .toMatchObject({ ...argument, argument: 'banana' });
    expect(await rejection(estimateMemory(config, { contextLength: 129 })))
      .toMatchObject({ ...argument, argument: 'contextLength' });
    expect(await rejection(estimateMemory(config, { precision: { weights: 'q8' } } as never)))
      .toMatchObject({ ...argument, argument: 'precision.weights' });
  });
});

describe('shutdown', () => {
  it.each([{}, { worker: true }])('disposes of everything, also during a call (%o)', async (o) => {
    await configure({ threads: 2, log: false, ...o });
    const model = await loadModel(storiesFolder, { backend: 'cpu' });
    const tokenizer = await loadTokenizer(storiesFile('tokenizer.json'));
    const running = rejection(model.generate([1], { stopIds: [] }));
    await shutdown();
    const disposed = { code: 'disposed', name: 'RepriseError' };
    expect(await running).toMatchObject(disposed);
    expect(await rejection(model.generate([1]))).toMatchObject(disposed);
    expect(await rejection(tokenizer.encode('a'))).toMatchObject(disposed);
    model.dispose();
    tokenizer.dispose();
    expect(await liveCounts()).toEqual({ handles: 0, gpuBuffers: 0 });
    await shutdown();
  });
});

describe('a process of its own', () => {
  it('imports the package without any side effect', async () => {
    const source = `
      const seen = process.getActiveResourcesInfo()
        .filter((name) => !/Pipe|TTY|FS|CloseReq/.test(name));
      console.log(JSON.stringify({
        exports: Object.keys(reprise).sort(), seen,
        globals: Object.keys(globalThis).filter((name) => /reprise|module/i.test(name)),
      }));`;
    const { stdout, stderr } = await node(source);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      exports: [
        'RepriseError', 'bundleRecord', 'capabilities', 'configure', 'createManifest', 'createModel',
        'estimateMemory', 'hashJson', 'inferSchema', 'liveCounts', 'loadDataset', 'loadModel',
        'loadTokenizer', 'openCheckpoints', 'parseRecord', 'replay', 'shutdown', 'trainTokenizer', 'validateRunConfig', 'verifyFolder',
      ],
      seen: [],
      globals: [],
    });
  });

  it('runs from the command line, where threads cannot', async () => {
    const source = `
      import(${JSON.stringify(pathToFileURL(join(dist, 'index.js')).href)}).then(async (reprise) => {
        await reprise.configure({ log: false });
        const { build } = await reprise.capabilities();
        console.log(build.picked, build.reason);
      });`;
    const plain = await run(process.execPath, ['--eval', source], { timeout: 30_000 });
    expect(plain.stdout).toMatch(/^wasm/);
    const typed = await run(
      process.execPath, ['--input-type=module', '--eval', source], { timeout: 30_000 });
    expect(typed.stdout).toContain('wasm Node was started with --input-type');
  });

  it.each([false, true])('has threads whatever flags Node has, with worker: %s', async (worker) => {
    const source = `
      await reprise.configure({ threads: 1, worker: ${worker}, log: false });
      // More than is hashed without a thread.
      const weights = new File([new Uint8Array(9 * 2 ** 20)], 'model.safetensors');
      const { files } = await reprise.createManifest([weights, new File(['{}'], 'config.json')]);
      console.log(files.find(({ name }) => name === weights.name).sha256);
      await reprise.shutdown();`;
    const flags = ['--expose-gc', '--max-old-space-size=600', '--stack-trace-limit=20', '--no-warnings'];
    const { stdout } = await node(source, flags);
    expect(stdout).toBe(`${createHash('sha256').update(new Uint8Array(9 * 2 ** 20)).digest('hex')}\n`);
    const typed = `import(${JSON.stringify(pathToFileURL(join(dist, 'index.js')).href)}).then(async (reprise) => {${source}});`;
    const words = [...flags, '--input-type=module', '--eval', typed];
    expect((await run(process.execPath, words, { timeout: 30_000 })).stdout).toBe(stdout);
  });

  it.each([
    '{threads: 1}', '{threads: 2}', '{threads: 1, worker: true}', '{threads: 2, worker: true}',
  ])('ends by itself after work with %s', async (options) => {
    const { stdout, stderr } = await node(`
      await reprise.configure(${options});
      const model = await reprise.loadModel(folder, { backend: 'cpu' });
      const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 3 });
      console.log(text);`);
    expect(stdout).toBe(', there was\n');
    // A graphics driver that is looked for may complain there too.
    const lines = stderr.split('\n').filter((line) => line.startsWith('Reprise'));
    expect(lines).toEqual([expect.stringMatching(/^Reprise \d+\.\d+\.\d+: Node, /)]);
  });
});
