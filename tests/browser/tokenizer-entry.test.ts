// The entry reprise/tokenizer in Chromium, from the installed tarball in a page that Vite bundled:
// what the page asks for, and the ids.
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { serve } from '../../tools/serve.mjs';
import { bundlePage } from './bundled.js';
import { launch, visit } from './chromium.js';
import { fixturesFolder } from './places.js';

const fixtures = join(fixturesFolder, 'tokenizers');
const main = `
import { capabilities, configure, liveCounts, loadTokenizer } from 'reprise/tokenizer';

window.encode = async (name) => {
  await configure({ log: false });
  const strings = await (await fetch('tokenizers/strings.json')).json();
  const tokenizer = await loadTokenizer('tokenizers/' + name + '/tokenizer.json');
  const batch = await tokenizer.encodeBatch(strings, { addSpecialTokens: true });
  const texts = await tokenizer.decodeBatch(batch.map(({ ids }) => ids));
  tokenizer.dispose();
  const { build, threads, worker } = await capabilities();
  return {
    ids: batch.map(({ ids }) => [...ids]), texts, picked: build.picked, threads, worker,
    live: await liveCounts(),
  };
};
`;

interface Encoded {
  readonly ids: number[][];
  readonly texts: string[];
  readonly picked: string;
  readonly threads: number;
  readonly worker: boolean;
  readonly live: object;
}
interface EntryWindow {
  encode: (name: string) => Promise<Encoded>;
}

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await bundlePage(main);
  symlinkSync(fixtures, join(folder, 'dist', 'tokenizers'));
  browser = await launch();
}, 120_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

it('has a bundle without models', () => {
  const files = readdirSync(join(folder, 'dist', 'assets'));
  const names = files.filter((file) => file.endsWith('.wasm')).map((file) => file.split('-')[0]);
  expect([...new Set(names)]).toEqual(['tokenizer']);
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const text = readFileSync(join(folder, 'dist', 'assets', file), 'utf8');
    expect(text).not.toMatch(/model_create|@compute/);
  }
});

it.each([
  { served: 'plainly', isolated: false, picked: 'wasm' },
  { served: 'isolated', isolated: true, picked: 'wasm-threads' },
])('gives the ids of Hugging Face, served $served', async ({ isolated, picked }) => {
  const server = await serve({ folder: join(folder, 'dist'), isolated });
  const { page, complaints } = await visit(browser, server.url);
  const wasm: string[] = [];
  page.context().on('request', (request) => {
    if (request.url().endsWith('.wasm')) wasm.push(new URL(request.url()).pathname);
  });
  await page.waitForFunction(() => 'encode' in window);
  for (const name of ['gpt2-cut', 'smollm-cut']) {
    const found = await page.evaluate(
      (given) => (window as unknown as EntryWindow).encode(given), name);
    const expected = JSON.parse(readFileSync(join(fixtures, name, 'expected.json'), 'utf8')) as {
      ids_special: number[][]; decoded_skip: string[];
    };
    expect(found.ids).toEqual(expected.ids_special);
    expect(found.texts).toEqual(expected.decoded_skip);
    expect(found).toMatchObject({ picked, worker: true, live: { handles: 0, gpuBuffers: 0 } });
    expect(found.threads > 1).toBe(isolated);
  }
  expect(wasm).toEqual([expect.stringMatching(/^\/assets\/tokenizer-/)]);
  expect(complaints).toEqual([]);
  await page.context().close();
  await server.close();
});
