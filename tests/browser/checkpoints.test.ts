// Stores of checkpoints in Chromium's private files: slots by turns, damage, one writer at a time, and
// workers that are terminated in the middle of a write.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { serve, type Server } from '../../tools/serve.mjs';
import { launch, visit } from './chromium.js';
import { packageFolder } from './places.js';

const blankPage = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as reprise from '/reprise/index.js';
import { filesOf, stepOf } from './files.js';
Object.assign(window, { reprise, filesOf, stepOf });
</script>`;

/** What a checkpoint of a step holds: a file of three chunks, a small one and an empty one. */
const filesModule = `
const sizes = { 'model.safetensors': (17 << 20) + 5, 'record.json': 70, empty: 0 };
const contentOf = (step, size) => {
  const words = new Uint32Array((size >> 2) + 1);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + step * 7919, 2654435761);
  return new Uint8Array(words.buffer).subarray(0, size);
};
export const filesOf = (step) => Object.fromEntries(
  Object.entries(sizes).map(([name, size]) => [name, contentOf(step, size)]));
/** The step of a checkpoint, or words where it is not wholly that of its step. */
export async function stepOf(checkpoint) {
  if (checkpoint === undefined) return 0;
  const { step } = checkpoint.state;
  for (const [name, content] of Object.entries(filesOf(step))) {
    const found = await checkpoint.files[name].whole();
    if (found.length !== content.length) return name + ' has another length';
    if (found.some((byte, i) => byte !== content[i])) return name + ' is another';
  }
  return step;
}`;

/** Writes checkpoints for ever, and tells of every piece and every end. */
const writerModule = `
import { configure, openCheckpoints } from '/reprise/index.js';
import { filesOf } from './files.js';
onmessage = async ({ data: from }) => {
  await configure({ worker: false, threads: 1, log: false });
  const store = await openCheckpoints('run');
  postMessage({ ready: true });
  for (let step = from; ; step++) {
    await store.write(filesOf(step), { step }, { onProgress: ({ phase, done }) => {
      if (phase === 'save') postMessage({ step, done });
    } });
    postMessage({ step, isDone: true });
  }
};`;

let browser: Browser;
let server: Server;
let folder: string;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-browser-'));
  writeFileSync(join(folder, 'index.html'), blankPage);
  writeFileSync(join(folder, 'files.js'), filesModule);
  writeFileSync(join(folder, 'writer.js'), writerModule);
  symlinkSync(join(packageFolder, 'dist'), join(folder, 'reprise'));
  server = await serve({ folder });
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  ({ page, complaints } = await visit(browser, server.url));
  await page.waitForFunction(() => 'stepOf' in window);
  await page.evaluate(() => window.reprise.configure({ log: false }));
});
afterEach(async () => {
  expect(complaints).toEqual([]);
  await page.context().close();
});

type Package = typeof import('reprise');
type Checkpoint = Awaited<ReturnType<Awaited<ReturnType<Package['openCheckpoints']>>['read']>>;
declare global {
  interface Window {
    filesOf: (step: number) => Record<string, Uint8Array>;
    stepOf: (checkpoint: Checkpoint) => Promise<number | string>;
  }
}

it('holds the newest, by name and by handle, and passes over what is damaged', async () => {
  const found = await page.evaluate(async () => {
    const { reprise, filesOf, stepOf } = window;
    const root = await navigator.storage.getDirectory();
    const store = await reprise.openCheckpoints('deep/run');
    const before = await store.read();
    const slots: string[] = [];
    for (const step of [1, 2, 3]) {
      slots.push((await store.write(filesOf(step), { step, positions: { dropout: step } })).slot);
    }
    const newest = await store.read();
    const head = await store.head();
    const deep = await (await root.getDirectoryHandle('deep')).getDirectoryHandle('run');
    const codeOf = (error: unknown) => (error as { code: string }).code;
    const busy = await reprise.openCheckpoints(deep).catch(codeOf);
    store.dispose();
    const again = await reprise.openCheckpoints(deep);
    const names: string[] = [];
    for await (const name of deep.keys()) names.push(name);

    /** What is read with a file of the newest changed, which is put back then. */
    const withChange = async (
      path: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined,
    ) => {
      const parts = path.split('/');
      const name = parts.pop() as string;
      const place = parts[0] === undefined ? deep : await deep.getDirectoryHandle(parts[0]);
      const put = async (bytes: Uint8Array<ArrayBuffer>) => {
        const writer = await (await place.getFileHandle(name, { create: true })).createWritable();
        await writer.write(bytes);
        await writer.close();
      };
      const old = new Uint8Array(
        await (await (await place.getFileHandle(name)).getFile()).arrayBuffer());
      const changed = change(old.slice());
      if (changed === undefined) await place.removeEntry(name);
      else await put(changed);
      const checkpoint = await again.read();
      await put(old);
      return [await stepOf(checkpoint), ...(checkpoint?.passedOver ?? []).map(
        ({ code, file }) => `${code} ${file}`)];
    };
    const flip = (bytes: Uint8Array<ArrayBuffer>) => {
      bytes[bytes.length - 40] = (bytes[bytes.length - 40] as number) ^ 1;
      return bytes;
    };
    const damage = {
      bit: await withChange('slot-a/model.safetensors', flip),
      size: await withChange('slot-a/record.json', (bytes) => bytes.slice(1)),
      absent: await withChange('slot-a/empty', () => undefined),
      head: await withChange('HEAD-a.json', flip),
      torn: await withChange('HEAD-a.json', (bytes) => bytes.slice(0, 200)),
      emptyHead: await withChange('HEAD-a.json', () => new Uint8Array()),
      lost: await withChange('HEAD-a.json', () => undefined),
      none: await withChange('HEAD-a.json', (bytes) => bytes),
    };
    again.dispose();
    const nowhere = await reprise.openCheckpoints('nowhere', { readOnly: true }).catch(codeOf);
    return {
      before, slots, newest: await stepOf(newest).catch(codeOf), state: head?.state, busy,
      names: names.sort(), damage, nowhere,
    };
  });
  expect(found).toEqual({
    before: undefined,
    slots: ['a', 'b', 'a'],
    newest: 'disposed',
    state: { step: 3, weightsHash: null, positions: { dropout: 3 }, cursor: null, extra: {} },
    busy: 'busy',
    names: ['HEAD-a.json', 'HEAD-b.json', 'slot-a', 'slot-b'],
    damage: {
      bit: [2, 'hash_mismatch deep/run/slot-a/model.safetensors'],
      size: [2, 'hash_mismatch deep/run/slot-a/record.json'],
      absent: [2, 'hash_mismatch deep/run/slot-a/empty'],
      head: [2, 'hash_mismatch deep/run/HEAD-a.json'],
      torn: [2, 'hash_mismatch deep/run/HEAD-a.json'],
      emptyHead: [2, 'not_found deep/run/HEAD-a.json'],
      lost: [2, 'not_found deep/run/HEAD-a.json'],
      none: [3],
    },
    nowhere: 'not_found',
  });
});

it('has one writer at a time among pages, and is free once that page is gone', async () => {
  const other = await page.context().newPage();
  await other.goto(server.url);
  await other.waitForFunction(() => 'stepOf' in window);
  await other.evaluate(async () => {
    await window.reprise.configure({ log: false });
    const store = await window.reprise.openCheckpoints('run');
    await store.write(window.filesOf(1), { step: 1 });
  });
  const open = () => page.evaluate(async () => {
    const { reprise, stepOf } = window;
    const store = await reprise.openCheckpoints('run').catch((error: { code: string }) => error.code);
    if (typeof store === 'string') return store;
    const step = await stepOf(await store.read());
    store.dispose();
    return step;
  });
  expect(await open()).toBe('busy');
  const read = await page.evaluate(async () => {
    const reader = await window.reprise.openCheckpoints('run', { readOnly: true });
    return window.stepOf(await reader.read());
  });
  expect(read).toBe(1);
  await other.close();
  await expect.poll(open).toBe(1);
});

it('an aborted write, and one whose store is disposed of, leave the one before', async () => {
  const found = await page.evaluate(async () => {
    const { reprise, filesOf, stepOf } = window;
    let store = await reprise.openCheckpoints('run');
    await store.write(filesOf(1), { step: 1 });
    const codeOf = (error: unknown) => (error as { code: string }).code;
    const controller = new AbortController();
    const aborted = await store.write(filesOf(2), { step: 2 }, {
      signal: controller.signal, onProgress: () => controller.abort(),
    }).catch(codeOf);
    const after = await store.read();
    const read = await stepOf(after);
    const disposed = await store.write(filesOf(2), { step: 2 }, {
      onProgress: ({ done }) => {
        if (done > 5e6) store.dispose();
      },
    }).catch(codeOf);
    store = await reprise.openCheckpoints('run');
    const last = await store.read();
    const lastRead = await stepOf(last);
    await store.write(filesOf(2), { step: 2 });
    const next = await stepOf(await store.read());
    store.dispose();
    return {
      aborted, read, passedOver: after?.passedOver.length, disposed, lastRead,
      lastPassedOver: last?.passedOver.length, next,
    };
  });
  expect(found).toEqual({
    aborted: 'aborted', read: 1, passedOver: 0, disposed: 'disposed', lastRead: 1,
    lastPassedOver: 0, next: 2,
  });
});

it('a worker terminated in the middle of a write leaves the older or the newer one whole', async () => {
  const found = await page.evaluate(async () => {
    const { reprise, stepOf } = window;
    const runs: { told: number; read: number | string; cutOff: number }[] = [];
    let step = 0;
    for (let run = 0; run < 24; run++) {
      const worker = new Worker('/writer.js', { type: 'module' });
      // The end comes after so many messages, which are pieces and ends, and a little later.
      let left = 2 + run;
      let told = step;
      await new Promise<void>((resolve, reject) => {
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data }: MessageEvent<{ step: number; isDone?: true }>) => {
          if (data.isDone === true) told = data.step;
          if (--left === 0) setTimeout(resolve, run % 4);
        };
        worker.postMessage(step + 1);
      });
      worker.terminate();
      // The browser gives the lock back a moment later.
      let store: Awaited<ReturnType<typeof reprise.openCheckpoints>> | undefined;
      while (store === undefined) {
        store = await reprise.openCheckpoints('run').catch(async (error: { code: string }) => {
          if (error.code !== 'busy') throw error;
          await new Promise((resolve) => setTimeout(resolve, 5));
          return undefined;
        });
      }
      const checkpoint = await store.read();
      const read = await stepOf(checkpoint);
      const cutOff = (checkpoint?.passedOver ?? []).filter(({ code }) => code === 'not_found').length;
      runs.push({ told, read, cutOff });
      if (checkpoint !== undefined && checkpoint.passedOver.length !== cutOff) throw new Error('damage');
      store.dispose();
      if (typeof read === 'string') break;
      step = read;
    }
    return runs;
  });
  for (const { told, read } of found) expect([told, told + 1]).toContain(read);
  expect(found).toHaveLength(24);
  // Some were cut off, and some went on to the next one.
  expect(found.some(({ cutOff }) => cutOff > 0)).toBe(true);
  expect(found.at(-1)?.read).toBeGreaterThan(2);
});
