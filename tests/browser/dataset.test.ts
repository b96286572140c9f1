// The page's card of a dataset, against what the package gives in Node for the same file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { configure, loadDataset, loadTokenizer, shutdown } from 'reprise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LengthCounter } from '../../apps/demo/src/dataset/lengths.js';
import { serve, type Server } from '../../tools/serve.mjs';
import { launch, visit } from './chromium.js';
import { DemoPage } from './demo-page.js';
import { fixturesFolder, modelsFolder, pageFolder } from './places.js';

const sample = join(fixturesFolder, 'datasets/sms-spam.csv');
const ratios = { train: 0.8, val: 0.1, test: 0.1 };

describe('the lengths of texts', () => {
  const summaryOf = (lengths: readonly number[]) => {
    const counter = new LengthCounter();
    lengths.forEach((length) => counter.add(length));
    return counter.summary();
  };

  it('are counted into bars of one width', () => {
    expect(summaryOf([])).toBeUndefined();
    expect(summaryOf([0])).toEqual({ texts: 1, tokens: 0, least: 0, median: 0, most: 0,
      bars: [{ from: 0, to: 0, texts: 1 }] });
    const summary = summaryOf(Array.from({ length: 100 }, (_, i) => i + 3));
    expect(summary).toMatchObject({ texts: 100, tokens: 5250, least: 3, median: 52, most: 102 });
    expect(summary?.bars).toHaveLength(21);
    expect(summary?.bars[0]).toEqual({ from: 0, to: 4, texts: 2 });
    expect(summary?.bars.at(-1)).toEqual({ from: 100, to: 104, texts: 3 });
  });

  it('have the few far longer ones in the last bar', () => {
    const bars = summaryOf([...Array.from({ length: 400 }, (_, i) => i % 10), 5000, 70_000])?.bars;
    expect(bars?.at(-1)).toEqual({ from: 10, to: Infinity, texts: 2 });
    expect(bars?.slice(0, -1).map(({ texts }) => texts)).toEqual(Array(10).fill(40));
  });

  it('are in one bar each, and none is lost', () => {
    for (let least = 0; least < 300; least += 7) {
      for (let spread = 1; spread < 4000; spread = 2 * spread + 1) {
        const lengths = Array.from({ length: 50 }, (_, i) => least + Math.floor((i * spread) / 49));
        const bars = summaryOf(lengths)?.bars ?? [];
        expect(bars.length).toBeLessThanOrEqual(25);
        for (const { from, to, texts } of bars) {
          expect(texts).toBe(lengths.filter((length) => length >= from && length <= to).length);
        }
      }
    }
  });
});

describe('the page', () => {
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    await configure({ threads: 1, log: false });
    browser = await launch();
    server = await serve({ folder: join(pageFolder, 'dist'), base: '/some/where/' });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await shutdown();
  });

  async function open() {
    const { page, complaints } = await visit(browser, server.url);
    const demo = new DemoPage(page);
    await demo.ready();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
    const card = page.locator('#dataset');
    return {
      page, demo, complaints, asked, card,
      choose: (name: string, text: string) => page.locator('#dataset-input').setInputFiles(
        { name, mimeType: 'text/plain', buffer: Buffer.from(text) }),
      says: (words: RegExp) =>
        card.locator('#dataset-status').filter({ hasText: words }).waitFor({ timeout: 60_000 }),
    };
  }

  /** The cells of a table, row by row. */
  const cells = (card: Locator, caption: RegExp) =>
    card.getByRole('table', { name: caption }).locator('tbody tr').evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent)));

  /** What the package gives in Node. */
  async function splitsInNode(seed: number) {
    using data = await loadDataset(sample);
    return Object.values(await data.split({ ratios, seed }))
      .map(({ name, rows, hash }) => [name, String(rows), hash]);
  }

  it('shows and splits the sample by itself, as Node does', async () => {
    const { page, card, asked, says, complaints } = await open();
    await card.getByRole('button', { name: 'Take the sample' }).click();
    await says(/^Done: 300 rows\.$/);
    expect(await cells(card, /^Schema/)).toEqual([['label', 'string', 'no'], ['text', 'string', 'no']]);
    using data = await loadDataset(sample);
    const first = await cells(card, /^First rows/);
    expect(first).toHaveLength(8);
    expect(first[0]).toEqual(['0', ...Object.values((await data.take(1).rows())[0] ?? {})]);
    expect((await cells(card, /^Statistics of 300 rows/))[0]).toEqual(
      ['label', '300', '0', '2', 'ham', 'spam', '–', '3.14667 bytes']);
    expect(await cells(card, /^Splits/)).toEqual(await splitsInNode(7));

    using tokenizer = await loadTokenizer(join(modelsFolder, 'stories-260k/tokenizer.json'));
    const counter = new LengthCounter();
    for await (const { tokens } of data.tokenize(tokenizer)) counter.add(tokens.length);
    const summary = counter.summary();
    const image = card.getByRole('img', { name: /^Histogram of token lengths/ });
    expect(await image.getAttribute('aria-label')).toContain(
      `300 texts, ${summary?.tokens.toLocaleString('en')} tokens: from ${summary?.least} to ` +
      `${summary?.most} tokens a text, median ${summary?.median}, `);
    expect(await image.locator('rect').count()).toBe(summary?.bars.length);
    await card.getByText('The histogram as a table').click();
    expect((await cells(card, /^Token lengths/)).map(([, texts]) => Number(texts))).toEqual(
      summary?.bars.map(({ texts }) => texts));

    // Another seed deals the rows out anew.
    await card.getByLabel('Seed of the split').fill('8');
    await page.keyboard.press('Enter');
    const other = await splitsInNode(8);
    await card.getByText(other[0]?.[2] as string).waitFor();
    expect(await cells(card, /^Splits/)).toEqual(other);
    // Files of the page are all that was asked for.
    expect(asked.filter((request) => !request.startsWith(`GET ${server.url}`))).toEqual([]);
    expect(asked).toContain(`GET ${server.url}sms-spam.csv`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('takes a file that is dropped on the card, and leaves the model as it is', async () => {
    const { page, demo, card, says, complaints } = await open();
    await card.scrollIntoViewIfNeeded();
    const box = await card.boundingBox();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [sample], dragOperationsMask: 1 };
    const at = { x: (box?.x ?? 0) + 30, y: (box?.y ?? 0) + 40 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, ...at, data });
    }
    await says(/^Done: 300 rows\.$/);
    expect(await cells(card, /^Splits/)).toEqual(await splitsInNode(7));
    expect(await page.locator('#drop-hint').isHidden()).toBe(true);
    await demo.statusSays(/^The model is ready\.$/);
    expect(await page.getByRole('radio', { name: /^Story model/ }).isChecked()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows the row of a dropped CSV that is wrong, and goes on', async () => {
    const { page, card, choose, says, complaints } = await open();
    const transfer = await page.evaluateHandle(() => {
      const made = new DataTransfer();
      made.items.add(new File(['label,n\na,1\nb,2\nc,3,4\n'], 'bad.csv'));
      return made;
    });
    await card.dispatchEvent('drop', { dataTransfer: transfer });
    const failure = card.getByRole('alert');
    await failure.waitFor();
    expect(await failure.getByRole('heading').innerText()).toBe('The data is not as it must be');
    const place = (name: string) => failure.locator(`dt:text-is("${name}") + dd`).innerText();
    expect(await place('File')).toBe('bad.csv');
    expect(await place('Row, from 0')).toBe('2');
    expect(await place('Expected')).toBe('2 columns');
    expect(await place('Found')).toBe('3 columns');
    expect(await cells(card, /^First rows/)).toEqual([['0', 'a', '1'], ['1', 'b', '2']]);

    // Further down than the rows that the schema is inferred from.
    await choose('late.csv', `label,n\n${'a,1\n'.repeat(25_000)}b,x\n`);
    await failure.getByText('25000', { exact: true }).waitFor();
    expect(await place('Column')).toBe('n');
    expect(await place('Expected')).toBe('an int64');
    expect(await place('Found')).toBe('"x"');

    await choose('good.csv', 'label,n\na,1\n');
    await says(/^Done: 1 row\.$/);
    // Too few rows to be dealt out are no failure.
    await card.getByText('No splits: ratios.test: expected at least one of 1 rows').waitFor();
    expect(await failure.isHidden()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows values as text, absent ones and those of other types', async () => {
    const { page, card, choose, says, complaints } = await open();
    await choose('rows.jsonl', [
      { note: '<img src=x onerror=alert(1)>', count: 2 ** 53, tags: ['a', 'b'], ok: true },
      { note: null, count: -1, tags: [], ok: false },
    ].map((row) => JSON.stringify(row)).join('\n'));
    await says(/^Done: 2 rows\.$/);
    expect(await cells(card, /^Schema/)).toEqual([
      ['note', 'string', 'yes'], ['count', 'int64', 'no'], ['tags', 'list of string', 'no'],
      ['ok', 'bool', 'no']]);
    expect(await cells(card, /^First rows/)).toEqual([
      ['0', '<img src=x onerror=alert(1)>', '9007199254740992', '[a, b]', 'true'],
      ['1', '(absent)', '-1', '[]', 'false']]);
    expect(await card.locator('img').count()).toBe(0);
    await card.getByText(/^1 text, /).waitFor();

    await choose('numbers.csv', 'a,b\n1,2\n3,4\n');
    await card.getByText('No field of this dataset is a text.').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('refuses a seed that is none, and several files', async () => {
    const { page, card, says } = await open();
    await card.getByRole('button', { name: 'Take the sample' }).click();
    await says(/^Done: /);
    const seed = card.getByLabel('Seed of the split');
    await seed.fill('seven');
    await page.keyboard.press('Enter');
    const failure = card.getByRole('alert');
    await failure.filter({ hasText: 'The seed of the split expects a whole number' }).waitFor();
    expect(await seed.getAttribute('aria-invalid')).toBe('true');
    await seed.fill('7');
    await page.keyboard.press('Enter');
    await says(/^Done: /);
    expect(await cells(card, /^Splits/)).toEqual(await splitsInNode(7));
    expect(await failure.isHidden()).toBe(true);
    const transfer = await page.evaluateHandle(() => {
      const made = new DataTransfer();
      for (const name of ['a.csv', 'b.csv']) made.items.add(new File(['n\n1\n'], name));
      return made;
    });
    await card.dispatchEvent('drop', { dataTransfer: transfer });
    await failure.filter({ hasText: 'The card expects one file.' }).waitFor();
    await page.context().close();
  });

  it('tells how far it is in a long file, and stops', async () => {
    const { page, demo, card, says, complaints } = await open();
    const [head = '', ...rows] = readFileSync(sample, 'utf8').trimEnd().split('\n');
    await page.evaluate(({ first, block }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([`${first}\n`, ...Array(2000).fill(block)], 'long.csv'));
      document.querySelector('#dataset')?.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, { first: head, block: `${rows.join('\n')}\n` });
    await says(/^Reading long\.csv: [\d.]+ MB of 5\d MB$/);
    const asked = Date.now();
    await card.getByRole('button', { name: 'Abort' }).click();
    await says(/^Stopped\.$/);
    expect(Date.now() - asked).toBeLessThan(2000);
    expect(await card.getByRole('alert').isHidden()).toBe(true);
    // The card and the model go on working.
    await card.getByRole('button', { name: 'Take the sample' }).click();
    await says(/^Done: 300 rows\.$/);
    await demo.set({ 'Longest text': '10' });
    await demo.generate();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('counts anew with the tokenizer of another model', async () => {
    const { page, card, says, complaints } = await open();
    await card.getByRole('button', { name: 'Take the sample' }).click();
    await says(/^Done: /);
    const image = card.getByRole('img', { name: /^Histogram/ });
    const before = await image.getAttribute('aria-label');
    const folder = join(modelsFolder, 'stories-260k');
    await page.locator('#files-input').setInputFiles(
      ['config.json', 'model.safetensors'].map((name) => join(folder, name)));
    await card.getByText('The model has no tokenizer').waitFor();
    await page.getByRole('radio', { name: /^Story model/ }).check();
    await image.waitFor();
    expect(await image.getAttribute('aria-label')).toBe(before);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('fits a phone', async () => {
    const { page, card, says } = await open();
    await page.setViewportSize({ width: 360, height: 740 });
    await card.getByRole('button', { name: 'Take the sample' }).click();
    await says(/^Done: /);
    expect(await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
