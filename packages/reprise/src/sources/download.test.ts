// Downloads that break off: what goes on by range, what must not, and what is told of it. Past 400 lines,
// since each way to break needs a server that breaks so.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  configure, createManifest, loadDataset, loadModel, type Progress, shutdown, type TelemetryEvent,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BreakingServer } from '../testing/breaking-server.js';
import { expectNothingAlive, rejection, storiesFile } from '../testing/material.js';
import { openFile, type Request } from './files.js';

const text = Array.from({ length: 100_000 }, (_, i) => `${i},some words of row ${i}\n`).join('');
const csv = new TextEncoder().encode(`n,words\n${text}`);
const strong = { etag: '"one"', 'accept-ranges': 'bytes' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let server: BreakingServer;
beforeAll(async () => {
  server = await BreakingServer.start();
});
afterAll(() => server.close());

/** Reads a file, with what is told of it. */
async function read(
  request: Request = {}, path = '/rows.csv',
): Promise<{ bytes: Uint8Array; resumed: number[] }> {
  const file = await openFile(`${server.url}${path}`, 'rows.csv', 'data', request);
  const pieces: Uint8Array[] = [];
  const resumed: number[] = [];
  const onResume = (byte: number, milliseconds: number) => {
    expect(milliseconds).toBeGreaterThan(100);
    // Everything before it is here.
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(byte);
    resumed.push(byte);
  };
  try {
    for await (const piece of file.pieces(onResume)) pieces.push(piece);
  } finally {
    await file.close();
  }
  return { bytes: Buffer.concat(pieces), resumed };
}

async function expectWhole(breaks: readonly number[], request?: Request): Promise<void> {
  const found = await read(request);
  expect(sha256(found.bytes)).toBe(sha256(csv));
  expectResumed(found.resumed, breaks);
  expect(server.ranges).toEqual(found.resumed.map((byte) => `bytes=${byte}-`));
}

/** Behind each break, or where the reader was behind it, before it. */
function expectResumed(resumed: readonly number[], breaks: readonly number[]): void {
  expect(resumed).toHaveLength(breaks.length);
  for (const [i, byte] of resumed.entries()) {
    expect(byte).toBeLessThanOrEqual(breaks[i] as number);
    expect(byte).toBeGreaterThanOrEqual(resumed[i - 1] ?? 0);
  }
}

const old = { 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT' };

describe('goes on', () => {
  it.each<[string, number[], OutgoingHttpHeaders]>([
    ['once', [1_000_000], strong],
    ['at the first byte', [0], strong],
    ['at the last byte', [csv.length - 1], strong],
    ['several times', [1, 10, 500_000, 500_001, 500_002, 2_000_000], strong],
    ['where nothing is said of ranges', [1_000_000], { etag: '"one"' }],
    ['by a Last-Modified', [1_000_000], old],
    ['by a Last-Modified beside a weak ETag', [1_000_000], { ...old, etag: 'W/"one"' }],
  ])('%s', async (_, breaks, headers) => {
    server.serve({ '/rows.csv': { bytes: csv, breaks, headers } });
    await expectWhole(breaks);
  });

  it('behind a connection that is torn down', async () => {
    let times = 0;
    const tear = (response: ServerResponse, start: number) => {
      if (times++ > 1) return false;
      response.writeHead(206, {
        ...strong, 'content-range': `bytes ${start}-${csv.length - 1}/${csv.length}`,
      });
      response.write(csv.subarray(start, start + 300_000), () => response.destroy());
      return true;
    };
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong, rest: tear } });
    const found = await read();
    expect(sha256(found.bytes)).toBe(sha256(csv));
    expect(found.resumed).toHaveLength(3);
    expect(server.ranges).toEqual(found.resumed.map((byte) => `bytes=${byte}-`));
  });

  it('where the length is not known', async () => {
    server.serve({ '/rows.csv': { bytes: csv, breaks: [700_000, 1_500_000], headers: strong, isChunked: true } });
    await expectWhole([700_000, 1_500_000]);
  });

  it('where a range ends before the file does', async () => {
    const part = (response: ServerResponse, start: number) => {
      const end = Math.min(start + 1_000_000, csv.length);
      response.writeHead(206, {
        ...strong, 'content-range': `bytes ${start}-${end - 1}/${csv.length}`, 'content-length': end - start,
      }).end(csv.subarray(start, end));
      return true;
    };
    server.serve({ '/rows.csv': { bytes: csv, breaks: [5], headers: strong, rest: part } });
    await expectWhole([5, 1_000_005, 2_000_005].filter((byte) => byte < csv.length));
  });

  it('behind an error of the server, and of the connection', async () => {
    let times = 0;
    const refuse = (response: ServerResponse) => {
      times++;
      if (times === 1) response.writeHead(503).end('busy');
      if (times === 2) response.destroy();
      return times < 3;
    };
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong, rest: refuse } });
    const found = await read();
    expect(sha256(found.bytes)).toBe(sha256(csv));
    expect(found.resumed).toEqual([1000]);
    expect(server.ranges).toEqual(Array(3).fill('bytes=1000-'));
  });

  it('with the caller\'s headers, credentials and fetch', async () => {
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000, 2000], headers: strong } });
    const asked: RequestInit[] = [];
    await expectWhole([1000, 2000], {
      headers: { 'x-key': '5' }, credentials: 'include',
      fetch: (url, init = {}) => {
        asked.push(init);
        return fetch(url, init);
      },
    });
    expect(asked.map(({ credentials }) => credentials)).toEqual(Array(3).fill('include'));
    expect(server.seen.map(({ headers }) => headers['x-key'])).toEqual(['5', '5', '5']);
    expect(server.seen.map(({ headers }) => headers['if-range'])).toEqual(Array(3).fill(undefined));
  });

  it('behind a body that ends early without an error', async () => {
    server.serve({});
    const ranges: (string | undefined)[] = [];
    const file = await openFile('https://data.example/a', 'a', 'data', {
      fetch: async (_, init) => {
        const range = (init?.headers as Record<string, string>)['range'];
        ranges.push(range);
        return range === undefined
          ? new Response('some', { headers: { ...strong, 'content-length': '10' } })
          : new Response(' words', { status: 206, headers: { ...strong, 'content-range': 'bytes 4-9/10' } });
      },
    });
    let found = '';
    for await (const piece of file.pieces(() => undefined)) found += Buffer.from(piece).toString();
    expect([found, ranges]).toEqual(['some words', [undefined, 'bytes=4-']]);
  });
});

describe('is a network error', () => {
  const size = csv.length;

  async function failure(): Promise<Record<string, unknown>> {
    return await rejection(read()) as Record<string, unknown>;
  }

  it.each<[string, OutgoingHttpHeaders, string, string]>([
    ['no validator', { 'accept-ranges': 'bytes' }, 'ETag strong or its Last-Modified older', 'none'],
    ['a weak ETag', { etag: 'W/"one"' }, 'ETag strong or its Last-Modified older', 'W/"one"'],
    ['a server without ranges', { ...strong, 'accept-ranges': 'none' }, 'Accept-Ranges bytes', 'none'],
  ])('where the answer had %s', async (_, headers, expected, found) => {
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1_000_000], headers } });
    const error = await failure();
    expect(error).toMatchObject({
      code: 'network', file: `${server.url}/rows.csv`, status: 200, expected, found,
    });
    expectResumed([error['byte'] as number], [1_000_000]);
    expect(error['message']).toContain(`broke off after ${error['byte']} of ${size} bytes: ` +
      'terminated (other side closed). To go on there, its ');
    expect(server.seen).toHaveLength(1);
  });

  it('where the Last-Modified is of the second of the answer', async () => {
    const now = new Date().toUTCString();
    server.serve({ '/rows.csv': {
      bytes: csv, breaks: [1000], headers: { date: now, 'last-modified': now },
    } });
    expect(await failure()).toMatchObject({
      code: 'network', byte: 1000, expected: 'ETag strong or its Last-Modified older',
    });
    expect(server.seen).toHaveLength(1);
  });

  it('where it is compressed on the way', async () => {
    const packed = gzipSync(csv);
    server.serve({ '/rows.csv': {
      bytes: packed, breaks: [packed.length >> 1], headers: { ...strong, 'content-encoding': 'gzip' },
    } });
    const error = await failure();
    expect(error).toMatchObject({ code: 'network', expected: 'Content-Encoding none', found: 'gzip' });
    expectResumed([error['byte'] as number], [size]);
    expect(server.seen).toHaveLength(1);
  });

  it('where the caller asked for a range', async () => {
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong } });
    expect(await rejection(read({ headers: { Range: 'bytes=10-' } }))).toMatchObject({
      code: 'network', byte: 990, status: 206, expected: 'status 200', found: 206,
    });
    expect(server.seen).toHaveLength(1);
  });

  const range = `bytes 1000-${size - 1}/${size}`;
  it.each<[string, number, OutgoingHttpHeaders, string, string | number]>([
    ['200', 200, strong, 'status 206', 200],
    ['416', 416, { 'content-range': `bytes */${size}` }, 'status 206', 416],
    ['404', 404, {}, 'status 206', 404],
    ['another ETag', 206, { etag: '"two"', 'content-range': range }, 'ETag "one"', '"two"'],
    ['no ETag', 206, { 'content-range': range }, 'ETag "one"', 'none'],
    ['no Content-Range', 206, strong, `Content-Range bytes 1000-…/${size}`, 'none'],
    ['another begin', 206, { ...strong, 'content-range': `bytes 100-${size - 1}/${size}` },
      `Content-Range bytes 1000-…/${size}`, `bytes 100-${size - 1}/${size}`],
    ['another size', 206, { ...strong, 'content-range': `bytes 1000-${size}/${size + 1}` },
      `Content-Range bytes 1000-…/${size}`, `bytes 1000-${size}/${size + 1}`],
    ['a size that is not told', 206, { ...strong, 'content-range': `bytes 1000-${size - 1}/*` },
      `Content-Range bytes 1000-…/${size}`, `bytes 1000-${size - 1}/*`],
    ['a compressed range', 206, { ...strong, 'content-range': range, 'content-encoding': 'gzip' },
      'Content-Encoding none', 'gzip'],
  ])('where the rest is %s', async (_, status, headers, expected, found) => {
    const rest = (response: ServerResponse) => {
      response.writeHead(status, headers).end(csv.subarray(1000));
      return true;
    };
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong, rest } });
    expect(await failure()).toMatchObject({
      code: 'network', file: `${server.url}/rows.csv`, byte: 1000, status, expected, found,
    });
    expect(server.seen).toHaveLength(2);
  });

  it('where the rest has another Last-Modified, or another weak ETag', async () => {
    const weak = { ...old, etag: 'W/"one"' };
    for (const [name, other] of [
      ['last-modified', 'Fri, 02 Jan 2026 03:04:06 GMT'], ['etag', 'W/"two"'],
    ] as const) {
      const rest = (response: ServerResponse) => {
        response.writeHead(206, { ...weak, 'content-range': range, [name]: other }).end(csv.subarray(1000));
        return true;
      };
      server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: weak, rest } });
      expect(await failure()).toMatchObject({ code: 'network', byte: 1000, status: 206, found: other });
    }
  });

  it('after three attempts that bring no byte, whatever they bring', async () => {
    const cases: [why: string, answer: (response: ServerResponse, start: number) => unknown][] = [
      ['fetch failed (other side closed)', (response) => response.destroy()],
      ['it answered 502', (response) => response.writeHead(502).end()],
      ['terminated (other side closed)', (response, start) => {
        response.writeHead(206, { ...strong, 'content-range': `bytes ${start}-${size - 1}/${size}` });
        response.flushHeaders();
        response.socket?.end();
      }],
    ];
    const times = cases.map((): number[] => []);
    server.serve(Object.fromEntries(cases.map(([, answer], i) => [`/${i}.csv`, {
      bytes: csv, breaks: [1000], headers: strong,
      rest: (response: ServerResponse, start: number) => {
        times[i]?.push(performance.now());
        answer(response, start);
        return true;
      },
    }])));
    await Promise.all(cases.map(async ([why], i) => {
      const error = await rejection(read({}, `/${i}.csv`)) as Error;
      expect(error).toMatchObject({
        code: 'network', byte: 1000, expected: 'answer a range', found: 'none in 3 attempts',
      });
      expect(error.message).toContain(`broke off after 1000 of ${size} bytes: ${why}. To go on there, `);
      expect(times[i]).toHaveLength(3);
      const [one = 0, two = 0, three = 0] = times[i] ?? [];
      expect(two - one).toBeGreaterThan(700);
      expect(three - two).toBeGreaterThan(2 * (two - one));
    }));
    expect(server.ranges).toEqual(Array(9).fill('bytes=1000-'));
  });

  it('where more comes than was promised', async () => {
    const asked: RequestInit[] = [];
    const file = await openFile('https://data.example/a', 'a', 'data', {
      fetch: async (_, init = {}) => {
        asked.push(init);
        return new Response('some words', {
          status: asked.length === 1 ? 200 : 416, headers: { ...strong, 'content-length': '4' },
        });
      },
    });
    const reading = (async () => {
      for await (const piece of file.pieces(() => undefined)) expect(piece.length).toBe(10);
    })();
    const error = await rejection(reading) as Error;
    expect(error).toMatchObject({ code: 'network', byte: 10, found: 416 });
    expect(error.message).toContain('broke off after 10 of 4 bytes: it has another length than it said');
  });
});

describe('an abort', () => {
  async function aborted(after: number): Promise<{ error: unknown; ms: number }> {
    const controller = new AbortController();
    let at = 0;
    setTimeout(() => {
      at = performance.now();
      controller.abort();
    }, after);
    const error = await rejection(read({ signal: controller.signal }));
    return { error, ms: performance.now() - at };
  }

  it('ends a wait at once, without another request', async () => {
    const rest = (response: ServerResponse) => {
      response.writeHead(503).end();
      return true;
    };
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong, rest } });
    // In the last wait, which is of 3.2 seconds.
    const { error, ms } = await aborted(1500);
    expect(error).toMatchObject({ code: 'aborted' });
    expect(ms).toBeLessThan(100);
    expect(server.ranges).toHaveLength(2);
  });

  it('ends a request that is not answered, and a rest that does not come', async () => {
    for (const begins of [false, true]) {
      const rest = (response: ServerResponse, start: number) => {
        if (!begins) return true;
        response.writeHead(206, {
          ...strong, 'content-range': `bytes ${start}-${csv.length - 1}/${csv.length}`,
        });
        response.write(csv.subarray(start, start + 10));
        return true;
      };
      server.serve({ '/rows.csv': { bytes: csv, breaks: [1000], headers: strong, rest } });
      const { error, ms } = await aborted(600);
      expect(error).toMatchObject({ code: 'aborted' });
      expect(ms).toBeLessThan(100);
      expect(server.ranges).toEqual(['bytes=1000-']);
    }
  });
});

describe('through the package', () => {
  const events: TelemetryEvent[] = [];
  const resumes = (path: string) => events.flatMap(({ name, bytes, file }) =>
    (name === 'resume' && file === `${server.url}${path}` ? bytes as number : []));

  beforeAll(() => configure({ threads: 1, log: false, onTelemetry: (event) => events.push(event) }));
  afterEach(() => events.splice(0));
  afterEach(expectNothingAlive);
  afterAll(shutdown);

  function expectForward(heard: readonly Progress[], total: number | undefined): void {
    for (const [i, { done }] of heard.entries()) {
      expect(done).toBeGreaterThanOrEqual(heard[i - 1]?.done ?? 0);
    }
    if (total !== undefined) expect(new Set(heard.map((progress) => progress.total))).toEqual(new Set([total]));
  }

  it('a model\'s folder comes whole and is verified', async () => {
    const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];
    const contents = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(storiesFile(name)))]));
    const manifest = new TextEncoder().encode(JSON.stringify(await createManifest(contents)));
    const breaks: Record<string, number[]> = {
      'config.json': [10], 'tokenizer.json': [9000], 'model.safetensors': [4, 300_000, 1_000_000],
    };
    server.serve(Object.fromEntries(Object.entries({ ...contents, 'manifest.json': manifest }).map(
      ([name, bytes]) => [`/${name}`, { bytes, breaks: breaks[name] ?? [], headers: strong }])));
    const heard: Progress[] = [];
    const own: TelemetryEvent[] = [];
    using model = await loadModel(server.url, {
      backend: 'cpu', verify: 'required', onTelemetry: (event) => own.push(event),
      onProgress: (progress) => {
        if (progress.file?.endsWith('.safetensors')) heard.push(progress);
      },
    });
    expect(model.verification.status).toBe('verified');
    const { text: words } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 5 });
    expect(words).toBe(', there was a little');
    for (const name of names) expectResumed(resumes(`/${name}`), breaks[name] ?? []);
    expect(own.filter(({ name }) => name === 'resume')).toEqual(events.filter(({ name }) => name === 'resume'));
    const total = contents['model.safetensors']?.length;
    expectForward(heard.filter(({ phase }) => phase === 'download'), total);
    expectForward(heard.filter(({ phase }) => phase === 'load'), total);
  });

  it.each<[string, Uint8Array]>([['rows.csv', csv], ['rows.csv.gz', gzipSync(csv)]])(
    'a dataset, %s', async (name, bytes) => {
      const breaks = [bytes.length >> 2, bytes.length >> 1];
      server.serve({ [`/${name}`]: { bytes, breaks, headers: strong } });
      const data = await loadDataset(`${server.url}/${name}`, {
        schema: { version: 1, fields: [{ name: 'n', type: 'int64' }, { name: 'words', type: 'string' }] },
      });
      const heard: Progress[] = [];
      const hash = await data.hash({ onProgress: (progress) => heard.push(progress) });
      expect(hash).toBe(await (await loadDataset(csv, { format: 'csv' })).hash());
      expectResumed(resumes(`/${name}`), breaks);
      expect(server.ranges).toEqual(resumes(`/${name}`).map((byte) => `bytes=${byte}-`));
      expect(events.at(-1)).toMatchObject({
        name: 'download', bytes: bytes.length, file: `${server.url}/${name}`,
      });
      expectForward(heard.filter(({ phase }) => phase === 'download'), bytes.length);
    });

  it('a dataset that cannot go on ends with the byte', async () => {
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1_000_000] } });
    const data = await loadDataset(`${server.url}/rows.csv`);
    server.serve({ '/rows.csv': { bytes: csv, breaks: [1_000_000] } });
    const error = await rejection(data.hash()) as Record<string, unknown>;
    expect(error).toMatchObject({ code: 'network', file: `${server.url}/rows.csv`, found: 'none' });
    expectResumed([error['byte'] as number], [1_000_000]);
  });
});
