// Training tokenizers through the package; what is trained is tested in the core.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configure, loadTokenizer, shutdown, trainTokenizer, type Progress } from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, root } from './testing/material.js';

const folder = join(root, 'fixtures/tokenizers/training');
const lines = readFileSync(join(folder, 'oz.txt'), 'utf8').split(/(?<=\n)/);
type Trained = { cases: { texts: string; options: string; sha256: string }[] };
const trained = JSON.parse(readFileSync(join(folder, 'trained.json'), 'utf8')) as Trained;
const cases = trained.cases.filter(({ texts, sha256 }) => texts === 'oz' && sha256 !== undefined);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* asyncLines(): AsyncGenerator<string> {
  for (const line of lines) yield line;
}

describe.each([['in-process', {}], ['in a worker', { worker: true }]])('%s', (_, options) => {
  beforeAll(() => configure({ threads: 1, log: false, ...options }));
  afterEach(expectNothingAlive);
  afterAll(shutdown);

  it.each(cases.slice(0, 3))('writes the file of Hugging Face: $options', async (one) => {
    const settings = JSON.parse(one.options) as Parameters<typeof trainTokenizer>[1];
    using tokenizer = await trainTokenizer(asyncLines(), settings);
    expect(tokenizer.hash).toBe(one.sha256);
    const file = await tokenizer.save();
    expect(sha256(file)).toBe(one.sha256);
    using loaded = await loadTokenizer(file);
    // Without the alphabet of bytes there are only the characters of the texts.
    const knowsAll = settings.initialAlphabet === undefined;
    const text = knowsAll ? 'Dorothy laughed; 🙂 überall.' : 'Dorothy laughed.';
    expect(await loaded.encode(text)).toEqual(await tokenizer.encode(text));
    expect(await loaded.decode((await loaded.encode(text)).ids)).toBe(text);
    expect(await loaded.save()).toEqual(file);
  });

  it('trains Unigram and tells its progress', async () => {
    const told: Progress[] = [];
    using tokenizer = await trainTokenizer(lines, {
      model: 'unigram', vocabSize: 500, specialTokens: ['<s>'],
      onProgress: (progress) => told.push(progress),
    });
    expect(tokenizer.vocabSize).toBe(500);
    expect(tokenizer.specialTokens).toEqual([{ id: 1, content: '<s>' }]);
    expect(await tokenizer.idToToken(0)).toBe('<unk>');
    const { ids } = await tokenizer.encode('Toto was not gray');
    expect(await tokenizer.decode(ids)).toBe('Toto was not gray');
    expect(told.filter(({ phase }) => phase === 'tokenize').at(-1))
      .toEqual({ phase: 'tokenize', done: lines.length, unit: 'rows' });
    const steps = told.filter(({ phase }) => phase === 'train');
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.every(({ unit, done, total }) => unit === 'steps' && done <= (total as number)))
      .toBe(true);
  });

  it('ends when it is aborted, also while it waits for a text', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'a text';
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        closed = true;
      }
    }
    const settings = { model: 'bpe', vocabSize: 300 } as const;
    const aborted = { code: 'aborted' };
    expect(await rejection(trainTokenizer(endless(), {
      ...settings, signal: AbortSignal.timeout(30),
    }))).toMatchObject(aborted);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    expect(await rejection(trainTokenizer(never, {
      ...settings, signal: AbortSignal.timeout(30),
    }))).toMatchObject(aborted);
    const stop = new AbortController();
    expect(await rejection(trainTokenizer(lines, {
      model: 'unigram', vocabSize: 500, signal: stop.signal,
      onProgress: ({ phase }) => phase === 'train' && stop.abort(),
    }))).toMatchObject(aborted);
  });

  it('refuses what cannot be trained, and passes on what the texts throw', async () => {
    const train = (texts: unknown, settings: unknown) =>
      rejection(trainTokenizer(texts as never, settings as never));
    const settings = { model: 'bpe', vocabSize: 300 };
    const argument = (name: string) => ({ code: 'invalid_argument', argument: name });
    expect(await train('text', settings)).toMatchObject(argument('texts'));
    expect(await train(['text', 5], settings)).toMatchObject(argument('texts[1]'));
    expect(await train([], settings)).toMatchObject(argument('texts'));
    expect(await train(['text'], { ...settings, model: 'gpt' })).toMatchObject(argument('model'));
    expect(await train(['text'], { model: 'bpe' })).toMatchObject(argument('vocabSize'));
    expect(await train(['text'], { ...settings, vocabSize: 200 }))
      .toMatchObject(argument('vocabSize'));
    expect(await train(['text'], { ...settings, specialTokens: ['a', 'a'] }))
      .toMatchObject(argument('specialTokens[1]'));
    expect(await train(['text'], { ...settings, dropout: 1 })).toMatchObject(argument('dropout'));
    const mistake = new Error('no more');
    function* broken(): Generator<string> {
      yield 'a text';
      throw mistake;
    }
    expect(await train(broken(), settings)).toBe(mistake);
  });
});
