// Metrics through the package, against counts of what `encode` gives. Their definitions are tested
// in the core.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configure, loadTokenizer, shutdown, type Tokenizer } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAbortOfBatch, expectNothingAlive, rejection, root, storiesFile } from './testing/material.js';

const folder = join(root, 'fixtures/tokenizers');
const strings = JSON.parse(readFileSync(join(folder, 'strings.json'), 'utf8')) as string[];
const gpt2 = join(folder, 'gpt2-cut/tokenizer.json');

/** What can be counted from outside. */
async function counted(tokenizer: Tokenizer, texts: readonly string[]) {
  const encodings = await tokenizer.encodeBatch(texts);
  const ids = encodings.flatMap((encoding) => [...encoding.ids]);
  const numbers = new Map<number, number>();
  for (const id of ids) numbers.set(id, (numbers.get(id) ?? 0) + 1);
  const shares = [...numbers.values()].map((count) => count / ids.length);
  const bitsPerToken = shares.reduce((bits, share) => bits - share * Math.log2(share), 0);
  const all = (count: (text: string) => number): number =>
    texts.reduce((sum, text) => sum + count(text), 0);
  // White_Space of Unicode has U+0085 more than \s, and U+FEFF less.
  const words = (text: string): number =>
    text.match(/(?:(?![\u0085])[\S\ufeff])+/gu)?.length ?? 0;
  const listed = [...numbers].sort(([a, many], [b, most]) => most - many || a - b).slice(0, 10);
  return {
    texts: texts.length,
    bytes: all((text) => new TextEncoder().encode(text).length),
    characters: all((text) => [...text].length),
    words: all(words),
    tokens: ids.length,
    used: numbers.size,
    bitsPerToken,
    mostFrequent: await Promise.all(listed.map(async ([id, count]) => (
      { id, token: await tokenizer.idToToken(id), count }))),
  };
}

describe.each([
  ['in-process', { threads: 1 }],
  ['in a worker', { threads: 1, worker: true }],
  ['on two threads', { threads: 2 }],
])('%s', (_, options) => {
  beforeAll(() => configure({ log: false, ...options }));
  afterEach(expectNothingAlive);
  afterAll(shutdown);

  it.each([gpt2, storiesFile('tokenizer.json')])('%s is measured as it encodes', async (file) => {
    using tokenizer = await loadTokenizer(file);
    const found = await tokenizer.metrics(strings);
    const { used, bitsPerToken, ...counts } = await counted(tokenizer, strings);
    expect(found).toMatchObject(counts);
    expect(found.coverage.vocabulary).toBe(used / tokenizer.vocabSize);
    expect(found.entropy.bitsPerToken).toBeCloseTo(bitsPerToken, 10);
    const most = Math.log2(tokenizer.vocabSize);
    expect(found.entropy.normalized).toBeCloseTo(bitsPerToken / most, 10);
    expect(found.fertility.tokensPerWord).toBe(counts.tokens / counts.words);
    expect(found.fertility.tokensPerCharacter).toBe(counts.tokens / counts.characters);
    expect(found.compression).toEqual({ bytesPerToken: counts.bytes / counts.tokens });
    expect(Object.keys(found.fertility.byScript)).toEqual(
      expect.arrayContaining(['Common', 'Han', 'Latin']));
    expect(found.longest).toHaveLength(10);
  });

  it('gives the same bits', async () => {
    using tokenizer = await loadTokenizer(gpt2);
    const { entropy } = await tokenizer.metrics(strings);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(entropy.bitsPerToken);
    expect(bytes.toString('hex')).toBe('401d67aabb0a9b1e');
  });

  it('knows what the vocabulary does not cover', async () => {
    using tokenizer = await loadTokenizer(storiesFile('tokenizer.json'));
    const { coverage, fertility, longest } = await tokenizer.metrics(['Once 日本', '日']);
    expect(coverage).toMatchObject({ text: 5 / 14, unknownTokens: 0, byteFallbackTokens: 9 });
    // The bytes, and the space put before the second text, which stands for its first character.
    expect(fertility.byScript.Han).toEqual({ tokensPerWord: 10 / 2, tokensPerCharacter: 10 / 3 });
    expect(longest.slice(0, 2)).toEqual([
      { id: 403, token: '▁Once' }, { id: 154, token: '<0x97>' },
    ]);
  });

  it('is all zero of nothing', async () => {
    using tokenizer = await loadTokenizer(gpt2);
    expect(await tokenizer.metrics([])).toEqual({
      texts: 0, bytes: 0, characters: 0, words: 0, tokens: 0,
      coverage: { text: 0, vocabulary: 0, unknownTokens: 0, byteFallbackTokens: 0 },
      entropy: { bitsPerToken: 0, normalized: 0 },
      fertility: { tokensPerWord: 0, tokensPerCharacter: 0, byScript: {} },
      compression: { bytesPerToken: 0 },
      longest: [], mostFrequent: [],
    });
  });

  it('refuses what it cannot take', async () => {
    const tokenizer = await loadTokenizer(gpt2);
    const wrong: [unknown, unknown, string][] = [
      ['text', {}, 'texts'], [['a', 1], {}, 'texts[1]'], [['a'], { signals: 1 }, 'signals'],
    ];
    for (const [texts, given, argument] of wrong) {
      expect(await rejection(tokenizer.metrics(texts as string[], given as object)))
        .toMatchObject({ code: 'invalid_argument', fields: { argument } });
    }
    tokenizer.dispose();
    expect(await rejection(tokenizer.metrics(['a']))).toMatchObject({ code: 'disposed' });
  });

  it('tells progress, answers an abort and works again after it', async () => {
    using tokenizer = await loadTokenizer(gpt2);
    await expectAbortOfBatch((texts, options) => tokenizer.metrics(texts, options));
    expect((await tokenizer.metrics(['Once'])).tokens).toBeGreaterThan(0);
  });
});
