// Parquet at an address: only the parts that are needed come, of one content, with each reading's own
// abort and progress.
import type { ServerResponse } from 'node:http';
import {
  configure, type DatasetSchema, loadDataset, type LoadDatasetOptions, type Progress, shutdown,
  type TelemetryEvent,
} from 'reprise';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type BreakingFile, BreakingServer } from '../testing/breaking-server.js';
import { expectNothingAlive, rejection } from '../testing/material.js';

const strong = { etag: '"one"', 'accept-ranges': 'bytes' };
const count = 60_000;
let server: BreakingServer;
let bytes: Uint8Array;
let hash: string;
let hashOfN: string;
const events: TelemetryEvent[] = [];

beforeAll(async () => {
  await configure({ threads: 1, log: false, onTelemetry: (event) => events.push(event) });
  server = await BreakingServer.start();
  const rows = await loadDataset(Array.from({ length: count }, (_, n) =>
    ({ n, words: `${(n * 7919) % count} words ${(n * 104_729) % count} of a row` })));
  bytes = new Uint8Array(await new Response(rows.write('parquet')).arrayBuffer());
  hash = await rows.hash();
  hashOfN = await rows.select(['n']).hash();
});
afterEach(expectNothingAlive);
afterAll(async () => {
  await server.close();
  await shutdown();
});

function serve(file: Partial<BreakingFile> = {}): string {
  server.serve({ '/rows.parquet': { bytes, headers: strong, ...file } });
  events.splice(0);
  return `${server.url}/rows.parquet`;
}

/** How many bytes the ranges are of that were asked for. */
const asked = () => server.ranges.reduce((sum, range) => {
  const [first = NaN, last = NaN] = range.slice('bytes='.length).split('-').map(Number);
  return sum + last + 1 - first;
}, 0);

it('comes in the parts that are needed, for each reading, with progress in bytes', async () => {
  const url = serve();
  const data = await loadDataset(url);
  expect(server.ranges[0]).toBe('bytes=0-0');
  expect(asked()).toBeLessThan(2 ** 16 + 10);
  for (let pass = 0; pass < 2; pass++) {
    const heard: Progress[] = [];
    const before = asked();
    expect(await data.hash({ onProgress: (progress) => heard.push(progress) })).toBe(hash);
    expect(asked() - before).toBeLessThan(bytes.length + 2 ** 16 + 200);
    const total = heard[0]?.total as number;
    expect(total).toBeGreaterThan(0.9 * bytes.length);
    expect(total).toBeLessThan(bytes.length);
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toEqual({ phase: 'download', done: total, total, unit: 'bytes', file: url });
    for (const [i, { done }] of heard.entries()) expect(done).toBeGreaterThanOrEqual(heard[i - 1]?.done ?? 1);
  }
  expect(server.seen).toHaveLength(server.ranges.length);
  expect(events.filter(({ name }) => name === 'download')).toHaveLength(3);
});

const onlyN: DatasetSchema = { version: 1, fields: [{ name: 'n', type: 'int64' }], otherFields: 'ignore' };
it.each<[string, LoadDatasetOptions]>([
  ['not wanted', { columns: ['n'] }], ['ignored by the schema', { schema: onlyN }],
])('comes without the columns that are %s', async (_, options) => {
  const data = await loadDataset(serve(), options);
  const before = asked();
  expect(await data.hash()).toBe(hashOfN);
  expect(asked() - before).toBeLessThan(0.6 * bytes.length);
});

it('comes with the columns that the schema refuses', async () => {
  const data = await loadDataset(serve(), { schema: { ...onlyN, otherFields: 'refuse' } });
  expect(await rejection(data.hash())).toMatchObject({ code: 'invalid_data', row: 0, column: 'words' });
});

it('is not asked for again by an iteration, whose cursors hold the ETag', async () => {
  const place = async (etag: string) => {
    const data = await loadDataset(serve({ headers: { ...strong, etag } }));
    const iterator = data.iterate();
    await iterator.next();
    const { dataset } = iterator.cursor();
    await iterator.return();
    // All requests were for ranges.
    expect(server.ranges).toHaveLength(server.seen.length);
    return dataset;
  };
  const one = await place('"one"');
  expect(await place('"one"')).toBe(one);
  expect(await place('"two"')).not.toBe(one);
});

it.each<[string, Partial<BreakingFile>]>([
  ['gives no ranges', { rest: (response) => {
    response.writeHead(200, strong).end(bytes);
    return true;
  } }],
  ['has nothing that names the content', { headers: {} }],
  ['compresses ranges', { headers: { ...strong, 'content-encoding': 'identity' } }],
  ['does not say the size', { rest: (response, start) => {
    response.writeHead(206, { ...strong, 'content-range': `bytes ${start}-${start}/*` }).end(bytes.subarray(start, 1));
    return true;
  } }],
])('comes whole and once where a server %s', async (_, file) => {
  const data = await loadDataset(serve(file));
  expect([await data.hash(), await data.hash()]).toEqual([hash, hash]);
  expect(await data.take(1).rows()).toHaveLength(1);
  expect(server.seen.length).toBeLessThanOrEqual(2);
  expect(server.ranges).toEqual(['bytes=0-0']);
});

it('is an error where it is another than at first', async () => {
  const url = serve();
  const data = await loadDataset(url);
  expect(await data.hash()).toBe(hash);
  server.files = { '/rows.parquet': { bytes, headers: { ...strong, etag: '"two"' } } };
  const error = await rejection(data.hash()) as Error;
  expect(error).toMatchObject({ code: 'network', file: url, expected: 'ETag "one"', found: '"two"' });
  expect(error.message).toContain('is another than it was at first');
  server.files = {};
  expect(await rejection(data.hash())).toMatchObject({ code: 'network', file: url, expected: 'status 206', found: 404 });
  expect(await rejection(loadDataset(url))).toMatchObject({ code: 'not_found', file: url, status: 404 });
});

it('goes on where a part breaks off', async () => {
  const broken = new Set<number>();
  const url = serve({ rest: (response, start, { headers }) => {
    const last = Number(headers.range?.split('-')[1]);
    if (last - start < 100_000 || broken.has(start)) return false;
    broken.add(start);
    response.writeHead(206, { ...strong, 'content-range': `bytes ${start}-${last}/${bytes.length}`,
      'content-length': last + 1 - start });
    response.write(bytes.subarray(start, start + 50_000), () => setTimeout(() => response.socket?.end(), 20));
    return true;
  } });
  const data = await loadDataset(url);
  expect(await data.hash()).toBe(hash);
  const resumed = events.filter(({ name }) => name === 'resume').map(({ bytes: byte }) => byte as number);
  expect(resumed.sort((one, two) => one - two)).toEqual([...broken].map((byte) => byte + 50_000).sort((one, two) => one - two));
  expect(broken.size).toBeGreaterThan(1);
});

it('ends with the abort of its own reading', async () => {
  const loading = new AbortController();
  let isSlow = false;
  const held: ServerResponse[] = [];
  const url = serve({ rest: (response) => {
    if (isSlow) held.push(response);
    return isSlow;
  } });
  const data = await loadDataset(url, { signal: loading.signal });
  loading.abort();
  isSlow = true;
  const pass = new AbortController();
  const work = rejection(data.hash({ signal: pass.signal }));
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const closed = new Promise((resolve) => held[0]?.on('close', resolve));
  const begin = performance.now();
  pass.abort();
  expect(await work).toMatchObject({ code: 'aborted' });
  expect(performance.now() - begin).toBeLessThan(200);
  await closed;
  isSlow = false;
  expect(await data.hash()).toBe(hash);
});
