// One leg in Debian's Chromium or Firefox, with cross-origin isolation (threads) or without.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as chromium from '../browser/chromium.ts';
import * as firefox from '../browser/firefox.ts';
import { serve } from '../../tools/serve.mjs';

const browsers = { Chromium: chromium, Firefox: firefox };

/** Every browser with and without isolation: what the leg is called, the browser, whether isolated. */
export const browserLegs = Object.keys(browsers).flatMap((name) => [
  [`${name}, isolated, 2 threads`, name, true],
  [`${name} without isolation`, name, false],
]);

/** What the function `call` of page.html gives for the inputs and `more`, in the browser `name`, the
 * page being served from the checkout. */
export async function inBrowser(name, root, inputs, isolated, call, more = {}) {
  // Folders outside the checkout are given to the page as bytes; so are those inside it.
  const files = (folder) => Object.fromEntries(
    readdirSync(folder).filter((file) => /config\.json$|^tokenizer\.json$|^model\.safetensors$/.test(file))
      .map((file) => [file, readFileSync(join(folder, file)).toString('base64')]),
  );
  const folders = Object.fromEntries(Object.entries(inputs.folders).map(([key, folder]) => [key, files(folder)]));
  const tokenizers = Object.fromEntries(Object.entries(inputs.tokenizers).map(([key, file]) => [key, `/${relative(root, file)}`]));
  const server = await serve({ folder: root, isolated });
  const browser = await browsers[name].launch();
  try {
    const page = await (name === 'Firefox' ? firefox.firstTab(browser) : browser.newPage());
    await page.goto(`${server.url}tests/exact/page.html`);
    await page.waitForFunction(() => window.computeLeg !== undefined);
    const given = { folders, tokenizers, texts: inputs.texts, threads: isolated ? 2 : 1, ...more };
    return await page.evaluate(([wanted, leg]) => window[wanted](leg), [call, given]);
  } finally {
    await browser.close();
    await server.close();
  }
}
