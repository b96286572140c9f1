// Resuming at any cursor equals never having stopped, for transformations nested at random.
import fc from 'fast-check';
import { configure, loadDataset, loadTokenizer, shutdown } from 'reprise';
import { afterAll, describe, expect, it } from 'vitest';
import { counting, datasetOf, numbers, stored } from '../testing/datasets.js';
import { rejection, storiesFile } from '../testing/material.js';
import type { Dataset, DatasetCursor, TokenRow } from '../types/dataset.js';

await configure({ threads: 1, log: false });
const tokenizer = await loadTokenizer(storiesFile('tokenizer.json'));
afterAll(async () => {
  tokenizer.dispose();
  await shutdown();
});

/** A transformation of whole numbers to whole numbers. */
type Step = (numbers: Dataset<number>) => Dataset<number>;

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value, i) => total + (i + 1) * value, 0);
/** A number that tells rows of tokens apart. */
const ofRow = ({ tokens, labels }: TokenRow): number =>
  tokens.length + 7 * sum(tokens) + (labels === undefined ? 0 : 1 + 3 * sum(labels));
const documentOf = (value: number): TokenRow => {
  const tokens = new Uint32Array(Math.abs(value) % 6).fill(Math.abs(value) % 1000);
  return value % 4 === 0 ? { tokens, labels: new Int32Array(tokens.length).fill(5) } : { tokens };
};

const seed = fc.nat(1000);
const small = fc.integer({ min: 1, max: 12 });
const always = (words: string, apply: Step) => fc.constant([words, apply] as const);
/** Each with its words, which a failure shows. */
const step: fc.Arbitrary<readonly [string, Step]> = fc.oneof(
  always('map', (d) => d.map((x, i) => x + 3 * i)),
  always('map async', (d) => d.map(async (x) => x + 1)),
  always('filter', (d) => d.filter((x, i) => (x + i) % 3 !== 0)),
  small.map((n) => [`take ${8 * n}`, (d: Dataset<number>) => d.take(8 * n)] as const),
  small.map((n) => [`skip ${n}`, (d: Dataset<number>) => d.skip(n)] as const),
  small.map((n) => [`concat ${n}`, (d: Dataset<number>) => d.concat(counting(n), d.take(3))] as const),
  fc.tuple(seed, small).map(([s, n]) => [`interleave ${s} ${n}`, (d: Dataset<number>) =>
    d.interleave([counting(9 * n).map((x) => -x)], { weights: [n, 5], seed: s })] as const),
  seed.map((s) => [`shuffle ${s}`, (d: Dataset<number>) => d.shuffle(s)] as const),
  fc.tuple(seed, small).map(([s, n]) =>
    [`shuffle ${s} window ${n}`, (d: Dataset<number>) => d.shuffle(s, { window: n })] as const),
  fc.integer({ min: 0, max: 3 }).map((n) =>
    [`repeat ${n}`, (d: Dataset<number>) => d.repeat(n)] as const),
  always('repeat for ever, take 90', (d) => d.repeat().take(90)),
  always('cache', (d) => d.cache()),
  fc.tuple(small, fc.boolean()).map(([n, dropLast]) => [`batch ${n} ${dropLast}`,
    (d: Dataset<number>) => d.batch(n, { dropLast }).map((list) => sum(list as number[]))] as const),
  fc.tuple(small, fc.boolean(), fc.constantFrom('drop', 'pad'), fc.boolean()).map(
    ([n, acrossDocuments, last, hasEos]) => [
      `pack ${n} ${acrossDocuments} ${last} ${hasEos}`,
      (d: Dataset<number>) => d.map(documentOf)
        .pack(n, { acrossDocuments, last, padId: 3, ...(hasEos ? { eos: 9 } : {}) }).map(ofRow),
    ] as const),
  always('tokenize', (d) =>
    d.map((x) => ({ text: `Lily saw ${x} birds` })).tokenize(tokenizer, 'text').map(ofRow)),
);

interface Pipeline {
  readonly words: readonly string[];
  readonly make: () => Dataset<number>;
}

const pipeline: fc.Arbitrary<Pipeline> =
  fc.tuple(fc.oneof(fc.nat(12), fc.nat(200)), fc.array(step, { maxLength: 5 })).map(([count, steps]) => ({
    words: [`${count} rows`, ...steps.map(([words]) => words)],
    make: () => steps.reduce((dataset, [, apply]) => apply(dataset), counting(count)),
  }));

/** What is left behind a cursor, of a dataset made anew, and what it dropped in all. */
async function rest(make: () => Dataset<number>, from: DatasetCursor) {
  const iterator = make().iterate({ from: stored(from) });
  const items: number[] = [];
  for await (const item of iterator) items.push(item);
  return { items, dropped: iterator.dropped() };
}

describe('a cursor', () => {
  it('goes on as if nothing had stopped', async () => {
    await fc.assert(fc.asyncProperty(
      pipeline, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      async ({ make }, cuts) => {
        const iterator = make().iterate();
        const items: number[] = [];
        const cursors: DatasetCursor[] = [];
        for await (const item of iterator) {
          items.push(item);
          if (items.length % 5 === 0 || items.length < 8) cursors.push(stored(iterator.cursor()));
        }
        cursors.push(iterator.cursor());
        const dropped = iterator.dropped();
        for (const cut of cuts) {
          const cursor = cursors[Math.floor(cut * (cursors.length - 1))] as DatasetCursor;
          expect(await rest(make, cursor))
            .toEqual({ items: items.slice(cursor.position), dropped });
          // And from a cursor behind that one, of the iteration that went on.
          const second = make().iterate({ from: cursor });
          expect(second.cursor()).toEqual(cursor);
          for (let n = 0; n < 70 && (await second.next()).done !== true;) n++;
          const { position } = second.cursor();
          expect(position).toBe(Math.min(cursor.position + 70, items.length));
          expect((await rest(make, second.cursor())).items).toEqual(items.slice(position));
        }
      }), { numRuns: 250 });
  }, 300_000);

  it('counts what a shuffle left out behind its last item, and what texts that are ready left out', async () => {
    const shuffled = () => counting(36).batch(7, { dropLast: true }).shuffle(0).take(3);
    const texts = () => counting(36).batch(7, { dropLast: true }).repeat().map(String)
      .tokenize(tokenizer).take(60);
    for (const make of [shuffled, texts] as (() => Dataset<unknown>)[]) {
      const iterator = make().iterate();
      const cursors: DatasetCursor[] = [];
      for await (const _ of iterator) cursors.push(iterator.cursor());
      for (const cursor of cursors) {
        const again = make().iterate({ from: stored(cursor) });
        for await (const _ of again);
        expect(again.dropped()).toEqual(iterator.dropped());
      }
    }
  });

  it('of tokenized and packed texts goes on however the bytes come', async () => {
    const lines = numbers(2000).map((n) => `{"text":"Lily saw ${n} birds"}\n`).join('');
    const inPieces = (size: number) => {
      const bytes = new TextEncoder().encode(lines);
      let at = 0;
      return loadDataset(new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at < bytes.length) controller.enqueue(bytes.slice(at, at += size));
          else controller.close();
        },
      }), { format: 'jsonl' });
    };
    for (const [one, other] of [[1 << 20, 1000], [1000, 1 << 20]] as const) {
      for (const make of [
        async (size: number) => (await inPieces(size)).tokenize(tokenizer, 'text'),
        async (size: number) => (await inPieces(size)).tokenize(tokenizer, 'text').pack(32, { eos: 1 }),
      ]) {
        const iterator = (await make(one)).iterate();
        const rows: TokenRow[] = [];
        const cursors: DatasetCursor[] = [];
        for await (const row of iterator) {
          rows.push(row);
          if (rows.length % 190 === 0) cursors.push(stored(iterator.cursor()));
        }
        for (const cursor of cursors) {
          const rest: TokenRow[] = [];
          for await (const row of (await make(other)).iterate({ from: cursor })) rest.push(row);
          expect(rest).toEqual(rows.slice(cursor.position));
        }
      }
    }
  });

  it('counts what a cache left out up to its item, whoever has read on', async () => {
    const make = () => counting(2).map(documentOf).pack(2, { last: 'drop', eos: 9 }).map(ofRow)
      .cache().repeat().take(90);
    const iterator = make().iterate();
    const cursors: DatasetCursor[] = [];
    for await (const _ of iterator) cursors.push(iterator.cursor());
    for (const cursor of cursors) {
      expect((await rest(make, cursor)).dropped).toEqual(iterator.dropped());
    }
  });

  it('behind the last item of a windowed shuffle counts what was left out behind it', async () => {
    const make = () => counting(4).map(documentOf).pack(3, { acrossDocuments: false, last: 'drop' }).map(ofRow)
      .shuffle(0, { window: 1 });
    const iterator = make().iterate();
    const items: number[] = [];
    for await (const item of iterator) items.push(item);
    expect(items).toHaveLength(1);
    expect(iterator.dropped()).toEqual({ rows: 0, tokens: 3 });
    expect(await rest(make, iterator.cursor())).toEqual({ items: [], dropped: iterator.dropped() });
  });

  it('is the place after the last item given, after an error and an abort too', async () => {
    for (const failsAt of [0, 1, 63, 64, 65, 150]) {
      let fails = true;
      const make = () => counting(200).shuffle(1, { window: 20 }).map((x, i) => {
        if (fails && i === failsAt) throw new Error('not now');
        return x;
      });
      const whole: number[] = [];
      const iterator = make().iterate();
      const error = await rejection((async () => {
        for await (const item of iterator) whole.push(item);
      })());
      expect(error).toMatchObject({ code: 'invalid_argument', row: failsAt });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      fails = false;
      expect(iterator.cursor().position).toBe(failsAt);
      expect([...whole, ...(await rest(make, iterator.cursor())).items]).toEqual(await make().rows());
    }
    const controller = new AbortController();
    const make = () => counting(200).map(async (x) => x).cache();
    const iterator = make().iterate({ signal: controller.signal });
    for (let i = 0; i < 70; i++) await iterator.next();
    const pending = iterator.next();
    controller.abort();
    expect(await rejection(pending)).toMatchObject({ code: 'aborted' });
    expect((await rest(make, iterator.cursor())).items[0]).toBe(70);
  });

  it('is refused by another dataset, and by what gave none such', async () => {
    const dataset = counting(9).map((x) => x + 1).batch(2);
    const iterator = dataset.iterate();
    expect(() => iterator.cursor()).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    await iterator.next();
    const from = iterator.cursor();
    expect(from).toEqual({
      version: 1, dataset: expect.stringMatching(/^[0-9a-f]{64}$/), position: 1,
      state: { of: { of: { index: 2, of: { at: 2 } }, index: 2, dropped: 0 }, skip: 0 },
    });
    for (const other of [
      counting(9).map((x) => x + 2).batch(2), counting(8).map((x) => x + 1).batch(2),
      counting(9).map((x) => x + 1).batch(3),
    ]) {
      expect(await rejection(other.iterate({ from }).next())).toMatchObject({
        code: 'hash_mismatch', argument: 'from', found: from.dataset,
      });
    }
    const refused = async (change: object) =>
      dataset.iterate({ from: { ...from, ...change } as DatasetCursor }).next();
    expect(await rejection(refused({ version: 2 }))).toMatchObject({ code: 'unsupported' });
    for (const change of [
      { position: -1 }, { dataset: 1 }, { state: null }, { state: { of: 5, skip: 0 } },
      { state: { of: { of: { index: 'x', of: null }, index: 0, dropped: 0 }, skip: 0 } }, { more: 1 },
    ]) {
      expect(await rejection(refused(change))).toMatchObject({ code: 'invalid_argument' });
    }
    await iterator.return();
  });

  it('is refused where it stands behind the end of what is there now', async () => {
    const named = (count: number) => datasetOf(numbers(count), 'the same');
    // What makes a dataset, and how many rows must be there at a cursor.
    const cases: readonly (readonly [(count: number) => Dataset<number>, (from: DatasetCursor) => number])[] = [
      [(count) => named(count).map((x) => ({ text: `${x} birds` })).tokenize(tokenizer, 'text').map(ofRow),
        ({ position }) => position],
      [(count) => named(count).shuffle(3, { window: 5 }),
        ({ state }) => (state as { of: { read: number } }).of.read],
      [(count) => named(count).shuffle(3), ({ position }) => position],
      [(count) => named(count).cache(), ({ position }) => position],
    ];
    for (const [make, needed] of cases) {
      const iterator = make(60).iterate();
      for (let given = 1; given <= 40; given++) {
        await iterator.next();
        if (given % 10 !== 0) continue;
        const from = stored(iterator.cursor());
        expect((await make(60).iterate({ from }).next()).done).toBe(false);
        for (let count = 0; count < needed(from); count++) {
          expect(await rejection(make(count).iterate({ from }).next()))
            .toMatchObject({ code: 'invalid_argument', argument: 'from.state' });
        }
      }
    }
  });

  it('is there before and during a next, and after a break', async () => {
    const dataset = datasetOf(['a', 'b', 'c', 'd']);
    const iterator = dataset.iterate();
    await iterator.next();
    const pending = iterator.next();
    expect(iterator.cursor().position).toBe(1);
    await pending;
    for await (const item of iterator) {
      expect(item).toBe('c');
      break;
    }
    expect(iterator.cursor()).toMatchObject({ position: 3, state: { of: { at: 3 }, skip: 0 } });
    const again = dataset.iterate({ from: iterator.cursor() });
    expect(await again.next()).toEqual({ done: false, value: 'd' });
  });
});
