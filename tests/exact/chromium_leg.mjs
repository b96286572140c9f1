// One leg in Debian's Chromium, with cross-origin isolation (threads) or without.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { launch } from '../browser/chromium.ts';
import { serve } from '../../tools/serve.mjs';

/** Its fields, in a page served from the checkout. */
export const chromiumLeg = (root, inputs, isolated) => inChromium(root, inputs, isolated, 'computeLeg');

/** What a function of the page gives for the inputs and `more`. */
export async function inChromium(root, inputs, isolated, call, more = {}) {
  // Folders outside the checkout are given to the page as bytes; so are those inside it.
  const files = (folder) => Object.fromEntries(
    readdirSync(folder).filter((name) => /config\.json$|^tokenizer\.json$|^model\.safetensors$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
  const folders = Object.fromEntries(Object.entries(inputs.folders).map(([name, folder]) => [name, files(folder)]));
  const tokenizers = Object.fromEntries(Object.entries(inputs.tokenizers).map(([name, file]) => [name, `/${relative(root, file)}`]));
  const server = await serve({ folder: root, isolated });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}tests/exact/page.html`);
    await page.waitForFunction(() => window.computeLeg !== undefined);
    const given = { folders, tokenizers, texts: inputs.texts, threads: isolated ? 2 : 1, ...more };
    return await page.evaluate(([name, leg]) => window[name](leg), [call, given]);
  } finally {
    await browser.close();
    await server.close();
  }
}
