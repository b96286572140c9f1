// Downloads that break off in Chromium and Firefox: of the page's own origin and of another one, which
// shows a page only the headers that it exposes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { configure, loadDataset, shutdown, type TelemetryEvent } from 'reprise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type BreakingFile, BreakingServer } from '../../packages/reprise/src/testing/breaking-server.js';
import * as chromium from './chromium.js';
import * as firefox from './firefox.js';
import { modelsFolder, packageFolder } from './places.js';

type Package = typeof import('reprise');
interface DownloadWindow {
  importPackage: () => Promise<Package>;
  reprise: Package;
}
/** What both browsers' pages can. */
interface AnyPage {
  evaluate<Value, Argument>(work: (argument: Argument) => Value, argument: Argument): Promise<Awaited<Value>>;
}

/** The page, and the package's modules at /reprise/. */
function pageFiles(): Record<string, BreakingFile> {
  const types: Readonly<Record<string, string>> = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm' };
  const dist = join(packageFolder, 'dist');
  const files: Record<string, BreakingFile> = {};
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const type = types[name.split('.').at(-1) as string];
    if (type === undefined || !statSync(join(dist, name)).isFile()) continue;
    files[`/reprise/${name}`] = {
      bytes: readFileSync(join(dist, name)), headers: { 'content-type': type },
    };
  }
  // The import stands here, since the test runner rewrites those in the tests themselves.
  const page = `<!doctype html><link rel="icon" href="data:,">
    <script>window.importPackage = () => import('/reprise/index.js');</script>`;
  return { ...files, '/': { bytes: Buffer.from(page), headers: { 'content-type': 'text/html' } } };
}

const csv = Buffer.from(`n,words\n${Array.from({ length: 50_000 }, (_, i) => `${i},words of row ${i}\n`).join('')}`);
const strong = { etag: '"one"', 'accept-ranges': 'bytes' };
const shared = { ...strong, 'access-control-allow-origin': '*' };
const exposed = { ...shared, 'access-control-expose-headers': '*' };
const breaks = [csv.length >> 2, csv.length >> 1];

let own: BreakingServer;
let other: BreakingServer;
let hash: string;
/** No address is used twice, so that no cache answers. */
let served = 0;

beforeAll(async () => {
  await configure({ threads: 1, log: false });
  hash = await (await loadDataset(csv, { format: 'csv' })).hash();
  await shutdown();
  own = await BreakingServer.start();
  other = await BreakingServer.start();
});
afterAll(async () => {
  await own.close();
  await other.close();
});

describe.each([
  { name: 'Chromium', resumes: true, open: async () => {
    const browser = await chromium.launch();
    const { page } = await chromium.visit(browser, `${own.url}/`);
    return { page: page as AnyPage, close: () => browser.close() };
  } },
  // It takes the beginning of a compressed body for the whole, which the package finds out at the end.
  { name: 'Firefox', resumes: false, open: async () => {
    const browser = await firefox.launch();
    const { page } = await firefox.visit(browser, `${own.url}/`);
    return { page: page as unknown as AnyPage, close: () => browser.close() };
  } },
])('$name', ({ open, resumes }) => {
  let page: AnyPage;
  let close: () => Promise<void>;
  const pages = pageFiles();

  beforeAll(async () => {
    own.serve(pages);
    ({ page, close } = await open());
    await page.evaluate(async () => {
      const window = globalThis as unknown as DownloadWindow;
      window.reprise = await window.importPackage();
    }, undefined);
  });
  afterAll(() => close());

  /** What a page makes of a dataset. */
  async function read(url: string, credentials?: RequestCredentials) {
    return page.evaluate(async ([source, mode]) => {
      const { configure, loadDataset, RepriseError, shutdown } = (globalThis as unknown as DownloadWindow).reprise;
      const events: TelemetryEvent[] = [];
      await configure({ log: false, threads: 1, onTelemetry: (event) => events.push(event) });
      const heard: number[] = [];
      let error: Record<string, unknown> | undefined;
      let found: string | undefined;
      try {
        const data = await loadDataset(source, {
          ...(mode === undefined ? {} : { credentials: mode }),
          schema: { version: 1, fields: [{ name: 'n', type: 'int64' }, { name: 'words', type: 'string' }] },
        });
        found = await data.hash({
          onProgress: ({ phase, done }) => phase === 'download' && heard.push(done),
        });
      } catch (thrown) {
        if (!(thrown instanceof RepriseError)) throw thrown;
        error = { code: thrown.code, message: thrown.message, ...thrown.fields };
      }
      await shutdown();
      const resumed = events.flatMap(({ name, bytes }) => (name === 'resume' ? bytes as number : []));
      return { hash: found, error, resumed, heard };
    }, [url, credentials] as const);
  }

  async function expectWhole(server: BreakingServer, url: string, credentials?: RequestCredentials) {
    const { resumed, heard, ...found } = await read(url, credentials);
    expect(found).toEqual({ hash, error: undefined });
    expect(resumed).toHaveLength(breaks.length);
    for (const [i, byte] of resumed.entries()) expect(byte).toBeLessThanOrEqual(breaks[i] as number);
    // Chromium's cache writes an end down where it holds what came before, and may first ask for what it lost.
    const starts = new Set(server.ranges.map((range) => /^bytes=(\d+)-\d*$/.exec(range)?.[1]));
    expect([...starts]).toEqual(resumed.map(String));
    // No preflight: a simple range needs none.
    expect(new Set(server.seen.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(heard).toEqual([...heard].sort((one, two) => one - two));
  }

  it.each([['known', false], ['not known', true]])(
    'goes on with a file of the page\'s own origin whose length is %s', async (_, isChunked) => {
      const path = `/${++served}.csv`;
      own.serve({ ...pages, [path]: { bytes: csv, breaks, headers: strong, isChunked } });
      await expectWhole(own, `${own.url}${path}`);
    });

  it.each<[string, OutgoingHttpHeaders, RequestCredentials | undefined]>([
    ['all its headers', exposed, undefined],
    ['those that are needed', {
      ...shared, 'access-control-expose-headers':
        'Access-Control-Expose-Headers, Content-Encoding, Content-Range, ETag',
    }, undefined],
    ['those that are needed, with credentials', {
      ...strong, 'access-control-allow-origin': 'OWN', 'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'access-control-expose-headers,content-encoding,content-range,etag',
    }, 'include'],
  ])('goes on with a file of another origin that exposes %s', async (_, headers, credentials) => {
    const allowed = headers['access-control-allow-origin'] === 'OWN' ? own.url : '*';
    const path = `/${++served}.csv`;
    other.serve({ [path]: {
      bytes: csv, breaks, headers: { ...headers, 'access-control-allow-origin': allowed },
    } });
    await expectWhole(other, `${other.url}${path}`, credentials);
  });

  it.each<[string, OutgoingHttpHeaders, Buffer, string, string]>([
    ['exposes nothing', shared, csv, 'Content-Encoding none', 'not exposed'],
    ['exposes its ETag only', { ...shared, 'access-control-expose-headers': 'ETag, Content-Range' }, csv,
      'Content-Encoding none', 'not exposed'],
  ])('says why it does not, where another origin %s', async (_, headers, bytes, expected, found) => {
    const path = `/${++served}.csv`;
    other.serve({ [path]: { bytes, breaks: [bytes.length >> 1], headers } });
    const { error } = await read(`${other.url}${path}`);
    expect(error).toMatchObject({
      code: 'network', file: `${other.url}${path}`, status: 200, expected, found,
    });
    expect(error?.['byte']).toBeLessThan(csv.length);
    expect(other.ranges).toEqual([]);
  });

  it.each<[string, boolean, OutgoingHttpHeaders]>([
    ['of its own origin', true, strong],
    ['of another origin', false, exposed],
    ['of another origin that exposes nothing', false, shared],
  ])('refuses what broke off %s and was compressed on the way', async (_, isOwn, headers) => {
    const compressed = gzipSync(csv);
    const server = isOwn ? own : other;
    const path = `/${++served}.csv`;
    const file = { bytes: compressed, headers: { ...headers, 'content-encoding': 'gzip' } };
    server.serve({ ...pages, [path]: { ...file, breaks: [compressed.length >> 1] } });
    // More requests than are kept for a page.
    await page.evaluate(() => performance.setResourceTimingBufferSize(0), undefined);
    const { error } = await read(`${server.url}${path}`);
    const found = resumes
      ? { expected: 'Content-Encoding none', found: headers === shared ? 'not exposed' : 'gzip' }
      : { expected: compressed.length, found: compressed.length >> 1 };
    expect(error).toMatchObject({ code: 'network', file: `${server.url}${path}`, ...found });
    expect(error?.['byte']).toBeLessThan(csv.length);
    server.serve({ ...pages, [path]: file });
    expect(await read(`${server.url}${path}`)).toMatchObject({ hash, error: undefined });
  });

  it('is not misled by another request for the same that is aborted', async () => {
    const compressed = gzipSync(csv);
    const path = `/${++served}.csv`;
    own.serve({ ...pages, [path]: {
      bytes: compressed, headers: { ...strong, 'content-encoding': 'gzip' },
      breaks: [compressed.length >> 1, compressed.length >> 1],
    } });
    const reading = read(`${own.url}${path}`);
    await page.evaluate(async (url) => {
      const controller = new AbortController();
      const other = fetch(url, { signal: controller.signal, cache: 'no-store' }).catch(() => undefined);
      controller.abort();
      await other;
    }, `${own.url}${path}`);
    expect((await reading).error).toMatchObject({ code: 'network', file: `${own.url}${path}` });
  });

  it('goes on with the folder of a model', async () => {
    const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];
    other.serve(Object.fromEntries(names.map((name) => {
      const bytes = readFileSync(join(modelsFolder, 'stories-260k', name));
      return [`/${name}`, { bytes, breaks: [bytes.length >> 1], headers: exposed }];
    })));
    const found = await page.evaluate(async (folder) => {
      const { configure, loadModel, liveCounts, shutdown } = (globalThis as unknown as DownloadWindow).reprise;
      await configure({ log: false, threads: 1 });
      const model = await loadModel(folder, { backend: 'cpu', verify: false });
      const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 5 });
      model.dispose();
      const live = await liveCounts();
      await shutdown();
      return { text, live };
    }, other.url);
    expect(found).toEqual({ text: ', there was a little', live: { handles: 0, gpuBuffers: 0 } });
    expect(other.ranges).toHaveLength(names.length);
  });
});
