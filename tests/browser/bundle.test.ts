// The installed tarball in a page that Vite bundled: the worker, the wasm files and the built-in
// model are found wherever the result is hosted, on another origin than the page's as well.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { serve } from '../../tools/serve.mjs';
import { bundlePage } from './bundled.js';
import { launch, visit } from './chromium.js';
import { known } from './places.js';

const main = `
import { capabilities, configure, liveCounts, loadModel } from 'reprise';

window.write = async () => {
  await configure({ log: false });
  const model = await loadModel('stories-260k/', { backend: 'cpu' });
  const { text, tokens } = await model.generate('Once upon a time',
    { temperature: 0, maxTokens: 120, stopIds: [] });
  model.dispose();
  const { build, threads } = await capabilities();
  return { text, tokens: [...tokens], picked: build.picked, threads, live: await liveCounts() };
};
`;

interface Written {
  readonly text: string;
  readonly tokens: number[];
  readonly picked: string;
  readonly threads: number;
  readonly live: object;
}
declare global {
  interface Window {
    write: () => Promise<Written>;
  }
}

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = await bundlePage(main, { publicFolder: 'dist/models' });
  browser = await launch();
}, 120_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

it.each([
  { served: 'plainly', isolated: false, picked: 'wasm' },
  { served: 'isolated, below a path', isolated: true, picked: 'wasm-threads', base: '/a/b/' },
])('writes the known story, served $served', async ({ picked, served, ...options }) => {
  const server = await serve({ folder: join(folder, 'dist'), ...options });
  await expectStory(server.url, picked);
  await server.close();
});

it.each([
  { served: 'plainly', isolated: false, picked: 'wasm' },
  { served: 'isolated', isolated: true, picked: 'wasm-threads' },
])('writes the known story in a page served $served, with its scripts on another origin', async (
  { picked, isolated },
) => {
  const scripts = await serve({ folder: join(folder, 'dist'), cors: true });
  const own = join(folder, `page-${picked}`);
  mkdirSync(own);
  const page = readFileSync(join(folder, 'dist/index.html'), 'utf8');
  expect(page).toContain('"./assets/');
  writeFileSync(join(own, 'index.html'), page.replaceAll('"./assets/', `"${scripts.url}assets/`));
  symlinkSync(join(folder, 'dist/stories-260k'), join(own, 'stories-260k'));
  const server = await serve({ folder: own, isolated });
  await expectStory(server.url, picked);
  await server.close();
  await scripts.close();
});

async function expectStory(url: string, picked: string): Promise<void> {
  const { page, complaints } = await visit(browser, url);
  await page.waitForFunction(() => 'write' in window);
  const written = await page.evaluate(() => window.write());
  expect(written.tokens).toEqual(known.greedy);
  expect(written).toMatchObject({ text: known.text, picked, live: { handles: 0, gpuBuffers: 0 } });
  expect(written.threads > 1).toBe(picked === 'wasm-threads');
  expect(complaints).toEqual([]);
  await page.context().close();
}
