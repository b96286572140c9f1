// The golden random numbers in Node, Chromium and Firefox; natively and in the WebAssembly test binary the
// core's own tests have them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { browserLegs, inBrowser } from './browser_leg.mjs';
import { drawAll } from './random_leg.mjs';

const root = join(import.meta.dirname, '../..');
const golden = JSON.parse(readFileSync(join(root, 'fixtures/random/golden.json'), 'utf8'));
const options = golden.map((one) => one.options);
const values = golden.map((one) => one.values);
const nothing = { folders: {}, tokenizers: {}, texts: [] };

test('Node', async () => {
  const dist = pathToFileURL(join(root, 'packages/reprise/dist')).href;
  expect(await drawAll(dist, options)).toEqual(values);
});
test.each(browserLegs)('%s', async (_, browser, isolated) => {
  expect(await inBrowser(browser, root, nothing, isolated, 'randomLeg', { options })).toEqual(values);
});
