// Tables of datasets in a page that Vite bundled: with apache-arrow, and without it, which only the call
// that needs it says.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { serve } from '../../tools/serve.mjs';
import { bundlePage } from './bundled.js';
import { launch, visit } from './chromium.js';

const main = `
import { configure, loadDataset } from 'reprise';

window.tabulate = async () => {
  await configure({ log: false });
  const data = await loadDataset(new File(['word,n\\nZürich,1\\nfive,5\\n'], 'words.csv'));
  try {
    const table = await data.toArrow();
    return { names: table.schema.names, words: table.getChild('word').toJSON() };
  } catch ({ name, code, message, fields }) {
    return { name, code, message, package: fields.package };
  }
};
`;

declare global {
  interface Window {
    tabulate: () => Promise<object>;
  }
}

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it.each([
  { hasArrow: true, told: { names: ['word', 'n'], words: ['Zürich', 'five'] } },
  { hasArrow: false, told: {
    name: 'RepriseError', code: 'unsupported', package: 'apache-arrow',
    message: expect.stringContaining('npm install apache-arrow') as string,
  } },
])('makes a table or says what is missing (apache-arrow is there: $hasArrow)', async (
  { hasArrow, told },
) => {
  const folder = await bundlePage(main, { hasArrow });
  const server = await serve({ folder: join(folder, 'dist') });
  const { page, complaints } = await visit(browser, server.url);
  await page.waitForFunction(() => 'tabulate' in window);
  expect(await page.evaluate(() => window.tabulate())).toEqual(told);
  expect(complaints).toEqual([]);
  await page.context().close();
  await server.close();
  rmSync(folder, { recursive: true });
}, 120_000);
