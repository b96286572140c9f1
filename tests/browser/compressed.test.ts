// Compressed files in Chromium and Firefox: read whole or refused with the byte, as in Node
// (packages/reprise/src/dataset/compressed.test.ts).
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compressedCases } from '../../packages/reprise/src/testing/compressed.js';
import { serve, type Server } from '../../tools/serve.mjs';
import * as chromium from './chromium.js';
import * as firefox from './firefox.js';
import { packageFolder } from './places.js';

interface CompressedWindow {
  importPackage: () => Promise<typeof import('reprise')>;
}
/** What both browsers' pages can. */
interface AnyPage {
  evaluate<Value, Argument>(work: (argument: Argument) => Value, argument: Argument): Promise<Awaited<Value>>;
}

// The import stands here, since the test runner rewrites those in the tests themselves.
const page = `<!doctype html><link rel="icon" href="data:,">
  <script>window.importPackage = () => import('/reprise/index.js');</script>`;

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-compressed-'));
  writeFileSync(join(folder, 'index.html'), page);
  symlinkSync(join(packageFolder, 'dist'), join(folder, 'reprise'));
  server = await serve({ folder, isolated: false });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const given = compressedCases.map(({ bytes, compression }) =>
  ({ base64: Buffer.from(bytes).toString('base64'), compression }));

async function readAll(open: AnyPage): Promise<unknown[]> {
  return open.evaluate(async (cases) => {
    const { configure, loadDataset, RepriseError, shutdown } =
      await (globalThis as unknown as CompressedWindow).importPackage();
    await configure({ log: false, threads: 1 });
    const found: unknown[] = [];
    for (const { base64, compression } of cases) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      try {
        const data = await loadDataset(bytes, {
          format: 'csv', ...(compression === undefined ? {} : { compression }),
          schema: { version: 1, fields: [{ name: 'n', type: 'int64' }, { name: 'words', type: 'string' }] },
        });
        found.push((await data.rows()).length);
      } catch (thrown) {
        if (!(thrown instanceof RepriseError)) throw thrown;
        found.push({ code: thrown.code, byte: thrown.fields.byte, found: thrown.fields.found });
      }
    }
    await shutdown();
    return found;
  }, given);
}

describe.each([
  { name: 'Chromium', open: async () => {
    const browser = await chromium.launch();
    const visit = await chromium.visit(browser, server.url);
    return { page: visit.page as AnyPage, close: () => browser.close() };
  } },
  { name: 'Firefox', open: async () => {
    const browser = await firefox.launch();
    const visit = await firefox.visit(browser, server.url);
    return { page: visit.page as unknown as AnyPage, close: () => browser.close() };
  } },
])('$name', ({ open }) => {
  it('reads gzip and zstd as Node does', async () => {
    const { page: opened, close } = await open();
    try {
      const found = await readAll(opened);
      expect(found).toHaveLength(compressedCases.length);
      for (const [i, { kind, name, rows, error }] of compressedCases.entries()) {
        expect([kind, name, found[i]]).toEqual([kind, name, rows ?? error]);
      }
    } finally {
      await close();
    }
  });
});
