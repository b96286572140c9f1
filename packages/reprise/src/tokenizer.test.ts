// Tokenizers through the package; what they compute is tested in the core.
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { configure, loadTokenizer, shutdown } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAbortOfBatch, expectNothingAlive, rejection, root } from './testing/material.js';

const folder = join(root, 'fixtures/tokenizers');
const strings = JSON.parse(readFileSync(join(folder, 'strings.json'), 'utf8')) as string[];
type Expected = {
  ids: number[][]; ids_special: number[][]; decoded: string[]; decoded_skip: string[];
};

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
      expect(await tokenizer.encode(strings[i] as string)).toEqual({ ids, removed: 0 });
      expect(await tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(expected.decoded[i]);
    }
    const lists = special.map(({ ids }) => ids);
    expect(await tokenizer.decodeBatch(lists, { skipSpecialTokens: false }))
      .toEqual(expected.decoded);
    expect(await tokenizer.decodeBatch(lists)).toEqual(expected.decoded_skip);
  });

  it('tells where tokens stand, in UTF-16 units and in bytes', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const text = 'Fünf\ud800 🙂 stories';
    const bytes = new TextEncoder().encode(text);
    const { ids, offsets } = await tokenizer.encode(text, { offsets: true });
    const places = Array.from(ids, (_, i) => [
      text.slice(offsets?.utf16[2 * i], offsets?.utf16[2 * i + 1]),
      new TextDecoder().decode(bytes.subarray(offsets?.bytes[2 * i], offsets?.bytes[2 * i + 1])),
    ] as const);
    for (const [utf16, utf8] of places) expect(utf8).toBe(utf16.replaceAll('\ud800', '\ufffd'));
    expect(places[0]?.[0]).toBe('F');
    expect(places.map(([utf16]) => utf16)).toContain('ü');
    expect(places.some(([utf16]) => utf16.endsWith('🙂'))).toBe(true);
    expect(offsets?.utf16.at(-1)).toBe(text.length);
    expect(offsets?.bytes.at(-1)).toBe(bytes.length);
    const [batched] = await tokenizer.encodeBatch([text], { offsets: true });
    expect(batched).toEqual({ ids, offsets, removed: 0 });
  });

  it('truncates, pads and masks', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const padToken = '<|endoftext|>';
    const pad = await tokenizer.tokenToId(padToken) as number;
    const texts = ['stories', 'stories and stories and stories'];
    const [short, long] = await tokenizer.encodeBatch(texts) as unknown as { ids: Uint32Array }[];
    const padded = await tokenizer.encodeBatch(texts, {
      padding: { length: 'longest', side: 'left', padToken, multipleOf: 4 }, offsets: true,
    });
    const length = Math.ceil((long?.ids.length ?? 0) / 4) * 4;
    for (const [i, { ids, attentionMask, offsets, removed }] of padded.entries()) {
      const plain = [...(i === 0 ? short : long)?.ids ?? []];
      const pads = length - plain.length;
      expect([...ids]).toEqual([...Array<number>(pads).fill(pad), ...plain]);
      expect([...attentionMask ?? []]).toEqual(
        [...Array<number>(pads).fill(0), ...plain.map(() => 1)]);
      expect(offsets?.bytes).toHaveLength(2 * length);
      expect(removed).toBe(0);
    }
    const cut = await tokenizer.encode(texts[1] as string, {
      truncation: { maxLength: 3, side: 'left' }, padding: { length: 5, padToken },
    });
    expect([...cut.ids]).toEqual([...long?.ids.slice(-3) ?? [], pad, pad]);
    expect([...cut.attentionMask ?? []]).toEqual([1, 1, 1, 0, 0]);
    expect(cut.removed).toBe((long?.ids.length ?? 0) - 3);
  });

  it('takes special tokens in the text as it is told', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const content = '<|endoftext|>';
    const id = await tokenizer.tokenToId(content);
    expect([...(await tokenizer.encode(content)).ids]).toEqual([id]);
    expect([...(await tokenizer.encode(content, { allowSpecial: [content] })).ids]).toEqual([id]);
    for (const allowSpecial of ['none', []] as const) {
      const { ids } = await tokenizer.encode(content, { allowSpecial });
      expect([...ids]).not.toContain(id);
    }
  });

  it('lists the vocabulary and gives the file back', async () => {
    const path = join(folder, 'gpt2-cut/tokenizer.json');
    using tokenizer = await loadTokenizer(path);
    const vocabulary = await tokenizer.vocabulary();
    const file = JSON.parse(readFileSync(path, 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    expect(vocabulary.size).toBe(tokenizer.vocabSize);
    for (const [token, id] of Object.entries(file.model.vocab)) {
      expect(vocabulary.get(token)).toBe(id);
    }
    for (const { id, content } of tokenizer.specialTokens) {
      expect(vocabulary.get(content)).toBe(id);
    }
    expect(Buffer.from(await tokenizer.save()).equals(readFileSync(path))).toBe(true);
    tokenizer.dispose();
    expect(await rejection(tokenizer.save())).toMatchObject({ code: 'disposed' });
    expect(await rejection(tokenizer.vocabulary())).toMatchObject({ code: 'disposed' });
  });

  it('keeps a byte order mark', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    const { ids } = await tokenizer.encode('\ufeffstories');
    expect(await tokenizer.decode(ids)).toBe('\ufeffstories');
    expect(await tokenizer.decodeBatch([ids])).toEqual(['\ufeffstories']);
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
    for (const [options, name] of [
      [{ offset: true }, 'offset'],
      [{ offsets: 1 }, 'offsets'],
      [{ allowSpecial: 'some' }, 'allowSpecial'],
      [{ allowSpecial: ['no such token'] }, 'allowSpecial'],
      [{ truncation: {} }, 'truncation.maxLength'],
      [{ truncation: { maxLength: -1 } }, 'truncation.maxLength'],
      [{ truncation: { maxLength: 3, stride: 1 } }, 'truncation.stride'],
      [{ truncation: { maxLength: 3, side: 'top' } }, 'truncation.side'],
      [{ padding: { side: 'left' } }, 'padding.length'],
      [{ padding: { length: 'short' } }, 'padding.length'],
      [{ padding: { length: 3 } }, 'padding.padToken'],
      [{ padding: { length: 3, padToken: 'no such token' } }, 'padding.padToken'],
      [{ padding: { length: 3, multipleOf: 0 } }, 'padding.multipleOf'],
    ] as const) {
      expect(await rejection(tokenizer.encode('a', options as never)))
        .toMatchObject({ ...argument, argument: name });
      expect(await rejection(tokenizer.encodeBatch(['a'], options as never)))
        .toMatchObject({ ...argument, argument: name });
    }
    expect(await rejection(tokenizer.encodeBatch(['a', 1 as never])))
      .toMatchObject({ ...argument, argument: 'texts[1]' });
    expect(await rejection(tokenizer.decode([1, 9_999_999])))
      .toMatchObject({ code: 'token_out_of_range', position: 1 });
    expect(await rejection(tokenizer.decodeBatch([[1], [1, 9_999_999]])))
      .toMatchObject({ code: 'token_out_of_range', argument: 'lists[1]' });
    expect(await rejection(tokenizer.decodeBatch([[1], ['a' as never]])))
      .toMatchObject({ ...argument, argument: 'lists[1][0]' });
    tokenizer.dispose();
    expect(await rejection(tokenizer.encode('a'))).toMatchObject({ code: 'disposed' });
  });

  it('tells progress and answers an abort in a batch', async () => {
    using tokenizer = await loadTokenizer(join(folder, 'gpt2-cut/tokenizer.json'));
    await expectAbortOfBatch((texts, options) => tokenizer.encodeBatch(texts, options));
  });
});
