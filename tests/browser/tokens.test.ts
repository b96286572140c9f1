// The page's tokens and metrics of a typed text, against the package's own results.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { configure, loadTokenizer, shutdown, type Tokenizer, type TokenizerMetrics } from 'reprise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { piecesOf } from '../../apps/demo/src/dashboard/pieces.js';
import { writeRandomLlama } from '../../packages/reprise/src/testing/random-llama.js';
import { serve, type Server } from '../../tools/serve.mjs';
import { launch, visit } from './chromium.js';
import { DemoPage } from './demo-page.js';
import { fixturesFolder, modelsFolder, pageFolder } from './places.js';

const storyTokenizer = join(modelsFolder, 'stories-260k/tokenizer.json');
const byteLevel = join(fixturesFolder, 'tokenizers/gpt2-cut/tokenizer.json');
const typed = 'Lily said: "Zoë 🙂, 日本!"\n  <s>';

describe('the pieces of a text', () => {
  it('are one for tokens that share characters', () => {
    // Zoë and an emoji in bytes, and a space put before the text, which stands for the Z.
    const utf16 = [0, 1, 0, 1, 1, 2, 2, 3, 2, 3, 3, 5, 4, 5, 4, 5];
    expect(piecesOf(5, [9, 1, 2, 3, 4, 5, 6, 7], utf16)).toEqual([
      { start: 0, end: 1, ids: [9, 1] },
      { start: 1, end: 2, ids: [2] },
      { start: 2, end: 3, ids: [3, 4] },
      { start: 3, end: 5, ids: [5, 6, 7] },
    ]);
  });

  it('are without ids where no token stands, and without text where a token has none', () => {
    expect(piecesOf(9, [1, 2, 3], [2, 4, 0, 0, 4, 6])).toEqual([
      { start: 0, end: 2, ids: [] },
      { start: 2, end: 4, ids: [1] },
      { start: 4, end: 4, ids: [2] },
      { start: 4, end: 6, ids: [3] },
      { start: 6, end: 9, ids: [] },
    ]);
    expect(piecesOf(0, [], [])).toEqual([]);
  });

  it('take in what lies before them', () => {
    expect(piecesOf(4, [1, 2, 3], [0, 2, 2, 4, 1, 3])).toEqual([
      { start: 0, end: 4, ids: [1, 2, 3] },
    ]);
  });
});

describe('the page', () => {
  let browser: Browser;
  let server: Server;
  const scratch = mkdtempSync(join(tmpdir(), 'reprise-tokens-'));

  beforeAll(async () => {
    await configure({ threads: 1, log: false });
    writeRandomLlama(scratch, 64);
    browser = await launch();
    server = await serve({ folder: join(pageFolder, 'dist') });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await shutdown();
    rmSync(scratch, { recursive: true });
  });

  /** The page, ready, and the metrics that it logs. */
  async function open() {
    const { page, complaints } = await visit(browser, server.url);
    const logged: (TokenizerMetrics & { tokenizer: string })[] = [];
    page.on('console', (message) => {
      const [, json] = /^tokenizer metrics (\{.*\})$/s.exec(message.text()) ?? [];
      if (json !== undefined) logged.push(JSON.parse(json) as (typeof logged)[number]);
    });
    const demo = new DemoPage(page);
    await demo.ready();
    return { page, demo, complaints, logged };
  }

  /** The tokens that a piece's title names: their texts and ids. */
  const named = (title: string): [string, number][] =>
    [...title.slice(title.lastIndexOf('”')).matchAll(/(\S+) \(id (\d+)\)/g)]
      .map(([, token, id]) => [token as string, Number(id)]);

  /** Types the text and compares what the page shows with what the tokenizer gives. */
  async function compare({ page, logged }: Awaited<ReturnType<typeof open>>, tokenizer: Tokenizer) {
    const { ids } = await tokenizer.encode(typed);
    const metrics = await tokenizer.metrics([typed]);
    await page.getByLabel('Text to cut into tokens').fill(typed);
    const figure = (name: string) => page.locator(`#tokens-figures dt:text-is("${name}") + dd`);
    await figure('Tokens').filter({ hasText: `${metrics.tokens} for ` }).waitFor();

    const pieces = page.getByRole('list', { name: 'Tokens of the text' }).getByRole('listitem');
    expect((await pieces.allTextContents()).join('')).toBe(typed.replaceAll('\n', '↵\n'));
    const titles = await pieces.evaluateAll((items) =>
      items.map((item) => (item as HTMLElement).title),
    );
    const expected = await Promise.all(
      Array.from(ids, async (id) => [await tokenizer.idToToken(id), id]),
    );
    expect(titles.flatMap(named)).toEqual(expected);

    const { compression, entropy, coverage, fertility } = metrics;
    expect(await figure('Bytes per token').innerText()).toBe(compression.bytesPerToken.toFixed(2));
    expect(await figure('Entropy').innerText()).toContain(
      `${entropy.bitsPerToken.toFixed(2)} bits per token`,
    );
    expect(await figure('Text covered').innerText()).toContain(
      `${(100 * coverage.text).toFixed(1)} %`,
    );
    const rows = await page.locator('#tokens-scripts tr').evaluateAll((found) =>
      found.map((row) => [...row.children].map((cell) => cell.textContent)),
    );
    expect(rows).toEqual(
      Object.entries(fertility.byScript).map(([script, of]) => [
        script,
        of.tokensPerWord.toFixed(2),
        of.tokensPerCharacter.toFixed(2),
      ]),
    );
    expect(logged.at(-1)).toEqual({ tokenizer: tokenizer.hash, ...metrics });
    return titles;
  }

  it("shows the built-in tokenizer's tokens, and metrics that are also logged", async () => {
    const opened = await open();
    using tokenizer = await loadTokenizer(storyTokenizer);
    const titles = await compare(opened, tokenizer);
    expect(titles).toContain('“日”: 3 tokens share this: <0xE6> (id 233), <0x97> (id 154), ' +
      '<0xA5> (id 168)');
    expect(opened.complaints).toEqual([]);
    await opened.page.context().close();
  });

  it('shows those of a tokenizer of bytes from files, and says where there is none', async () => {
    const opened = await open();
    const { page, demo, complaints } = opened;
    const files = ['config.json', 'model.safetensors'].map((name) => join(scratch, name));
    await page.locator('#files-input').setInputFiles(files);
    await page.getByText('The model has no tokenizer').waitFor();
    await demo.ready();
    expect(await page.locator('#tokens-metrics').isHidden()).toBe(true);

    copyFileSync(byteLevel, join(scratch, 'tokenizer.json'));
    await page.locator('#files-input').setInputFiles([...files, join(scratch, 'tokenizer.json')]);
    using tokenizer = await loadTokenizer(byteLevel);
    await page.getByText(`Vocabulary of ${tokenizer.vocabSize.toLocaleString('en')}`).waitFor();
    const titles = await compare(opened, tokenizer);
    expect(titles.some((title) => /^“ ?🙂”: \d tokens share this: /.test(title))).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('tells of a token at the pointer and by keyboard', async () => {
    const { page } = await open();
    const words = page.locator('#tokens-words');
    const pieces = page.locator('#tokens-pieces li');
    await pieces.filter({ hasText: 'upon' }).hover();
    expect(await words.innerText()).toBe('“ upon”: token ▁upon (id 407)');
    await page.getByLabel('Text to cut into tokens').focus();
    await page.keyboard.press('Tab');
    expect(await words.innerText()).toBe('“Once”: token ▁Once (id 403)');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await words.innerText()).toBe('“ a”: token ▁a (id 261)');
    await page.keyboard.press('Home');
    expect(await words.innerText()).toContain('Once');
    await page.context().close();
  });

  it('shows the first tokens of a long text and counts all of them', async () => {
    const { page } = await open();
    await page.getByLabel('Text to cut into tokens').fill('Once upon a time '.repeat(5000));
    await page.getByText(/^… and [\d,]+ tokens more/).waitFor();
    expect(await page.locator('#tokens-pieces li').count()).toBeLessThanOrEqual(2000);
    await page.getByText(/^20,\d{3} for 20,000 words/).waitFor();
    await page.getByLabel('Text to cut into tokens').fill('');
    await page.getByText('0 for 0 words').waitFor();
    expect(await page.locator('#tokens-pieces li').count()).toBe(0);
    await page.context().close();
  });
});
