// The installed tarball in a page that Vite bundled: the worker, the wasm files and the built-in
// model are found wherever the result is hosted.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { serve } from '../../tools/serve.mjs';
import { installTarball } from '../package/installed.js';
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
  ({ folder } = await installTarball());
  writeFileSync(join(folder, 'main.js'), main);
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  );
  await build({
    root: folder,
    configFile: false,
    base: './',
    logLevel: 'warn',
    publicDir: join(folder, 'node_modules/reprise/dist/models'),
    build: { target: 'es2022' },
    worker: { format: 'es' },
  });
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
  const { page, complaints } = await visit(browser, server.url);
  await page.waitForFunction(() => 'write' in window);
  const written = await page.evaluate(() => window.write());
  expect(written.tokens).toEqual(known.greedy);
  expect(written).toMatchObject({ text: known.text, picked, live: { handles: 0, gpuBuffers: 0 } });
  expect(complaints).toEqual([]);
  await page.context().close();
  await server.close();
});
