// The demo page in Chromium: with and without isolation, below a path, by keyboard, and when things
// go wrong.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { serve, type Server } from '../../tools/serve.mjs';
import { writeRandomLlama } from '../../packages/reprise/src/testing/random-llama.js';
import { launch, visit } from './chromium.js';
import { DemoPage } from './demo-page.js';
import { known, modelsFolder, pageFolder } from './places.js';

const dist = join(pageFolder, 'dist');
const greedy = { Temperature: '0', 'Longest text': '120' };

let browser: Browser;
const scratch = mkdtempSync(join(tmpdir(), 'reprise-page-'));
const servers: Server[] = [];
async function site(options: Parameters<typeof serve>[0]): Promise<string> {
  const server = await serve(options);
  servers.push(server);
  return server.url;
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  for (const server of servers) await server.close();
  rmSync(scratch, { recursive: true });
});

async function open(url: string): Promise<{ demo: DemoPage; complaints: string[] }> {
  const { page, complaints } = await visit(browser, url);
  return { demo: new DemoPage(page), complaints };
}

describe.each([
  { served: 'plainly', options: {}, threads: /^One thread/, isolated: /^No: / },
  { served: 'isolated', options: { isolated: true }, threads: /^\d+ threads/, isolated: /^Yes: / },
  { served: 'below a path', options: { base: '/some/where/' }, threads: /^One/, isolated: /^No/ },
])('served $served', ({ options, threads, isolated }) => {
  it('writes the known story and says what runs here', async () => {
    const { demo, complaints } = await open(await site({ folder: dist, ...options }));
    await demo.ready();
    await demo.set(greedy);
    expect(await demo.generate()).toBe(known.text);
    expect(await demo.page.locator('#output').innerText()).toBe(`${known.prompt}${known.text}`);
    expect(await demo.figures.innerText()).toMatch(
      /^120 tokens · [\d.]+ tokens\/s · prompt of 5 tokens in \d+ ms · seed \d+ · Longest text/,
    );
    const machine = await demo.machine();
    expect(machine.CPU).toMatch(threads);
    expect(machine['Isolated page']).toMatch(isolated);
    expect(machine.SIMD).toMatch(/^Yes/);
    expect(machine.WebGPU).toMatch(/^No: \S/);
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });
});

describe('with a WebGPU adapter', () => {
  it('says so and writes the known story on it', async () => {
    const withGpu = await launch({ webgpu: true });
    try {
      const { page, complaints } = await visit(withGpu, await site({ folder: dist }));
      const demo = new DemoPage(page);
      await demo.ready();
      expect((await demo.machine()).WebGPU).toMatch(/^Yes: \S/);
      await demo.field('Runs on').selectOption('webgpu');
      await demo.page.locator('#model-words', { hasText: 'on the GPU' }).waitFor();
      await demo.ready();
      await demo.set({ ...greedy, 'Longest text': '40' });
      const text = await demo.generate();
      expect(text.length).toBeGreaterThan(60);
      expect(known.text.startsWith(text)).toBe(true);
      expect(complaints).toEqual([]);
    } finally {
      await withGpu.close();
    }
  });
});

describe('the page', () => {
  let url: string;
  beforeAll(async () => {
    url = await site({ folder: dist });
  });

  it('gives the same text for the same seed', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.set({ 'Longest text': '80', Temperature: '0.9' });
    const first = await demo.generate();
    await demo.page.getByRole('button', { name: 'Use this seed again' }).click();
    const seed = await demo.field('Seed').inputValue();
    expect(await demo.figures.innerText()).toContain(`seed ${seed}`);
    expect(await demo.generate()).toBe(first);
    await demo.field('Seed').fill(String(Number(seed) + 1));
    expect(await demo.generate()).not.toBe(first);
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });

  it('takes picked and dropped files, and stops in the middle', async () => {
    writeRandomLlama(scratch, 8192);
    copyFileSync(
      join(modelsFolder, 'stories-260k', 'tokenizer.json'),
      join(scratch, 'tokenizer.json'),
    );
    writeFileSync(join(scratch, 'notes.txt'), 'not needed');
    const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'notes.txt'];
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.page.locator('#files-input').setInputFiles(names.map((name) => join(scratch, name)));
    await demo.ready();
    expect(await demo.page.locator('#files-chosen').innerText()).toContain(
      '1 other file not needed',
    );
    expect(await demo.page.locator('#model-words').innerText()).toContain(
      'context of 8,192 tokens',
    );

    await demo.set({ 'Longest text': '', Temperature: '1', Seed: '7' });
    await demo.generateButton.click();
    await demo.page.waitForFunction(
      () => (document.querySelector('#output-text')?.textContent?.length ?? 0) > 100,
    );
    const asked = Date.now();
    await demo.stopButton.click();
    await demo.statusSays(/^Stopped after [\d,]+ tokens\.$/);
    expect(Date.now() - asked).toBeLessThan(3000);
    expect(await demo.figures.innerText()).toMatch(/ · Stopped$/);
    expect((await demo.text.innerText()).length).toBeGreaterThan(100);
    // What was there before is still there: the model goes on working.
    await demo.set({ 'Longest text': '10' });
    await demo.generate();
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });

  it('takes a folder that is dropped on it', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    const session = await demo.page.context().newCDPSession(demo.page);
    const data = { items: [], files: [join(modelsFolder, 'stories-260k')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    }
    await demo.page.locator('#files-chosen', { hasText: 'model.safetensors' }).waitFor();
    await demo.ready();
    await demo.set(greedy);
    expect(await demo.generate()).toBe(known.text);
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });

  it('works by keyboard', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.set(greedy);
    await demo.prompt.focus();
    await demo.page.keyboard.press('Control+Enter');
    await demo.statusSays(/^Done: 120 tokens\.$/);
    expect(await demo.text.textContent()).toBe(known.text);
    // From the prompt, Tab reaches Generate, and Enter presses it.
    await demo.page.keyboard.press('Tab');
    expect(await demo.generateButton.evaluate((button) => button === document.activeElement)).toBe(
      true,
    );
    await demo.page.keyboard.press('Enter');
    await demo.statusSays(/^Done: /);
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });

  it('names every control', async () => {
    const { demo } = await open(url);
    const nameless = await demo.page.evaluate(() =>
      [...document.querySelectorAll('input, select, textarea, button')]
        .filter((control) => {
          const labels = (control as HTMLInputElement).labels;
          const own = control.textContent?.trim() ?? '';
          const isNamed = (labels?.length ?? 0) > 0 || (control.tagName === 'BUTTON' && own !== '');
          return !isNamed && !control.hasAttribute('hidden');
        })
        .map(({ outerHTML }) => outerHTML),
    );
    expect(nameless).toEqual([]);
    await demo.page.context().close();
  });

  it('fits a phone', async () => {
    const { demo } = await open(url);
    await demo.ready();
    await demo.page.setViewportSize({ width: 360, height: 740 });
    await demo.generate();
    const overflow = await demo.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await demo.page.context().close();
  });
});

describe('a run record', () => {
  it('is saved, replays identically, and is told apart from a changed one', async () => {
    const { demo, complaints } = await open(await site({ folder: dist }));
    await demo.ready();
    await demo.set({ Temperature: '0.8', 'Longest text': '30' });
    await demo.generate();
    const download = demo.page.waitForEvent('download');
    await demo.page.getByRole('button', { name: 'Save the record' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(/^run-[0-9a-f]{12}\.json$/);
    const file = join(scratch, 'run.json');
    await saved.saveAs(file);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { outputIds: number[] };
    expect(record.outputIds).toHaveLength(30);

    const replay = async (content: unknown) => {
      const choosing = demo.page.waitForEvent('filechooser');
      await demo.page.getByRole('button', { name: 'Replay a record…' }).click();
      await (await choosing).setFiles({
        name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)),
      });
    };
    await replay(record);
    await demo.statusSays(/^Identical: 30 tokens came out the same\.$/);
    record.outputIds[9] = 3;
    await replay(record);
    await demo.statusSays(/^Differs: first at token 9: recorded 3, found \d+; \|Δlogprob\| \d[^ ]* at most, \d[^ ]* on average\. /);
    await replay({ format: 'something else' });
    await demo.failure.filter({ hasText: '$.format' }).waitFor();
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });
});

describe('what goes wrong is said calmly, and the page goes on', () => {
  let url: string;
  let elsewhere: string;
  let closed: string;
  beforeAll(async () => {
    url = await site({ folder: dist });
    elsewhere = await site({ folder: modelsFolder, cors: true });
    closed = await site({ folder: modelsFolder });
  });

  async function afterwardsItWorks(demo: DemoPage): Promise<void> {
    await demo.field("Story modelBuilt in, 1 MB, writes children's stories").check();
    await demo.page.getByRole('button', { name: 'Load' }).click();
    await demo.ready();
    await demo.set(greedy);
    expect(await demo.generate()).toBe(known.text);
    expect(await demo.failure.isHidden()).toBe(true);
    await demo.page.context().close();
  }

  it('another origin that allows it', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.loadAddress(`${elsewhere}stories-260k/`);
    await demo.ready();
    await demo.set(greedy);
    expect(await demo.generate()).toBe(known.text);
    expect(complaints).toEqual([]);
    await demo.page.context().close();
  });

  it('an address that is not there', async () => {
    const { demo } = await open(url);
    await demo.ready();
    await demo.loadAddress(`${elsewhere}no-such-model/`);
    const { title, words } = await demo.failureWords();
    expect(title).toBe('A file is not there');
    expect(words).toContain(`${elsewhere}no-such-model/config.json`);
    expect(words).toContain('404');
    await afterwardsItWorks(demo);
  });

  it('an HTML page instead of a file', async () => {
    const folder = mkdtempSync(join(scratch, 'html-'));
    writeFileSync(join(folder, 'config.json'), '<!doctype html><title>Sign in</title>');
    const { demo } = await open(url);
    await demo.ready();
    await demo.loadAddress(await site({ folder, cors: true }));
    const { title, words } = await demo.failureWords();
    expect(title).toBe('The address did not give the file');
    expect(words).toContain('an HTML page');
    await afterwardsItWorks(demo);
  });

  it('a server that refuses this page (CORS)', async () => {
    const { demo } = await open(url);
    await demo.ready();
    await demo.loadAddress(`${closed}stories-260k/`);
    const { title, words } = await demo.failureWords();
    expect(title).toBe('The other server does not let this page read its files');
    expect(words).toContain('Access-Control-Allow-Origin');
    await afterwardsItWorks(demo);
  });

  it('settings out of range and settings that are no numbers', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.set({ Temperature: '-1' });
    await demo.generateButton.click();
    expect((await demo.failureWords()).words).toMatch(/temperature/i);
    expect(await demo.field('Temperature').getAttribute('aria-invalid')).toBe('true');
    expect(
      await demo.field('Temperature').evaluate((field) => field === document.activeElement),
    ).toBe(true);

    await demo.set({ Temperature: '1', 'Top k': 'many' });
    await demo.generateButton.click();
    expect((await demo.failureWords()).words).toContain('Top k expects a whole number.');
    expect(await demo.field('Temperature').getAttribute('aria-invalid')).toBe(null);
    await demo.set({ 'Top k': '' });
    expect(complaints).toEqual([]);
    await afterwardsItWorks(demo);
  });

  it('a prompt longer than the context', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.prompt.fill('Once upon a time there was a dog. '.repeat(60));
    await demo.generateButton.click();
    expect((await demo.failureWords()).title).toBe("The prompt is longer than the model's context");
    expect(complaints).toEqual([]);
    await demo.prompt.fill(known.prompt);
    await afterwardsItWorks(demo);
  });

  it('a GPU that is not there', async () => {
    const { demo } = await open(url);
    await demo.ready();
    await demo.field('Runs on').selectOption('webgpu');
    const { title, words } = await demo.failureWords();
    expect(title).toBe('The device asked for is not here');
    expect(words).toContain('Choose the CPU');
    await demo.field('Runs on').selectOption('cpu');
    await demo.ready();
    await afterwardsItWorks(demo);
  });

  it('files that are no model', async () => {
    const { demo, complaints } = await open(url);
    await demo.ready();
    await demo.page
      .locator('#files-input')
      .setInputFiles(join(modelsFolder, 'stories-260k/config.json'));
    const { title, words } = await demo.failureWords();
    expect(title).toBe('A file is not there');
    expect(words).toContain('safetensors');
    expect(complaints).toEqual([]);
    await afterwardsItWorks(demo);
  });
});
