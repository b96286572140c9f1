// From texts to batches of token ids: tokenize, pack, batch.
import fc from 'fast-check';
import { configure, loadTokenizer, shutdown } from 'reprise';
import { afterAll, describe, expect, it } from 'vitest';
import { counting, datasetOf, numbers } from '../testing/datasets.js';
import { expectNothingAlive, rejection, storiesFile } from '../testing/material.js';
import type { PackOptions, TokenRow } from '../types/dataset.js';

await configure({ threads: 1, log: false });
const tokenizer = await loadTokenizer(storiesFile('tokenizer.json'));
afterAll(async () => {
  tokenizer.dispose();
  await expectNothingAlive();
  await shutdown();
});

const row = (...tokens: number[]): TokenRow => ({ tokens: Uint32Array.from(tokens) });
const rowsOf = (...lists: number[][]) => datasetOf(lists.map((list) => row(...list)), String(lists));
const tokensOf = (rows: readonly TokenRow[]) => rows.map(({ tokens }) => [...tokens]);

describe('tokenize', () => {
  const texts = numbers(700).map((i) =>
    `Once upon a time there were ${i} ${'very '.repeat(i % 7)}old trees.`);

  it('encodes as encodeBatch does, in order', async () => {
    const ids = (await tokenizer.encodeBatch(texts)).map((encoding) => [...encoding.ids]);
    expect(tokensOf(await datasetOf(texts).tokenize(tokenizer).rows())).toEqual(ids);
    const ofField = datasetOf(texts.map((story) => ({ story }))).tokenize(tokenizer, 'story');
    expect(tokensOf(await ofField.rows())).toEqual(ids);
    expect(ofField.length).toBe(700);
  });

  it('takes options of encoding, and counts what truncation removes', async () => {
    const options = { addSpecialTokens: true, truncation: { maxLength: 5 } };
    const encodings = await tokenizer.encodeBatch(texts.slice(0, 20), options);
    expect(await datasetOf(texts).take(20).tokenize(tokenizer, undefined, options).rows())
      .toEqual(encodings.map(({ ids, removed }) => ({ tokens: ids, removed })));
    const of = datasetOf(texts);
    for (const wrong of [
      { padding: { length: 4 } }, { offsets: true }, { truncation: { maxLength: -1 } },
    ]) {
      expect(() => of.tokenize(tokenizer, undefined, wrong as never))
        .toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    }
  });

  it('gives what comes before a row without a text, and names that row', async () => {
    const mixed = datasetOf([...texts.slice(0, 300), null, 'more']);
    const iterator = mixed.tokenize(tokenizer).iterate();
    let given = 0;
    const error = await rejection((async () => {
      for await (const _ of iterator) given++;
    })());
    expect(error).toMatchObject({ code: 'invalid_argument', row: 300 });
    expect([given, iterator.cursor().position]).toEqual([300, 300]);
    const rows = datasetOf([{ text: 'a' }, { txt: 'b' }]);
    expect(await rejection(rows.tokenize(tokenizer, 'text').rows())).toMatchObject({ row: 1 });
    expect(await rejection(rows.tokenize(tokenizer).rows())).toMatchObject({ row: 0 });
  });

  it('ends with disposed where its tokenizer is', async () => {
    const other = await loadTokenizer(storiesFile('tokenizer.json'));
    const tokenized = datasetOf(texts).tokenize(other);
    other.dispose();
    expect(await rejection(tokenized.rows())).toMatchObject({ code: 'disposed' });
  });
});

describe('pack', () => {
  it('cuts documents in order into rows of one length', async () => {
    const documents = rowsOf([1, 2, 3], [], [4], [5, 6, 7, 8, 9, 10]);
    expect(tokensOf(await documents.pack(4).rows())).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]);
    expect(tokensOf(await documents.pack(4, { eos: 0 }).rows()))
      .toEqual([[1, 2, 3, 0], [0, 4, 0, 5], [6, 7, 8, 9]]);
    expect(await documents.pack(4, { last: 'pad', padId: 99 }).skip(2).rows()).toEqual([
      { tokens: Uint32Array.of(9, 10, 99, 99), labels: Int32Array.of(9, 10, -100, -100) },
    ]);
    const apart = documents.pack(4, { acrossDocuments: false, last: 'pad' });
    expect(tokensOf(await apart.rows()))
      .toEqual([[1, 2, 3, 0], [4, 0, 0, 0], [5, 6, 7, 8], [9, 10, 0, 0]]);
    expect(tokensOf(await documents.pack(4, { acrossDocuments: false }).rows())).toEqual([[5, 6, 7, 8]]);
  });

  it('keeps labels beside their tokens', async () => {
    const documents = datasetOf([
      row(1, 2), { tokens: Uint32Array.of(3, 4), labels: Int32Array.of(-100, 7) }, row(5, 6, 7, 8),
    ], 'labelled');
    expect(await documents.pack(3, { eos: 9 }).rows()).toEqual([
      row(1, 2, 9), { tokens: Uint32Array.of(3, 4, 9), labels: Int32Array.of(-100, 7, 9) },
      row(5, 6, 7),
    ]);
  });

  it('loses no token but those it counts', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 12 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.constantFrom('drop' as const, 'pad' as const),
      fc.boolean(),
      async (documents, length, acrossDocuments, last, hasEos) => {
        const options: PackOptions = { acrossDocuments, last, padId: 0, eos: hasEos ? 1000 : undefined };
        const iterator = rowsOf(...documents).pack(length, options).iterate();
        const rows: TokenRow[] = [];
        for await (const packed of iterator) rows.push(packed);
        for (const { tokens } of rows) expect(tokens.length).toBe(length);
        const wanted = documents.map((tokens) => (hasEos ? [...tokens, 1000] : tokens));
        // By document or all as one: whole rows, then the rest.
        const runs = acrossDocuments ? [wanted.flat()] : wanted;
        const kept = runs.flatMap((run) =>
          (last === 'pad' ? run : run.slice(0, run.length - (run.length % length))));
        expect(tokensOf(rows).flat().filter((id) => id !== 0)).toEqual(kept);
        expect(iterator.dropped()).toEqual({ rows: 0, tokens: wanted.flat().length - kept.length });
        if (acrossDocuments || last === 'pad') {
          expect(rows).toHaveLength(runs.reduce((sum, run) => sum +
            Math[last === 'pad' ? 'ceil' : 'floor'](run.length / length), 0));
        }
      }), { numRuns: 100 });
  });

  it('packs texts as it packs their rows, from any cursor', async () => {
    const texts = numbers(700).map((i) => `${i} trees ${'grew '.repeat(i % 5)}`.repeat(i % 3));
    const wanted = await datasetOf(await datasetOf(texts).tokenize(tokenizer).rows(), 'rows')
      .pack(64, { eos: 1, last: 'pad' }).rows();
    const packed = datasetOf(texts).tokenize(tokenizer).pack(64, { eos: 1, last: 'pad' });
    const iterator = packed.iterate();
    const cursors = [];
    const rows: TokenRow[] = [];
    for await (const one of iterator) {
      rows.push(one);
      cursors.push(iterator.cursor());
    }
    expect(rows).toEqual(wanted);
    for (const at of [0, 1, 5, 40, rows.length - 2, rows.length - 1]) {
      const rest = [];
      for await (const one of packed.iterate({ from: cursors[at] })) rest.push(one);
      expect(rest).toEqual(wanted.slice(at + 1));
    }
  });

  it('takes a tokenizer that is not of this package', async () => {
    const { hash } = tokenizer;
    const other = {
      hash, encodeBatch: (texts: string[]) => tokenizer.encodeBatch(texts),
    } as unknown as typeof tokenizer;
    const texts = ['Once upon a time', '', 'there was a tree.'];
    expect(await datasetOf(texts).tokenize(other).rows())
      .toEqual(await datasetOf(texts).tokenize(tokenizer).rows());
  });

  it('refuses what is no row of tokens', async () => {
    expect(await rejection(counting(3).pack(2).rows())).toMatchObject({ code: 'invalid_argument', row: 0 });
    const short = datasetOf([row(1), { ...row(1, 2), labels: Int32Array.of(1) }], 'short');
    expect(await rejection(short.pack(2).rows())).toMatchObject({ code: 'invalid_argument', row: 1 });
  });
});

describe('batch', () => {
  it('joins token rows to one array with its shape', async () => {
    const batches = await rowsOf([1, 2], [3, 4], [5, 6]).batch(2).rows();
    expect(batches).toEqual([
      { tokens: Uint32Array.of(1, 2, 3, 4), shape: [2, 2] },
      { tokens: Uint32Array.of(5, 6), shape: [1, 2] },
    ]);
    const iterator = rowsOf([1, 2], [3, 4], [5, 6]).batch(2, { dropLast: true }).iterate();
    let count = 0;
    for await (const { shape } of iterator) count += shape[0];
    expect([count, iterator.dropped()]).toEqual([2, { rows: 1, tokens: 0 }]);
  });

  it('pads to a length or the longest, with labels that count nowhere', async () => {
    const rows = rowsOf([1, 2, 3], [4], [5, 6]);
    expect(await rows.batch(2, { padTo: 'longest', padId: 9 }).rows()).toEqual([
      {
        tokens: Uint32Array.of(1, 2, 3, 4, 9, 9), labels: Int32Array.of(1, 2, 3, 4, -100, -100),
        shape: [2, 3],
      },
      { tokens: Uint32Array.of(5, 6), shape: [1, 2] },
    ]);
    expect(await rows.skip(1).batch(1, { padTo: 2 }).rows()).toEqual([
      { tokens: Uint32Array.of(4, 0), labels: Int32Array.of(4, -100), shape: [1, 2] },
      { tokens: Uint32Array.of(5, 6), shape: [1, 2] },
    ]);
  });

  it('names the row that does not fit', async () => {
    const rows = rowsOf([1, 2], [3, 4], [5, 6], [7]);
    expect(await rejection(rows.batch(2).rows())).toMatchObject({ code: 'invalid_argument', row: 3 });
    expect(await rejection(rows.batch(2, { padTo: 1 }).rows())).toMatchObject({ row: 0 });
    expect(await rejection(counting(3).batch(2, { padTo: 4 }).rows())).toMatchObject({ row: 0 });
    const mixed = datasetOf<unknown>([row(1), row(2), row(3), 5], 'mixed');
    expect(await rejection(mixed.batch(2).rows())).toMatchObject({ row: 3 });
  });

  it('makes lists of other rows', async () => {
    expect(await counting(5).batch(2).rows()).toEqual([[0, 1], [2, 3], [4]]);
  });
});
