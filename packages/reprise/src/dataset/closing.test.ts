// Whoever leaves a dataset before its end ends its source: streams are cancelled, rows returned, files
// closed; and an abort ends the wait for what does not come.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configure, type Dataset, type DatasetSchema, inferSchema, loadDataset, type Row, shutdown } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectNothingAlive, rejection } from '../testing/material.js';

const schema: DatasetSchema = { version: 1, fields: [{ name: 'n', type: 'int64' }] };
const lines = (count: number) => Array.from({ length: count }, (_, i) => `${i}\n`).join('');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-closing-'));
  await configure({ threads: 1, log: false });
});
// An iteration that was left lets go of its reader when that has answered.
afterEach(() => vi.waitFor(expectNothingAlive, 5000));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shutdown();
});

/** A source without end, or one that stops to answer behind its first bytes, and what it hears. */
interface Source {
  readonly source: ReadableStream<Uint8Array> | AsyncIterable<Row>;
  readonly isEnded: () => boolean;
}

function stream(first: string, more?: string): Source {
  let isEnded = false;
  let isFirst = true;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isFirst && more === undefined) return new Promise(() => undefined);
      controller.enqueue(new TextEncoder().encode(isFirst ? first : more));
      isFirst = false;
      return undefined;
    },
    cancel() {
      isEnded = true;
    },
  }, { highWaterMark: 0 });
  return { source, isEnded: () => isEnded };
}

function rows(): Source {
  let isEnded = false;
  async function* source() {
    try {
      for (let n = 0; ; n++) yield { n };
    } finally {
      isEnded = true;
    }
  }
  return { source: source(), isEnded: () => isEnded };
}

async function expectEnded({ isEnded }: Source): Promise<void> {
  for (let tries = 0; tries < 100 && !isEnded(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isEnded()).toBe(true);
}

const load = ({ source }: Source, more = {}) => loadDataset(source as ReadableStream<Uint8Array>, {
  ...(source instanceof ReadableStream ? { format: 'csv' as const, header: false } : {}), schema, ...more });

/** Ways to leave before the end. */
const ways: [name: string, leave: (data: Dataset<Row>) => Promise<unknown>][] = [
  ['take', (data) => data.take(5).rows()],
  ['take through the core', (data) => data.take(5).hash()],
  ['a break', async (data) => {
    for await (const _ of data) break;
  }],
  ['an error of a function', (data) => rejection(data.map(() => {
    throw new Error('no');
  }).rows())],
  ['an error of onProgress', (data) => rejection(data.take(1e6).rows({ onProgress: () => {
    throw new Error('no');
  } }))],
  ['an abort', (data) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return rejection(data.rows({ signal: controller.signal }));
  }],
  ['an abort of hash', (data) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    // A small file is read sooner than that.
    return rejection(data.hash({ signal: controller.signal, onProgress: () => controller.abort() }));
  }],
  ['a cancelled file', (data) => data.write('jsonl').cancel()],
];

describe('a stream is cancelled', () => {
  it.each(ways.slice(0, -1))('behind %s', async (_, leave) => {
    const one = stream(lines(100), lines(1000));
    await leave(await load(one));
    await expectEnded(one);
  });

  it('behind a bad row', async () => {
    const one = stream(lines(100), 'x\n');
    expect(await rejection((await load(one)).rows())).toMatchObject({ code: 'invalid_data', row: 100 });
    await expectEnded(one);
  });

  it('behind damaged data', async () => {
    const one = stream('no gzip', lines(10));
    const data = await load(one, { compression: 'gzip' });
    expect(await rejection(data.rows())).toMatchObject({ code: 'invalid_data', file: 'the stream' });
    await expectEnded(one);
  });

  it('by inferSchema, and where loading fails', async () => {
    const one = stream(lines(100), lines(1000));
    await inferSchema(one.source as ReadableStream<Uint8Array>, { format: 'csv', sampleRows: 10 });
    await expectEnded(one);
    const other = stream('{"n":1}\n{"n":', '}\n');
    const error = await rejection(loadDataset(other.source as ReadableStream<Uint8Array>, { format: 'jsonl' }));
    expect(error).toMatchObject({ code: 'invalid_data', file: 'the stream' });
    await expectEnded(other);
  });

  it('where the dataset is disposed of', async () => {
    const one = stream('n\n', lines(10_000));
    (await loadDataset(one.source as ReadableStream<Uint8Array>, { format: 'csv' })).dispose();
    await expectEnded(one);
  });

  it('where an abort comes while nothing does', async () => {
    const reads: ((data: Dataset<Row>, signal: AbortSignal) => Promise<unknown>)[] = [
      (data, signal) => data.rows({ signal }), (data, signal) => data.hash({ signal }),
      (data, signal) => data.columns({ signal }), (data, signal) => data.take(1000).hash({ signal }),
    ];
    for (const read of reads) {
      const one = stream(lines(100));
      const data = await load(one);
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const begin = performance.now();
      expect(await rejection(read(data, controller.signal))).toMatchObject({ code: 'aborted' });
      expect(performance.now() - begin).toBeLessThan(1000);
      await expectEnded(one);
    }
    const one = stream('n\n');
    expect(await rejection(loadDataset(one.source as ReadableStream<Uint8Array>,
      { format: 'csv', signal: AbortSignal.timeout(50) }))).toMatchObject({ code: 'aborted' });
    await expectEnded(one);
  });
});

it.each(ways.slice(0, -1))('rows end behind %s', async (_, leave) => {
  const one = rows();
  await leave(await load(one));
  await expectEnded(one);
});

it('names a stream that fails, and refuses one that somebody reads', async () => {
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('torn')) });
  expect(await rejection((await loadDataset(failing, { format: 'csv', schema })).rows()))
    .toMatchObject({ code: 'io', file: 'the stream', message: 'the stream cannot be read: torn' });
  const { source } = stream('n\n');
  (source as ReadableStream<Uint8Array>).getReader();
  expect(await rejection(loadDataset(source as ReadableStream<Uint8Array>, { format: 'csv' })))
    .toMatchObject({ code: 'invalid_argument', argument: 'source', found: expect.stringContaining('locked') });
});

describe.each(['csv', 'parquet'] as const)('a file of %s is closed', (format) => {
  let path: string;
  beforeAll(async () => {
    path = join(folder, `rows.${format}`);
    const data = await loadDataset(Array.from({ length: 60_000 }, (_, n) => ({ n })), { schema });
    writeFileSync(path, Buffer.from(await new Response(data.write(format)).arrayBuffer()));
  });

  /** Descriptors of this process that are the file's. */
  const isOpen = () => readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
  const expectClosed = () => expectEnded({ isEnded: () => !isOpen(), source: rows().source });

  it('after loading', async () => {
    await loadDataset(path);
    await expectClosed();
  });

  it.each(ways)('behind %s', async (name, leave) => {
    const data = await loadDataset(path);
    if (name === 'a break') {
      for await (const _ of data) {
        expect(isOpen()).toBe(true);
        break;
      }
      expect(isOpen()).toBe(false);
    }
    await leave(data);
    await expectClosed();
  });
});

it('gives no byte of what was made on the way', async () => {
  const data = await loadDataset(Array.from({ length: 10 }, (_, n) => ({ n: BigInt(n) * 10n ** 10n })));
  const bytes = new Uint8Array(await new Response(data.write('parquet')).arrayBuffer());
  const narrow: DatasetSchema = { version: 1, fields: [{ name: 'n', type: 'int32' }] };
  const file = await loadDataset(new File([bytes], 'rows.parquet'), { schema: narrow });
  const error = await rejection(file.rows()) as Error & { byte?: number };
  expect(error).toMatchObject({
    code: 'invalid_data', file: 'rows.parquet', row: 1, column: 'n', expected: 'an int32', found: '10000000000',
    message: 'rows.parquet: row 1, column "n": expected an int32, found 10000000000',
  });
  expect(error.byte).toBeUndefined();
  const { problems } = await file.validate();
  expect(problems).toHaveLength(9);
  expect(problems[0]).toEqual({ file: 'rows.parquet', row: 1, column: 'n', expected: 'an int32', found: '10000000000' });
});

it.each(['jsonl', 'csv', 'parquet'] as const)('a cancelled %s that waits ends its source', async (format) => {
  const one = stream(lines(100));
  const reader = (await load(one)).write(format).getReader();
  const read = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await reader.cancel();
  expect(await read).toMatchObject({ done: true });
  await expectEnded(one);
});

it('a file that nobody reads from is not begun', async () => {
  const one = stream(lines(100));
  const data = await load(one);
  data.write('csv');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((one.source as ReadableStream).locked).toBe(false);
  expect(one.isEnded()).toBe(false);
  data.dispose();
  await expectEnded(one);
});
