// The entry reprise/tokenizer: the main entry's tokenizers on a WebAssembly file of their own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as main from 'reprise';
import * as entry from 'reprise/tokenizer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rejection, root, storiesFile } from './testing/material.js';

const folder = join(root, 'fixtures/tokenizers');
const strings = JSON.parse(readFileSync(join(folder, 'strings.json'), 'utf8')) as string[];
type Expected = { ids: number[][]; ids_special: number[][]; decoded: string[] };

it('exports what stands in its plan', () => {
  expect(Object.keys(entry).sort()).toEqual(
    ['RepriseError', 'capabilities', 'configure', 'liveCounts', 'loadTokenizer', 'shutdown']);
  expect(entry.RepriseError).toBe(main.RepriseError);
});

it('refuses a GPU, which it has no use for', async () => {
  expect(await rejection(entry.configure({ gpu: {} } as object)))
    .toMatchObject({ code: 'invalid_argument', argument: 'gpu' });
});

describe.each([
  ['in-process', { threads: 1 }], ['in a worker', { threads: 1, worker: true }],
  ['with threads', { threads: 2 }], ['with threads in a worker', { threads: 2, worker: true }],
])('%s', (_, options) => {
  beforeAll(async () => {
    await entry.configure({ log: false, ...options });
    await main.configure({ log: false, ...options });
  });
  afterEach(async () => {
    expect(await entry.liveCounts()).toEqual({ handles: 0, gpuBuffers: 0 });
    expect(await main.liveCounts()).toEqual({ handles: 0, gpuBuffers: 0 });
  });
  afterAll(async () => {
    await entry.shutdown();
    await main.shutdown();
  });

  it.each(['gpt2-cut', 'smollm-cut'])('%s gives the ids of Hugging Face', async (name) => {
    const expected = JSON.parse(
      readFileSync(join(folder, name, 'expected.json'), 'utf8')) as Expected;
    using tokenizer = await entry.loadTokenizer(join(folder, name, 'tokenizer.json'));
    const plain = await tokenizer.encodeBatch(strings);
    expect(plain.map(({ ids }) => [...ids])).toEqual(expected.ids);
    const special = await tokenizer.encodeBatch(strings, { addSpecialTokens: true });
    expect(special.map(({ ids }) => [...ids])).toEqual(expected.ids_special);
    expect(await tokenizer.decodeBatch(special.map(({ ids }) => ids), { skipSpecialTokens: false }))
      .toEqual(expected.decoded);
  });

  it('gives what the main entry gives', async () => {
    const file = storiesFile('tokenizer.json');
    using one = await entry.loadTokenizer(file);
    using other = await main.loadTokenizer(file);
    const encode = { addSpecialTokens: true, offsets: true } as const;
    expect(await one.encodeBatch(strings, encode)).toEqual(await other.encodeBatch(strings, encode));
    expect(await one.metrics(strings)).toEqual(await other.metrics(strings));
    expect(await one.vocabulary()).toEqual(await other.vocabulary());
    expect(one.hash).toBe(other.hash);
    const stream = one.decodeStream();
    const { ids } = await one.encode('Once upon a time');
    const pieces = [];
    for (const id of ids) pieces.push(await stream.push(id));
    pieces.push(await stream.finish());
    stream.dispose();
    expect(pieces.join('')).toBe(await one.decode(ids));
  });

  it('says what it runs on', async () => {
    const { version, numericsVersion, threads, build, webgpu } = await entry.capabilities();
    const whole = await main.capabilities();
    expect({ version, numericsVersion, threads, build }).toEqual({
      version: whole.version, numericsVersion: whole.numericsVersion,
      threads: whole.threads, build: whole.build,
    });
    expect(webgpu).toEqual({ available: false, reason: 'tokenizers need none' });
  });

  it('refuses what the main entry refuses', async () => {
    const source = new TextEncoder().encode('{"model": {"type": "Nothing"}}');
    const error = await rejection(entry.loadTokenizer(source));
    expect(error).toBeInstanceOf(entry.RepriseError);
    expect(error).toEqual(await rejection(main.loadTokenizer(source)));
  });
});

it('keeps its tokenizers apart from the models of the main entry', async () => {
  await entry.configure({ log: false, threads: 1 });
  await main.configure({ log: false, threads: 1 });
  using tokenizer = await entry.loadTokenizer(storiesFile('tokenizer.json'));
  const read = (name: string) => readFileSync(storiesFile(name));
  expect(await rejection(main.loadModel(
    { 'config.json': read('config.json'), 'model.safetensors': read('model.safetensors') },
    { backend: 'cpu', tokenizer },
  ))).toMatchObject({ code: 'invalid_argument', argument: 'tokenizer' });
  await entry.shutdown();
  await main.shutdown();
});
