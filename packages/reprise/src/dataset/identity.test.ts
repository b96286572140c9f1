// What a cursor knows of the data that it stands in: it goes on in the same data wherever that is now, and
// is refused by data that changed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { configure, loadDataset, shutdown } from 'reprise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BreakingServer } from '../testing/breaking-server.js';
import { stored } from '../testing/datasets.js';
import { rejection } from '../testing/material.js';
import { TestServer } from '../testing/server.js';
import type {
  Dataset, DatasetCursor, DatasetSchema, DatasetSource, LoadDatasetOptions, Row,
} from '../types/dataset.js';

await configure({ threads: 1, log: false });
const folder = mkdtempSync(join(tmpdir(), 'reprise-identity-'));
let server: BreakingServer;
beforeAll(async () => {
  server = await BreakingServer.start();
});
afterAll(async () => {
  await server.close();
  await shutdown();
  rmSync(folder, { recursive: true });
});

const schema: DatasetSchema = { version: 1, fields: [{ name: 'text', type: 'string' }] };
const options: LoadDatasetOptions = { format: 'text', schema };

/** Lines of 64 bytes, so many bytes in all. */
function textOf(bytes: number): Uint8Array<ArrayBuffer> {
  const lines = new TextEncoder().encode(Array.from({ length: bytes / 64 }, (_, i) =>
    `${String(i).padEnd(63, '.')}\n`).join(''));
  expect(lines.length).toBe(bytes);
  return lines;
}

/** The bytes with another one at a place. */
function changed(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const other = bytes.slice();
  other[at] = bytes[at] === 33 ? 34 : 33;
  return other;
}

async function cursorOf(source: DatasetSource, how = options): Promise<DatasetCursor> {
  const iterator = (await loadDataset(source, how)).iterate();
  expect((await iterator.next()).done).toBe(false);
  const cursor = stored(iterator.cursor());
  await iterator.return();
  return cursor;
}

/** What becomes of a cursor with a source: `resumed`, or the code of the error. */
async function fateOf(from: DatasetCursor, source: DatasetSource, how = options): Promise<unknown> {
  const iterator = (await loadDataset(source, how)).iterate({ from });
  try {
    await iterator.next();
    return 'resumed';
  } catch (thrown) {
    return (thrown as { code: unknown }).code;
  } finally {
    await iterator.return();
  }
}

describe('a cursor of a file', () => {
  const content = textOf(2 ** 20);
  const path = join(folder, 'rows.txt');
  writeFileSync(path, content);

  it('goes on in a copy, wherever it is and whatever it is called', async () => {
    const from = await cursorOf(path);
    mkdirSync(join(folder, 'elsewhere'));
    const copy = join(folder, 'elsewhere', 'copy.txt');
    copyFileSync(path, copy);
    utimesSync(copy, 1, 1);
    for (const source of [
      path, copy, pathToFileURL(copy), new Blob([content]), new File([content], 'other.txt'),
      content, content.buffer, [copy],
      URL.createObjectURL(new Blob([content])),
    ]) {
      expect(await fateOf(from, source)).toBe('resumed');
    }
  });

  it('is the same in another process', async () => {
    const { dataset } = await cursorOf(path);
    const script = `
      import { configure, loadDataset, shutdown } from 'reprise';
      await configure({ threads: 1, log: false });
      const iterator = (await loadDataset(${JSON.stringify(path)}, ${JSON.stringify(options)})).iterate();
      await iterator.next();
      console.log(iterator.cursor().dataset);
      await shutdown();`;
    const words = ['--input-type=module', '--eval', script];
    expect(execFileSync(process.execPath, words, { encoding: 'utf8', cwd: import.meta.dirname }).trim())
      .toBe(dataset);
  });

  it('is refused by any other file of up to 1 MiB', async () => {
    const from = await cursorOf(path);
    for (const at of [0, 65_535, 65_536, 500_001, content.length - 2]) {
      expect(await fateOf(from, changed(content, at))).toBe('hash_mismatch');
    }
    for (const other of [[content.slice(64)], [content, content.slice(64)]]) {
      expect(await fateOf(from, new Blob(other))).toBe('hash_mismatch');
    }
    expect(await fateOf(from, [path, path])).toBe('hash_mismatch');
    writeFileSync(path, changed(content, 500_001));
    expect(await fateOf(from, path)).toBe('hash_mismatch');
    writeFileSync(path, content);
    expect(await fateOf(from, path)).toBe('resumed');
  });

  it('is refused by a larger file of another size, or other blocks at the 16 places', async () => {
    const large = textOf(5 * 2 ** 20);
    const from = await cursorOf(new Blob([large]));
    const last = large.length - 65_536;
    for (const block of [0, 1, 7, 15]) {
      const begin = Math.floor((block * last) / 15);
      for (const at of [begin, begin + 65_535 - (block === 15 ? 1 : 0)]) {
        if (large[at] !== 10) {
          expect(await fateOf(from, new Blob([changed(large, at)]))).toBe('hash_mismatch');
        }
      }
    }
    expect(await fateOf(from, new Blob([large, 'one more\n']))).toBe('hash_mismatch');
    expect(await fateOf(from, new Blob([large]))).toBe('resumed');
    // What docs/datasets.md says is not seen.
    expect(await fateOf(from, new Blob([changed(large, 65_536)]))).toBe('resumed');
  });

  it('is of the compressed bytes where there are such, and of files of several', async () => {
    const [one, other] = [gzipSync(content, { level: 1 }), gzipSync(content, { level: 9 })]
      .map((bytes) => new Uint8Array(bytes)) as [Uint8Array, Uint8Array];
    const from = await cursorOf(one);
    expect(await fateOf(from, one.slice())).toBe('resumed');
    expect(await fateOf(from, other)).toBe('hash_mismatch');
    const pair = await cursorOf([one, path]);
    expect(await fateOf(pair, [one, path])).toBe('resumed');
    expect(await fateOf(pair, [path, one])).toBe('hash_mismatch');
  });

  it('knows an empty file', async () => {
    const from = { ...await cursorOf(path), dataset: '' };
    const iterator = (await loadDataset(new Uint8Array(), options)).iterate({ from });
    expect(await rejection(iterator.next())).toMatchObject({ code: 'hash_mismatch' });
  });

  it('is looked for again where the file could not be read', async () => {
    const late = join(folder, 'late.txt');
    const data = await loadDataset(late, options);
    expect(await rejection(data.iterate().next())).toMatchObject({ code: 'not_found' });
    writeFileSync(late, content);
    const iterator = data.iterate();
    expect((await iterator.next()).done).toBe(false);
    expect(iterator.cursor().dataset).toBe((await cursorOf(path)).dataset);
    await iterator.return();
  });
});

describe('a cursor of Parquet', () => {
  it('goes on in a copy and is refused by other rows', async () => {
    const parquet = async (rows: readonly unknown[]) =>
      new Uint8Array(await new Response((await loadDataset(rows as never)).write('parquet')).arrayBuffer());
    const rows = Array.from({ length: 50 }, (_, n) => ({ n }));
    const [one, other] = [await parquet(rows), await parquet(rows.map(({ n }) => ({ n: n === 30 ? 31 : n })))];
    const how: LoadDatasetOptions = { format: 'parquet' };
    const from = await cursorOf(new Blob([one]), how);
    expect(await fateOf(from, one, how)).toBe('resumed');
    expect(await fateOf(from, other, how)).toBe('hash_mismatch');
  });
});

describe('a cursor of an address', () => {
  const bytes = textOf(6400);
  const other = textOf(12_800);
  const modified = { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' };
  const later = { 'last-modified': 'Thu, 01 Jan 2026 00:00:01 GMT' };

  it.each([
    ['of the same ETag, behind any query', { etag: '"1"' }, { etag: '"1"', ...later }, '?signed=2', 'resumed'],
    ['of another ETag', { etag: '"1"', ...modified }, { etag: '"2"', ...modified }, '', 'hash_mismatch'],
    ['of the same Last-Modified', modified, modified, '?signed=2', 'resumed'],
    ['of the same Last-Modified and a weak ETag', modified, { ...modified, etag: 'W/"2"' }, '', 'resumed'],
    ['of another Last-Modified', modified, later, '', 'hash_mismatch'],
    ['of another weak ETag', { etag: 'W/"1"' }, { etag: 'W/"2"' }, '', 'hash_mismatch'],
    ['that says nothing', {}, {}, '', 'resumed'],
    ['that says nothing, behind another query', {}, {}, '?id=2', 'hash_mismatch'],
    ['that says something now', {}, modified, '', 'hash_mismatch'],
  ])('%s', async (_, before, now, query, fate) => {
    for (const how of [options, { format: 'text' } as const]) {
      server.serve({ '/rows.txt': { bytes, headers: before } });
      const from = await cursorOf(`${server.url}/rows.txt`, how);
      server.serve({ [`/rows.txt${query}`]: { bytes, headers: now } });
      expect(await fateOf(from, `${server.url}/rows.txt${query}`, how)).toBe(fate);
    }
  });

  it('of another size, and of another place', async () => {
    for (const headers of [modified, {}]) {
      server.serve({ '/rows.txt': { bytes, headers } });
      const from = await cursorOf(`${server.url}/rows.txt`);
      server.serve({ '/rows.txt': { bytes: other, headers }, '/else.txt': { bytes, headers } });
      expect(await fateOf(from, `${server.url}/rows.txt`)).toBe('hash_mismatch');
      expect(await fateOf(from, `${server.url}/else.txt`)).toBe('hash_mismatch');
    }
  });

  it('is asked for once, and not where the schema was inferred from it', async () => {
    for (const [how, requests] of [[options, 3], [{ format: 'text' }, 3]] as const) {
      server.serve({ '/rows.txt': { bytes, headers: modified } });
      const data = await loadDataset(`${server.url}/rows.txt`, how);
      expect(await data.rows()).toHaveLength(100);
      expect(await data.filter(() => true).rows()).toHaveLength(100);
      expect(server.seen).toHaveLength(requests);
    }
  });
});

describe('a look at an address for cursors', () => {
  const bytes = textOf(6400);
  const held: ServerResponse[] = [];
  let slow: TestServer;
  let url: string;
  beforeAll(async () => {
    // The first request gets no answer.
    slow = await TestServer.start((_, response) => {
      if (slow.requests.length === 1) held.push(response);
      else response.end(bytes);
    });
  });
  beforeEach(() => {
    slow.requests.splice(0);
    held.splice(0);
    url = `${slow.url}/rows.txt`;
  });
  afterAll(() => slow.close());
  const begun = () => expect.poll(() => held).toHaveLength(1);
  const isEnded = () => expect.poll(() => held[0]?.destroyed).toBe(true);

  it('ends with the abort of its iteration, and is begun again by the next one', async () => {
    const data = await loadDataset(url, options);
    const controller = new AbortController();
    const first = rejection(data.iterate({ signal: controller.signal }).next());
    await begun();
    controller.abort();
    expect(await first).toMatchObject({ code: 'aborted' });
    await isEnded();
    expect(await data.rows()).toHaveLength(100);
    // For the look and for the rows.
    expect(slow.requests).toHaveLength(3);
  });

  it('ends where its iteration is left', async () => {
    const iterator = (await loadDataset(url, options)).iterate();
    const first = iterator.next();
    await begun();
    await iterator.return();
    expect(await first).toEqual({ done: true, value: undefined });
    await isEnded();
  });

  it('goes on for who else waits for it', async () => {
    const data = await loadDataset(url, options);
    const controller = new AbortController();
    const left = rejection(data.iterate({ signal: controller.signal }).next());
    const other = data.rows();
    await begun();
    controller.abort();
    expect(await left).toMatchObject({ code: 'aborted' });
    held[0]?.end(bytes);
    expect(await other).toHaveLength(100);
    expect(slow.requests).toHaveLength(2);
  });
});

describe('a cursor of rows in memory', () => {
  const rows = Array.from({ length: 5000 }, (_, n) => ({ n, text: `row ${n}` }));
  const withOther = (count: number, at: number) =>
    rows.slice(0, count).map((row, i) => (i === at ? { ...row, text: 'rov' } : row));

  it.each([1, 2, 3, 4096])('is refused by any other %i rows', async (count) => {
    const some = rows.slice(0, count);
    const from = await cursorOf(some, {});
    expect(await fateOf(from, structuredClone(some), {})).toBe('resumed');
    for (const at of new Set([0, count >> 1, count - 1])) {
      expect(await fateOf(from, withOther(count, at), {})).toBe('hash_mismatch');
    }
  });

  it('is refused by others of more where they are looked at, and by another number', async () => {
    const from = await cursorOf(rows, {});
    expect(await fateOf(from, structuredClone(rows), {})).toBe('resumed');
    // One in 1.22 of them is looked at: 0 to 4, 6 and so on.
    for (const at of [0, 4, 6, 4999]) {
      expect(await fateOf(from, withOther(5000, at), {})).toBe('hash_mismatch');
    }
    expect(await fateOf(from, withOther(5000, 5), {})).toBe('resumed');
    expect(await fateOf(from, rows.slice(0, 4999), {})).toBe('hash_mismatch');
  });

  it('is not looked for in rows that come once', async () => {
    const from = await cursorOf(rows.values(), {});
    expect(await fateOf(from, rows.map((row) => ({ ...row, text: 'other' })).values(), {})).toBe('resumed');
  });
});

describe('a cursor behind the end of what is there now', () => {
  const rows = Array.from({ length: 300 }, (_, n) => ({ n }));
  type Numbers = Dataset<Row>;

  it.each<[string, (data: Numbers) => Dataset<unknown>]>([
    ['of rows', (data) => data],
    ['of transformed rows', (data) => data.map(({ n }) => n)],
    ['of a shuffle', (data) => data.shuffle(1)],
    ['of a shuffle in a window', (data) => data.shuffle(1, { window: 4 })],
    ['of a cache', (data) => data.cache()],
    ['of packed rows', (data) => data.map(({ n }) => ({ tokens: Uint32Array.of(Number(n)) })).pack(1)],
  ])('%s is refused', async (_, apply) => {
    // Of an iterable nothing is held.
    const dataOf = async (count: number) => apply(await loadDataset(rows.slice(0, count).values()));
    const iterator = (await dataOf(300)).iterate();
    for (let i = 0; i < 250; i++) await iterator.next();
    const from = stored(iterator.cursor());
    await iterator.return();
    const whole = (await dataOf(300)).iterate({ from });
    let left = 0;
    while ((await whole.next()).done !== true) left++;
    expect(left).toBe(50);
    expect(await rejection((await dataOf(200)).iterate({ from }).next()))
      .toMatchObject({ code: 'invalid_argument', argument: 'from.state' });
  });
});

describe('a cursor of a part of a split', () => {
  const lines = Array.from({ length: 100 }, (_, n) => ({ n, text: `row ${n}` }));
  const csv = new TextEncoder().encode(`n,text\n${lines.map(({ n, text }) => `${n},${text}\n`).join('')}`);
  const ratios = { train: 0.7, test: 0.3 };
  const fate = async (from: DatasetCursor, source: DatasetSource, how: LoadDatasetOptions, split: object) => {
    const { train } = await (await loadDataset(source, how)).split({ ratios, seed: 1, ...split });
    const iterator = (train as { data: Awaited<ReturnType<typeof loadDataset>> }).data.iterate({ from });
    return iterator.next().then(() => 'resumed', ({ code }: { code: string }) => code);
  };

  it('is of its rows, wherever they came from', async () => {
    const { train } = await (await loadDataset(csv, { format: 'csv' })).split({ ratios, seed: 1 });
    const iterator = (train as { data: Awaited<ReturnType<typeof loadDataset>> }).data.iterate();
    await iterator.next();
    const from = stored(iterator.cursor());
    expect(await fate(from, csv.slice(), { format: 'csv' }, {})).toBe('resumed');
    expect(await fate(from, lines, {}, { ratios: { test: 0.3, train: 0.7 } })).toBe('resumed');
    expect(await fate(from, lines, {}, { seed: 2 })).toBe('hash_mismatch');
    expect(await fate(from, lines, {}, { ratios: { train: 0.69, test: 0.31 } })).toBe('hash_mismatch');
    const other = lines.map(({ n, text }) => ({ n, text: n === 50 ? 'else' : text }));
    const { train: of } = await (await loadDataset(other)).split({ ratios, seed: 1 });
    const isIn = (await of?.data.rows())?.some(({ n }) => n === 50n) === true;
    expect(await fate(from, other, {}, {})).toBe(isIn ? 'hash_mismatch' : 'resumed');
    const named = lines.map(({ n, text }) => ({ n, words: text }));
    expect(await fate(from, named, {}, {})).toBe('hash_mismatch');
  });
});
