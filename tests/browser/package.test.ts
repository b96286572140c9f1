// The package in Chromium as plain ES modules, without a bundler: what it writes, its worker, its
// workers and files on another origin, errors, and what is left when everything was disposed of.
import {
  copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { serve, type Server } from '../../tools/serve.mjs';
import { padded } from '../../packages/reprise/src/testing/padded.js';
import { writeRandomLlama } from '../../packages/reprise/src/testing/random-llama.js';
import { TestServer } from '../../packages/reprise/src/testing/server.js';
import { launch, visit } from './chromium.js';
import { known, modelsFolder, packageFolder } from './places.js';

// The import stands here, since the test runner rewrites those in the tests themselves.
const blankPage = `<!doctype html><link rel="icon" href="data:,">
<script>window.importPackage = (from = '/') => import(from + 'reprise/index.js');</script>`;

let browser: Browser;
let folder: string;
const servers: Server[] = [];

/** The package's modules at /reprise/ and the models at /models/, on an origin of their own. */
async function site(options: { isolated?: boolean; cors?: boolean } = {}): Promise<string> {
  const server = await serve({ folder, ...options });
  servers.push(server);
  return server.url;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-browser-'));
  writeFileSync(join(folder, 'index.html'), blankPage);
  symlinkSync(join(packageFolder, 'dist'), join(folder, 'reprise'));
  mkdirSync(join(folder, 'models'));
  symlinkSync(join(modelsFolder, 'stories-260k'), join(folder, 'models', 'stories-260k'));
  const long = join(folder, 'models', 'long');
  writeRandomLlama(long, 8192);
  // What a folder lacks, Chromium complains about, though the package can do without.
  for (const name of ['tokenizer.json', 'generation_config.json']) {
    copyFileSync(join(modelsFolder, 'stories-260k', name), join(long, name));
  }
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});

type Package = typeof import('reprise');
declare global {
  interface Window {
    importPackage: (from?: string) => Promise<Package>;
    reprise: Package;
  }
}

/** A page that has imported the package, by default from its own origin. */
async function open(url: string, from?: string): Promise<{ page: Page; complaints: string[] }> {
  const found = await visit(browser, url);
  await found.page.evaluate(async (address) => {
    window.reprise = await window.importPackage(address);
  }, from);
  return found;
}

describe.each([
  { served: 'plainly', isolated: false, build: 'wasm' },
  { served: 'isolated', isolated: true, build: 'wasm-threads' },
])('served $served', ({ isolated, build }) => {
  it('importing asks for nothing and starts nothing', async () => {
    const { page, complaints } = await visit(browser, await site({ isolated }));
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).pathname));
    await page.evaluate(async () => {
      await window.importPackage();
    });
    expect(requests.filter((path) => !path.endsWith('.js'))).toEqual([]);
    expect(page.workers()).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('picks its build and writes the known ids in a worker', async () => {
    const { page, complaints } = await open(await site({ isolated }));
    const found = await page.evaluate(async () => {
      const { capabilities, configure, loadModel, liveCounts } = window.reprise;
      await configure({ log: false });
      const progress: { phase: string; unit: string; done: number }[] = [];
      const model = await loadModel('/models/stories-260k/', {
        backend: 'cpu',
        onProgress: ({ phase, unit, done }) => progress.push({ phase, unit, done }),
      });
      const result = await model.generate('Once upon a time', {
        temperature: 0,
        maxTokens: 120,
        stopIds: [],
      });
      const pieces: string[] = [];
      const stream = model.stream('Once upon a time', { temperature: 0, maxTokens: 120 });
      for await (const { text } of stream) pieces.push(text);
      const { logprobs } = await model.score(result.promptIds);
      model.dispose();
      return {
        capabilities: await capabilities(),
        tokens: [...result.tokens],
        text: result.text,
        streamed: (await stream.result).text,
        pieces: pieces.join(''),
        scored: logprobs.length,
        progress,
        live: await liveCounts(),
      };
    });
    expect(found.tokens).toEqual(known.greedy);
    expect(found.text).toBe(known.text);
    expect(found.streamed).toBe(known.text);
    expect(known.text.startsWith(found.pieces)).toBe(true);
    expect(found.scored).toBe(known.ids.length - 1);
    expect(found.live).toEqual({ handles: 0, gpuBuffers: 0 });
    expect(found.capabilities).toMatchObject({
      platform: 'browser',
      worker: true,
      simd: true,
      crossOriginIsolated: isolated,
      build: { picked: build },
    });
    expect(found.capabilities.threads > 1).toBe(isolated);
    const last = found.progress.filter(({ phase }) => phase === 'download').at(-1);
    expect(last).toMatchObject({ unit: 'bytes' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('aborts a load, a long prefill and a decode, and goes on', async () => {
    const { page, complaints } = await open(await site({ isolated }));
    const found = await page.evaluate(async () => {
      const { configure, loadModel, liveCounts, RepriseError } = window.reprise;
      await configure({ log: false });
      const codeOf = (error: unknown): string =>
        error instanceof RepriseError ? error.code : String(error);
      const early = AbortSignal.abort();
      // The folder has no manifest, and asking for one would leave a 404 in the console.
      const options = { backend: 'cpu', verify: false } as const;
      const load = await loadModel('/models/long/', { ...options, signal: early }).catch(codeOf);
      const model = await loadModel('/models/long/', options);

      /** Aborts once `work` reports progress; the code, and how long the answer took. */
      async function aborted(
        work: (options: { signal: AbortSignal; onProgress: () => void }) => Promise<unknown>,
      ): Promise<{ code: string; ms: number }> {
        const controller = new AbortController();
        let at = 0;
        const code = await work({
          signal: controller.signal,
          onProgress: () => {
            if (at === 0) {
              at = performance.now();
              controller.abort();
            }
          },
        }).then(() => 'finished', codeOf);
        return { code, ms: performance.now() - at };
      }
      const prompt = Array.from({ length: 2000 }, (_, i) => i % 500);
      const prefill = await aborted((options) => model.generate(prompt, { seed: 1, ...options }));
      const score = await aborted((options) => model.score(prompt, options));
      const decode = await aborted((options) => model.generate([1], { seed: 1, ...options }));
      const after = await model.generate([1], { seed: 1, maxTokens: 3 });
      model.dispose();
      return { load, prefill, score, decode, after: after.tokens.length, live: await liveCounts() };
    });
    expect(found.load).toBe('aborted');
    for (const { code, ms } of [found.prefill, found.score, found.decode]) {
      expect(code).toBe('aborted');
      expect(ms).toBeLessThan(1000);
    }
    expect(found.after).toBe(3);
    expect(found.live).toEqual({ handles: 0, gpuBuffers: 0 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('runs a worker script of another origin', async () => {
    const other = await site({ cors: true });
    const { page, complaints } = await open(await site({ isolated }));
    const tokens = await page.evaluate(async (workerUrl) => {
      const { configure, loadModel } = window.reprise;
      await configure({ log: false, workerUrl });
      const model = await loadModel('/models/stories-260k/', { backend: 'cpu' });
      return [
        ...(await model.generate('Once upon a time', { temperature: 0, maxTokens: 9 })).tokens,
      ];
    }, `${other}reprise/worker.js`);
    expect(tokens).toEqual(known.greedy.slice(0, 9));
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe.each([
  { served: 'plainly', isolated: false, build: 'wasm' },
  { served: 'isolated', isolated: true, build: 'wasm-threads' },
])('a page served $served, with everything of the package on another origin', (
  { isolated, build },
) => {
  it('runs in a worker, with threads where it may', async () => {
    const other = await site({ cors: true });
    const { page, complaints } = await open(await site({ isolated }), other);
    const found = await page.evaluate(async () => {
      const { capabilities, configure, loadModel, liveCounts } = window.reprise;
      const { Worker: before } = window;
      await configure({ log: false });
      const model = await loadModel('/models/stories-260k/', { backend: 'cpu' });
      const result = await model.generate('Once upon a time', { temperature: 0, maxTokens: 60 });
      model.dispose();
      return {
        tokens: [...result.tokens],
        capabilities: await capabilities(),
        live: await liveCounts(),
        isAsBefore: window.Worker === before,
      };
    });
    expect(found.tokens).toEqual(known.greedy.slice(0, 60));
    expect(found.capabilities).toMatchObject({ worker: true, build: { picked: build } });
    expect(found.capabilities.threads > 1).toBe(isolated);
    expect(found.live).toEqual({ handles: 0, gpuBuffers: 0 });
    expect(found.isAsBefore).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('files that another origin compresses', () => {
  it.each([
    ['JSON', /\.json$/],
    ['weights', /\.safetensors$/],
  ])('%s', async (_, packed) => {
    const whole = new Map(['config.json', 'generation_config.json', 'manifest.json',
      'tokenizer.json', 'model.safetensors'].map((name) =>
      [name, readFileSync(join(modelsFolder, 'stories-260k', name))]));
    const server = await TestServer.start((request, response) => {
      const name = (request.url as string).slice(1);
      const bytes = whole.get(name) as Buffer;
      const body = packed.test(name) ? gzipSync(bytes) : bytes;
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'content-length': body.length,
        ...(packed.test(name) ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(body);
    });
    const { page, complaints } = await open(await site());
    const found = await page.evaluate(async (address) => {
      const { configure, loadModel } = window.reprise;
      await configure({ log: false });
      type Heard = { phase: string; file?: string; done: number; total?: number };
      const heard: Heard[] = [];
      const model = await loadModel(address, {
        backend: 'cpu', onProgress: (progress) => heard.push(progress),
      });
      const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 120 });
      model.dispose();
      return { text, heard };
    }, server.url);
    await server.close();
    expect(found.text).toBe(known.text);
    // Whatever is known of a size is true.
    for (const { done, total } of found.heard) expect(done).toBeLessThanOrEqual(total ?? done);
    const bytes = whole.get('model.safetensors')?.length;
    for (const phase of ['download', 'load']) {
      const last = found.heard.filter((one) =>
        one.phase === phase && one.file?.endsWith('safetensors') === true).at(-1);
      expect(last).toMatchObject({ done: bytes, total: bytes });
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('a manifest of weights of several chunks', () => {
  it('is held against the chunks, and model and record say that the whole hash is its word', async () => {
    const large = join(folder, 'models', 'large');
    const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];
    mkdirSync(large);
    for (const name of names) copyFileSync(join(modelsFolder, 'stories-260k', name), join(large, name));
    const file = join(large, 'model.safetensors');
    writeFileSync(file, padded(readFileSync(file), 9 << 20));
    const { page } = await open(await site());
    const found = await page.evaluate(async (all) => {
      const { configure, createManifest, liveCounts, loadModel, RepriseError } = window.reprise;
      await configure({ log: false });
      const files = Object.fromEntries(all.map((name) => [name, `/models/large/${name}`]));
      const manifest = await createManifest(files);
      const load = async (changed: typeof manifest) => {
        const text = new Blob([JSON.stringify(changed)]);
        const model = await loadModel({ ...files, 'manifest.json': text });
        const { record } = await model.generate([1, 403], { maxTokens: 2, seed: 1, record: true });
        const { status, notVerified } = model.verification;
        model.dispose();
        return { status, notVerified, inputs: record?.inputs };
      };
      const withWeights = (change: object) => ({ ...manifest, files: manifest.files.map((one) =>
        (one.role === 'weights' ? { ...one, ...change } : one)) });
      const weights = manifest.files.find(({ role }) => role === 'weights');
      const chunks = [weights?.chunks[0] as string, '0'.repeat(64)];
      const refused = await load(withWeights({ chunks })).then(() => undefined, (thrown: unknown) =>
        (thrown instanceof RepriseError ? { code: thrown.code, ...thrown.fields } : String(thrown)));
      return {
        right: await load(manifest), wrong: await load(withWeights({ sha256: '0'.repeat(64) })),
        refused, sha256: weights?.sha256, live: await liveCounts(),
      };
    }, names);
    const partly = { status: 'partly_verified', notVerified: ['weights'] };
    const inputs = { verification: 'partly_verified', notVerified: ['weights'] };
    expect(found.right).toMatchObject({ ...partly, inputs: { ...inputs, weights: found.sha256 } });
    expect(found.wrong).toMatchObject({ ...partly, inputs: { ...inputs, weights: '0'.repeat(64) } });
    expect(found.refused).toMatchObject({ code: 'hash_mismatch', byte: 8 << 20 });
    expect(found.live).toEqual({ handles: 0, gpuBuffers: 0 });
    await page.context().close();
  });
});

describe('errors name what happened and where, and leave nothing behind', () => {
  let url: string;
  let open404: string;
  let closed: string;
  beforeAll(async () => {
    url = await site();
    open404 = await site({ cors: true });
    closed = await site();
  });

  async function failing(address: string): Promise<Record<string, unknown>> {
    const { page } = await open(url);
    const found = await page.evaluate(async (source) => {
      const { configure, loadModel, liveCounts, RepriseError } = window.reprise;
      await configure({ log: false });
      const error = await loadModel(source, { backend: 'cpu' }).then(
        () => ({ code: 'loaded' }),
        (thrown: unknown) =>
          thrown instanceof RepriseError
            ? { code: thrown.code, ...thrown.fields }
            : { code: String(thrown) },
      );
      const model = await loadModel('/models/stories-260k/', { backend: 'cpu' });
      const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 120 });
      model.dispose();
      return { error, text, live: await liveCounts() };
    }, address);
    expect(found.live).toEqual({ handles: 0, gpuBuffers: 0 });
    expect(found.text).toBe(known.text);
    await page.context().close();
    return found.error;
  }

  it('404', async () => {
    const file = `${open404}models/none/config.json`;
    expect(await failing(`${open404}models/none/`)).toMatchObject({
      code: 'not_found',
      file,
      status: 404,
    });
  });

  it('an HTML page', async () => {
    mkdirSync(join(folder, 'models', 'html'));
    writeFileSync(join(folder, 'models', 'html', 'config.json'), '<!doctype html><title>a</title>');
    expect(await failing('/models/html/')).toMatchObject({
      code: 'network',
      file: `${url}models/html/config.json`,
    });
  });

  it('a CORS refusal', async () => {
    const file = `${closed}models/stories-260k/config.json`;
    expect(await failing(`${closed}models/stories-260k/`)).toMatchObject({ code: 'cors', file });
  });

  it('a server that is not there', async () => {
    const gone = await serve({ folder });
    await gone.close();
    expect(await failing(`${gone.url}models/stories-260k/`)).toMatchObject({ code: 'network' });
  });
});
