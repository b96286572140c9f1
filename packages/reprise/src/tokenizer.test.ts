// Tokenizers through the package; what they compute is tested in the core.
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { configure, loadTokenizer, shutdown } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, root } from './testing/material.js';

const folder = join(root, 'fixtures/tokenizers');
const strings = JSON.parse(readFileSync(join(folder, 'strings.json'), 'utf8')) as string[];
type Expected = { ids: number[][]; ids_special: number[][]; decoded: string[] };

describe.each([['in-process', {}], ['in a worker', { worker: true }]])('%s', (_, options) => {
  beforeAll(() => configure({ threads: 1, log: false, ...options }));
  afterEach(expectNothingAlive);
  afterAll(shutdown);

  it.each(['gpt2-cut', 'smollm-cut'])('%s encodes and decodes as expected', async (name) => {
    const read = (file: string) => readFileSync(join(folder, name, file));
    const expected = JSON.parse(read('expected.json').toString()) as Expected;
    using tokenizer = await loadTokenizer(join(folder, name, 'tokenizer.json'));
    expect(tokenizer.hash).toBe(createHash('sha256').update(read('tokenizer.json')).digest('hex'));
    const plain = await tokenizer.encodeBatch(strings);
    expect(plain.map(({ ids }) => [...ids])).toEqual(expected.ids);
    const special = await tokenizer.encodeBatch(strings, { addSpecialTokens: true });
    expect(special.map(({ ids }) => [...ids])).toEqual(expected.ids_special);
    for (const [i, { ids }] of plain.slice(0, 50).entries()) {
      expect(await tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(expected.decoded[i]);
    }
  });

  it('looks up tokens and decodes one at a time', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const text = 'Fünf 🙂 stories';
    const { ids } = await tokenizer.encode(text);
    using stream = tokenizer.decodeStream();
    let decoded = '';
    for (const id of ids) decoded += await stream.push(id);
    expect(decoded + await stream.finish()).toBe(text);
    const [first] = ids as unknown as [number];
    const token = await tokenizer.idToToken(first) as string;
    expect(await tokenizer.tokenToId(token)).toBe(first);
    expect(await tokenizer.tokenToId('no such token')).toBeUndefined();
    expect(await tokenizer.idToToken(9_999_999)).toBeUndefined();
    for (const { id, content } of tokenizer.specialTokens) {
      expect(await tokenizer.tokenToId(content)).toBe(id);
    }
  });

  it('takes a lone surrogate as U+FFFD', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const { ids } = await tokenizer.encode('a\ud800b');
    expect(await tokenizer.decode(ids)).toBe('a\ufffdb');
  });

  it('refuses what it cannot take', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const argument = { code: 'invalid_argument', name: 'RepriseError' };
    expect(await rejection(tokenizer.encode(5 as never))).toMatchObject(argument);
    expect(await rejection(tokenizer.encode('a', { offsets: true } as never)))
      .toMatchObject({ ...argument, argument: 'offsets' });
    expect(await rejection(tokenizer.encodeBatch(['a', 1 as never])))
      .toMatchObject({ ...argument, argument: 'texts[1]' });
    expect(await rejection(tokenizer.decode([1, 9_999_999])))
      .toMatchObject({ code: 'token_out_of_range' });
    tokenizer.dispose();
    expect(await rejection(tokenizer.encode('a'))).toMatchObject({ code: 'disposed' });
  });

  it('tells progress and answers an abort in a batch', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const texts = Array.from({ length: 20_000 }, (_, i) => `Story number ${i}. `.repeat(20));
    const controller = new AbortController();
    const seen: number[] = [];
    const error = await rejection(tokenizer.encodeBatch(texts, {
      signal: controller.signal,
      onProgress: ({ phase, done, total, unit }) => {
        expect([phase, total, unit]).toEqual(['tokenize', texts.length, 'rows']);
        seen.push(done);
        controller.abort();
      },
    }));
    expect(error).toMatchObject({ code: 'aborted' });
    expect(seen[0]).toBeLessThan(texts.length);
  });
});
