// The package and its entry of tokenizers in Firefox as plain ES modules: what a stranger does first.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { serve, type Server } from '../../tools/serve.mjs';
import { launch, visit } from './firefox.js';
import { fixturesFolder, known, packageFolder } from './places.js';

// The imports stand here, since the test runner rewrites those in the tests themselves.
const page = `<!doctype html><link rel="icon" href="data:,"><script>
window.importPackage = () => import('/reprise/index.js');
window.importTokenizers = () => import('/reprise/tokenizer-entry.js');
</script>`;

interface FirefoxWindow {
  importPackage: () => Promise<typeof import('reprise')>;
  importTokenizers: () => Promise<typeof import('reprise/tokenizer')>;
}

let browser: Browser;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-firefox-'));
  writeFileSync(join(folder, 'index.html'), page);
  symlinkSync(join(packageFolder, 'dist'), join(folder, 'reprise'));
  symlinkSync(fixturesFolder, join(folder, 'fixtures'));
});
afterAll(() => rmSync(folder, { recursive: true }));
// A browser for each page: firefox.ts says why.
beforeEach(async () => {
  browser = await launch();
}, 60_000);
afterEach(() => browser.close());

describe.each([
  { served: 'plainly', isolated: false, picked: 'wasm' },
  { served: 'isolated', isolated: true, picked: 'wasm-threads' },
])('Firefox, served $served', ({ isolated, picked }) => {
  let server: Server;
  beforeAll(async () => {
    server = await serve({ folder, isolated });
  });
  afterAll(() => server.close());

  it('writes the known text in a worker', async () => {
    const { page, complaints } = await visit(browser, server.url);
    const found = await page.evaluate(async () => {
      const { capabilities, configure, liveCounts, loadModel } =
        await (window as unknown as FirefoxWindow).importPackage();
      await configure({ log: false });
      const model = await loadModel('/fixtures/models/stories-260k/', { backend: 'cpu' });
      const options = { temperature: 0, maxTokens: 120, stopIds: [] };
      const result = await model.generate('Once upon a time', options);
      model.dispose();
      const { build, crossOriginIsolated, threads, worker } = await capabilities();
      return {
        tokens: [...result.tokens], text: result.text, picked: build.picked, crossOriginIsolated,
        threads, worker, live: await liveCounts(),
      };
    });
    expect(found.tokens).toEqual(known.greedy);
    expect(found.text).toBe(known.text);
    expect(found).toMatchObject({
      picked, crossOriginIsolated: isolated, worker: true, live: { handles: 0, gpuBuffers: 0 },
    });
    expect(found.threads > 1).toBe(isolated);
    expect(complaints).toEqual([]);
  });

  it('encodes and decodes as Hugging Face does, by reprise/tokenizer', async () => {
    const { page, complaints } = await visit(browser, server.url);
    const found = await page.evaluate(async () => {
      const { configure, liveCounts, loadTokenizer } =
        await (window as unknown as FirefoxWindow).importTokenizers();
      await configure({ log: false });
      const strings = await (await fetch('/fixtures/tokenizers/strings.json')).json() as string[];
      const tokenizer = await loadTokenizer('/fixtures/tokenizers/gpt2-cut/tokenizer.json');
      const batch = await tokenizer.encodeBatch(strings, { addSpecialTokens: true });
      const texts = await tokenizer.decodeBatch(batch.map(({ ids }) => ids));
      tokenizer.dispose();
      return { ids: batch.map(({ ids }) => [...ids]), texts, live: await liveCounts() };
    });
    const expected = JSON.parse(
      readFileSync(join(fixturesFolder, 'tokenizers/gpt2-cut/expected.json'), 'utf8'),
    ) as { ids_special: number[][]; decoded_skip: string[] };
    expect(found).toEqual({
      ids: expected.ids_special, texts: expected.decoded_skip, live: { handles: 0, gpuBuffers: 0 },
    });
    expect(complaints).toEqual([]);
  });
});
