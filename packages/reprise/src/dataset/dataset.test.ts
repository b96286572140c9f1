// Transformations against what arrays do; order, errors, aborts and progress.
import fc from 'fast-check';
import { configure, liveCounts, type Progress, shutdown } from 'reprise';
import { afterAll, describe, expect, it } from 'vitest';
import { counting, datasetOf, numbers, SequenceDataset } from '../testing/datasets.js';
import { rejection } from '../testing/material.js';
import type { Dataset, DatasetSchema } from '../types/dataset.js';
import type { Sequence } from './sequence.js';

await configure({ threads: 1, log: false });
afterAll(shutdown);

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const invalid = (more: object = {}) => expect.objectContaining({ code: 'invalid_argument', ...more });

/** A source that tells whether it is open, and never ends. */
function endless(from = 0): { dataset: Dataset<number>; closed: () => number; read: () => number } {
  let closed = 0;
  let read = 0;
  const sequence: Sequence<number> = {
    identity: 'endless',
    open: () => ({
      next: async () => ({ done: false, value: from + read++ }),
      state: () => read,
      close: async () => {
        closed++;
      },
    }),
  };
  return {
    dataset: new SequenceDataset({ sequence }), closed: () => closed, read: () => read,
  };
}

describe('transformations', () => {
  it('give what arrays give', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.integer()), fc.nat(8), fc.nat(8), fc.integer({ min: 1, max: 5 }),
      async (rows, count, more, size) => {
        const of = datasetOf(rows);
        expect(await of.map((x, i) => [x, i]).rows()).toEqual(rows.map((x, i) => [x, i]));
        expect(await of.filter((x, i) => (x + i) % 2 === 0).rows())
          .toEqual(rows.filter((x, i) => (x + i) % 2 === 0));
        expect(await of.take(count).rows()).toEqual(rows.slice(0, count));
        expect(await of.skip(count).take(more).rows()).toEqual(rows.slice(count, count + more));
        expect(await of.concat(of.take(count), of).rows())
          .toEqual([...rows, ...rows.slice(0, count), ...rows]);
        expect(await of.repeat(count).rows()).toEqual(numbers(count).flatMap(() => rows));
        expect(await of.batch(size).rows()).toEqual(numbers(Math.ceil(rows.length / size))
          .map((i) => rows.slice(i * size, (i + 1) * size)));
        expect(await of.batch(size, { dropLast: true }).rows())
          .toEqual(numbers(Math.floor(rows.length / size))
            .map((i) => rows.slice(i * size, (i + 1) * size)));
        for (const made of [
          of.take(count), of.skip(count), of.concat(of), of.repeat(count), of.batch(size),
          of.batch(size, { dropLast: true }), of.shuffle(1), of.cache(), of.map(String),
        ] as Dataset<unknown>[]) expect(made.length).toBe((await made.rows()).length);
      }), { numRuns: 60 });
  });

  it('map and filter in the order that they are called in', async () => {
    const of = counting(10);
    expect(await of.map((x) => x * 3).filter((x) => x % 2 === 0).rows()).toEqual([0, 6, 12, 18, 24]);
    expect(await of.filter((x) => x % 2 === 0).map((x) => x * 3).rows()).toEqual([0, 6, 12, 18, 24]);
    expect(await of.filter((x) => x > 6).map((x, i) => [x, i]).rows()).toEqual([[7, 0], [8, 1], [9, 2]]);
    expect(of.filter(() => true).length).toBeUndefined();
    expect('length' in of.filter(() => true)).toBe(false);
  });

  it('leave the dataset as it was', async () => {
    const of = counting(5);
    of.shuffle(1).map((x) => -x);
    expect(await of.rows()).toEqual([0, 1, 2, 3, 4]);
  });

  it('select and rename fields', async () => {
    const rows = [{ a: 1, b: 'x', __proto__x: 2 }, { b: 'y', a: 2, __proto__x: 3 }];
    const schema: DatasetSchema = {
      version: 1, text: 'b',
      fields: [{ name: 'a', type: 'int32' }, { name: 'b', type: 'string' }],
    };
    const { sequence } = datasetOf(rows) as InstanceType<typeof SequenceDataset<typeof rows[0]>>;
    const of = new SequenceDataset({ sequence, schema });
    const selected = of.select(['b', 'a']);
    expect(JSON.stringify(await selected.rows())).toBe('[{"b":"x","a":1},{"b":"y","a":2}]');
    expect(selected.schema?.fields.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(of.select(['a']).schema).toEqual({ version: 1, fields: [{ name: 'a', type: 'int32' }] });
    const renamed = of.rename({ b: '__proto__', a: 'b' });
    expect(Object.keys((await renamed.rows())[0] ?? {})).toEqual(['b', '__proto__', '__proto__x']);
    expect(renamed.schema)
      .toMatchObject({ text: '__proto__', fields: [{ name: 'b' }, { name: '__proto__' }] });
    expect(of.map((x) => x).schema).toBeUndefined();
    expect(of.concat(of).schema).toEqual(schema);
    expect(() => of.select(['c' as 'a'])).toThrow(invalid({ argument: 'fields', found: '"c"' }));
    expect(() => of.select(['a', 'a'])).toThrow(invalid());
    expect(() => of.rename({ c: 'd' })).toThrow(invalid({ argument: 'names' }));
    expect(() => of.rename({ a: 'b' })).toThrow(invalid({ argument: 'names' }));
    const plain = datasetOf<object>([...rows, { a: 3 }]) as Dataset<{ a: number; b: string }>;
    expect(await rejection(plain.select(['b']).rows())).toMatchObject({ code: 'invalid_argument', row: 2 });
    expect(await rejection(plain.rename({ a: 'b' }).rows())).toMatchObject({ row: 0 });
  });

  it('take closes its input with its last item, and reads nothing for none', async () => {
    const source = endless();
    const iterator = source.dataset.take(2).iterate();
    await iterator.next();
    expect(source.closed()).toBe(0);
    await iterator.next();
    expect([source.closed(), source.read()]).toEqual([1, 2]);
    const none = endless();
    expect(await none.dataset.take(0).rows()).toEqual([]);
    expect(none.read()).toBe(0);
  });

  it('repeat for ever, and end where there is nothing', async () => {
    expect(await counting(3).repeat().take(7).rows()).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(await counting(3).filter(() => false).repeat().rows()).toEqual([]);
  });
});

describe('shuffle', () => {
  it('is a permutation, another one each time and for each seed', async () => {
    await fc.assert(fc.asyncProperty(
      fc.nat(300), fc.nat(), fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
      async (count, seed, window) => {
        const shuffled = counting(count).shuffle(seed, { window });
        const rows = await shuffled.rows();
        expect(sorted(rows)).toEqual(numbers(count));
        expect(await counting(count).shuffle(seed, { window }).rows()).toEqual(rows);
        // An item comes less than a window too early.
        rows.forEach((x, i) => expect(x - i).toBeLessThan(window ?? Infinity));
        const twice = await shuffled.repeat(2).rows();
        expect(twice.slice(0, count)).toEqual(rows);
        expect(sorted(twice.slice(count))).toEqual(numbers(count));
        if (count > 20 && window !== 1) expect(twice.slice(count)).not.toEqual(rows);
      }), { numRuns: 60 });
    expect(await counting(20).shuffle(1).rows())
      .toEqual([3, 9, 0, 11, 16, 18, 8, 17, 7, 2, 1, 15, 10, 14, 13, 4, 12, 6, 19, 5]);
    expect(await counting(20).shuffle(1, { window: 5 }).rows())
      .toEqual([0, 1, 5, 6, 8, 4, 10, 11, 12, 9, 7, 14, 13, 17, 18, 16, 3, 19, 2, 15]);
  });

  it('permutes what is read one after the other as what is picked', async () => {
    const read = counting(600).filter(() => true).shuffle(7);
    expect(await read.rows()).toEqual(await counting(600).shuffle(7).rows());
  });

  it('is close to uniform: every item comes anywhere', async () => {
    const places = numbers(4).map(() => [0, 0, 0, 0]);
    for (let seed = 0; seed < 400; seed++) {
      const rows = await counting(4).shuffle(seed, seed % 2 === 0 ? {} : { window: 4 }).rows();
      rows.forEach((x, i) => (places[x] as number[])[i] = (places[x]?.[i] ?? 0) + 1);
    }
    // Binomial(400, 1/4) has a standard deviation of 8.7; five of them.
    for (const count of places.flat()) expect(Math.abs(count - 100)).toBeLessThan(44);
  });

  it('draws a long permutation in slices, and ends at an abort', async () => {
    // What can be picked from is not read.
    const shuffledOf = (count: number) => datasetOf(new Array<number>(count).fill(7), 'sevens').shuffle(1);
    /** Turns of the event loop before the first row. */
    const turnsOf = async (count: number) => {
      const iterator = shuffledOf(count).iterate();
      let turns = 0;
      let isOver = false;
      const turn = () => {
        turns++;
        if (!isOver) setImmediate(turn);
      };
      setImmediate(turn);
      expect(await iterator.next()).toEqual({ done: false, value: 7 });
      isOver = true;
      await iterator.return();
      return turns;
    };
    expect(await turnsOf(2 ** 21)).toBeGreaterThan(await turnsOf(4) + 5);

    const shuffled = shuffledOf(2 ** 21);
    const controller = new AbortController();
    const aborted = shuffled.iterate({ signal: controller.signal });
    const first = aborted.next();
    setTimeout(() => controller.abort(), 5);
    expect(await rejection(first)).toMatchObject({ code: 'aborted' });
    await expect.poll(async () => (await liveCounts()).handles).toBe(0);
  });

  it('draws a seed once where none is given', async () => {
    const shuffled = counting(50).shuffle();
    expect(await shuffled.rows()).toEqual(await shuffled.rows());
    expect(await counting(50).shuffle().rows()).not.toEqual(await shuffled.rows());
  });

  it('refuses more than 2^24 rows without a window', async () => {
    const { sequence } = counting(3) as InstanceType<typeof SequenceDataset<number>>;
    const long = new SequenceDataset({ sequence: { ...sequence, length: 2 ** 24 + 1 } });
    expect(() => long.shuffle(1)).toThrow(expect.objectContaining({
      code: 'unsupported', argument: 'window', expected: 2 ** 24, found: 2 ** 24 + 1,
    }));
    expect(() => long.shuffle(1, { window: 9 })).not.toThrow();
  });
});

describe('interleave', () => {
  it('draws by weight until the one drawn has ended', async () => {
    const [a, b] = [counting(3000), counting(3000).map((x) => -x - 1)];
    const rows = await a.interleave([b], { weights: [1, 3], seed: 5 }).rows();
    const negative = rows.filter((x) => x < 0);
    expect(negative).toEqual(numbers(3000).map((x) => -x - 1));
    expect(rows.filter((x) => x >= 0)).toEqual(numbers(rows.length - 3000));
    // Of 4,000 draws a quarter, with a standard deviation of 32.
    expect(Math.abs(rows.length - 4000)).toBeLessThan(160);
    expect(await a.interleave([b], { weights: [0, 1], seed: 5 }).rows()).toHaveLength(3000);
    const equal = await a.interleave([b, b], { seed: 1 }).take(3000).rows();
    expect(Math.abs(equal.filter((x) => x >= 0).length - 1000)).toBeLessThan(130);
  });
});

describe('cache', () => {
  it('computes each item once, for all iterations', async () => {
    let calls = 0;
    const cached = counting(100).shuffle(3).map((x) => {
      calls++;
      return x;
    }).cache();
    const first = cached.iterate();
    for (let i = 0; i < 10; i++) await first.next();
    const rows = await Promise.all([cached.rows(), cached.rows()]);
    await first.return();
    expect(rows[0]).toEqual(rows[1]);
    expect(await cached.repeat(2).rows()).toEqual([...rows[0], ...rows[0]]);
    expect(calls).toBe(100);
  });

  it('goes on after an abort, and after an error', async () => {
    const seen: number[] = [];
    let fails = true;
    const cached = counting(100).map((x) => {
      if (fails && x === 70) throw new Error('once');
      seen.push(x);
      return x;
    }).cache();
    for await (const x of cached) if (x === 20) break;
    expect(await rejection(cached.rows())).toMatchObject({ row: 70 });
    fails = false;
    expect(await cached.rows()).toEqual(numbers(100));
    expect(sorted([...new Set(seen)])).toEqual(numbers(100));
  });

  it('refuses to keep more than maxBytes', async () => {
    const rows = ['ab', 'cd', 'ef'];
    expect(await datasetOf(rows).cache({ maxBytes: 60 }).rows()).toEqual(rows);
    const error = await rejection(datasetOf(rows).cache({ maxBytes: 59 }).rows());
    expect(error).toMatchObject({ code: 'out_of_memory', needsBytes: 60, hasBytes: 59 });
  });
});

describe('iterations', () => {
  it('name the row where a function throws, with its cause', async () => {
    const cause = new TypeError('no such thing');
    const fail = (_: number, i: number): never => {
      if (i === 7) throw cause;
      return i as never;
    };
    for (const dataset of [
      counting(9).map(fail), counting(9).map(async (x, i) => fail(x, i)),
      counting(9).filter((x, i) => (fail(x, i) as number) >= 0), counting(9).map(fail).shuffle(1),
      counting(9).map(fail).batch(4),
    ] as Dataset<unknown>[]) {
      const error = await rejection(dataset.rows());
      expect(error).toMatchObject({ name: 'RepriseError', code: 'invalid_argument', row: 7, cause });
      expect((error as Error).message).toMatch(/^Row 7: .*no such thing/);
    }
    const nothing = counting(3).filter((() => undefined) as never);
    expect(await rejection(nothing.rows())).toMatchObject({ code: 'invalid_argument', row: 0 });
  });

  it('refuse unknown options and wrong kinds', () => {
    const of = counting(3);
    for (const call of [
      () => of.map(5 as never), () => of.filter('x' as never), () => of.take(-1), () => of.skip(1.5),
      () => of.repeat(-1), () => of.batch(0), () => of.batch(2, { drop: true } as never),
      () => of.batch(2, { padTo: 'most' as never }), () => of.pack(0),
      () => of.pack(4, { last: 'no' as never }),
      () => of.shuffle(-1), () => of.shuffle(2 ** 53), () => of.shuffle(1, { window: 0 }),
      () => of.interleave([of], { weights: [1] }), () => of.interleave([of], { weights: [0, 0] }),
      () => of.interleave([of], { weights: [1, Number.NaN] }), () => of.interleave(of as never),
      () => of.concat([1] as never), () => of.cache({ maxBytes: -1 }), () => of.select('a' as never),
      () => of.rename(5 as never), () => of.tokenize({} as never),
      () => of.iterate({ form: 1 } as never), () => of.iterate({ from: 1 as never }),
    ]) {
      expect(call).toThrow(invalid());
    }
  });

  it('close what is open when they are left', async () => {
    const source = endless();
    const other = endless();
    const dataset = source.dataset.map((x) => x).concat(other.dataset).filter(() => true).skip(1)
      .batch(2).cache();
    for await (const batch of dataset) {
      expect(batch).toEqual([1, 2]);
      break;
    }
    expect([source.closed(), other.closed()]).toEqual([1, 0]);
    const both = source.dataset.interleave([other.dataset], { seed: 1 });
    for await (const _ of both) break;
    expect([source.closed(), other.closed()]).toEqual([2, 1]);
  });

  it('end within 100 ms of an abort, whatever they do', async () => {
    const hanging = counting(3).map(() => new Promise<number>(() => undefined));
    for (const dataset of [
      endless().dataset.filter(() => false), counting(3).repeat().filter(() => false),
      counting(3).cache().repeat().skip(1e9), hanging, hanging.cache(), hanging.shuffle(1),
      endless().dataset.shuffle(1, { window: 2 ** 24 }), counting(1).repeat(1e9).batch(1e9),
    ] as Dataset<unknown>[]) {
      const controller = new AbortController();
      const rejected = rejection(dataset.rows({ signal: controller.signal }));
      let aborted = 0;
      setTimeout(() => {
        aborted = performance.now();
        controller.abort();
      }, 30);
      expect(await rejected).toMatchObject({ code: 'aborted' });
      expect(performance.now() - aborted).toBeLessThan(100);
    }
    expect(await rejection(counting(1).rows({ signal: AbortSignal.abort() })))
      .toMatchObject({ code: 'aborted' });
  });

  it('are answered in turn, and end where they are left', async () => {
    const iterator = counting(4).map(async (x) => x).iterate();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => iterator.next()));
    expect(answers.map(({ value }) => value)).toEqual([0, 1, 2, 3, undefined]);
    const hanging = counting(3).map(() => new Promise<number>(() => undefined)).iterate();
    const pending = hanging.next();
    expect(await hanging.return()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    await using left = counting(3).iterate();
    expect((await left.next()).value).toBe(0);
  });

  it('tell progress in rows, and end where that throws', async () => {
    const seen: Progress[] = [];
    const wait = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x), 20));
    await counting(10).map(wait).rows({ onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ phase: 'read', done: 10, total: 10, unit: 'rows' });
    const cause = new Error('enough');
    const iterator = counting(10).map(wait).iterate({
      onProgress: () => {
        throw cause;
      },
    });
    const items: number[] = [];
    expect(await rejection((async () => {
      for await (const item of iterator) items.push(item);
    })())).toMatchObject({ code: 'invalid_argument', argument: 'onProgress', cause });
    expect(iterator.cursor().position).toBe(items.length);
    const onProgress = () => {
      throw cause;
    };
    expect(await rejection(counting(1).rows({ onProgress }))).toMatchObject({ cause });
  });

  it('are disposed with what they are made of', async () => {
    const source = counting(5);
    const made = source.map((x) => x).batch(2);
    const iterator = made.iterate();
    await iterator.next();
    source.dispose();
    source.dispose();
    expect(await rejection(iterator.next())).toMatchObject({ code: 'disposed' });
    expect(() => made.iterate()).toThrow(expect.objectContaining({ code: 'disposed' }));
    expect(() => source.map((x) => x)).toThrow(expect.objectContaining({ code: 'disposed' }));
    using other = counting(5);
    made.dispose();
    expect(await other.rows()).toHaveLength(5);
  });
});
