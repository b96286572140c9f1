// Bytes that cross to a worker: of a view a message copies all that its buffer holds, so each array lies
// alone in its buffer, and what is the caller's stays with the caller.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import {
  configure, createManifest, inferSchema, loadDataset, loadModel, loadTokenizer, shutdown,
} from 'reprise';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { expectNothingAlive, storiesFile } from './testing/material.js';

const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];

/** Bytes in the midst of a larger buffer. */
function within(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new Uint8Array(new ArrayBuffer(bytes.length + 3_000_000), 1000, bytes.length);
  view.set(bytes);
  return view;
}

const bytesOf = (name: string) => within(readFileSync(storiesFile(name)));

function expectWhole(bytes: Uint8Array | undefined, name: string): void {
  expect(bytes && Buffer.compare(bytes, readFileSync(storiesFile(name)))).toBe(0);
}

const lines = Array.from({ length: 100_000 }, (_, i) => `${i},some words of row ${i}`);
const csv = new TextEncoder().encode(`n,words\n${lines.join('\n')}\n`);

/** A frame of zstd whose blocks are stored as they are (RFC 8878, 3.1.1). */
function zstdOf(bytes: Uint8Array): Uint8Array {
  const most = 1 << 16;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0), size];
  for (let at = 0; at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most);
    const head = (block.length << 3) | (at + most >= bytes.length ? 1 : 0);
    parts.push(Uint8Array.of(head & 255, (head >> 8) & 255, head >> 16), block);
  }
  return Buffer.concat(parts);
}

/** A stream whose chunks are views of all its bytes. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, at += 100_000));
    },
  });
}

/** Arrays of the messages so far, as bytes of their own and of their buffers. */
const sent: { own: number; buffer: number }[] = [];

function note(value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    sent.push({ own: value.byteLength, buffer: value.buffer.byteLength });
  } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(note);
}

beforeAll(async () => {
  const post = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...given) {
    note(given[0]);
    post.apply(this, given);
  });
  await configure({ threads: 1, log: false, worker: true });
});
beforeEach(() => sent.splice(0));
afterEach(() => {
  // Small things, such as the text of a config, need no care.
  expect(sent.filter(({ own }) => own > 1000)).not.toEqual([]);
  for (const { own, buffer } of sent) expect(buffer).toBe(own);
});
afterEach(expectNothingAlive);
afterAll(async () => {
  await shutdown();
  vi.restoreAllMocks();
});

it('a folder of bytes', async () => {
  const files = Object.fromEntries(names.map((name) => [name, bytesOf(name)]));
  const manifest = await createManifest(files);
  const json = within(new TextEncoder().encode(JSON.stringify(manifest)));
  using model = await loadModel({ ...files, 'manifest.json': json }, { backend: 'cpu' });
  expect(model.verification.status).toBe('verified');
  for (const name of names) expectWhole(files[name], name);
});

it('a folder that a fetch of the caller\'s gives in views of what it keeps', async () => {
  const files = new Map(names.map((name) => [name, bytesOf(name)]));
  const fetch = async (url: string) => {
    const bytes = files.get(url.split('/').at(-1) as string);
    return new Response(bytes && streamOf(bytes), { status: bytes === undefined ? 404 : 200 });
  };
  const folder = 'https://models.example/stories';
  expect((await createManifest(folder, { fetch })).files).toHaveLength(names.length);
  using model = await loadModel(folder, { backend: 'cpu', fetch });
  expect(model.parameters).toBeGreaterThan(0);
  for (const [name, bytes] of files) expectWhole(bytes, name);
});

it('a tokenizer', async () => {
  const bytes = bytesOf('tokenizer.json');
  using tokenizer = await loadTokenizer(bytes);
  expect(tokenizer.vocabSize).toBe(512);
  expectWhole(bytes, 'tokenizer.json');
});

it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ['plain', (bytes) => bytes], ['gzip', (bytes) => gzipSync(bytes)], ['zstd', zstdOf],
])('a dataset of bytes, of a blob and of a stream: %s', async (_, pack) => {
  const bytes = within(pack(csv));
  const kept = bytes.slice();
  const hashes = new Set<string>();
  for (const source of [bytes, new Blob([bytes]), bytes.buffer.slice(1000, 1000 + bytes.length)]) {
    expect((await inferSchema(source, { format: 'csv' })).fields).toHaveLength(2);
    const data = await loadDataset(source, { format: 'csv' });
    hashes.add(await data.hash());
  }
  const once = await loadDataset(streamOf(bytes), { format: 'csv' });
  hashes.add(await once.hash());
  expect(hashes.size).toBe(1);
  expect(Buffer.compare(bytes, kept)).toBe(0);
});

it('rows, behind a cache, and their parts', async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => ({ i, words: `some words of row ${i}` }));
  const data = (await loadDataset(rows)).cache();
  const hash = await data.hash();
  expect(await data.hash()).toBe(hash);
  const { train, test } = await data.split({ ratios: { train: 0.5, test: 0.5 }, seed: 3, key: 'i' });
  expect([train?.rows, test?.rows]).toEqual([25_000, 25_000]);
});
