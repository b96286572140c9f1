// A full permutation of a sequence.
import { isInteger, isObject } from '../options.js';
import type { DroppedCounts } from '../types/dataset.js';
import { checkPermutable, permutation } from './draws.js';
import {
  type Context, droppedOf, ended, type Items, type JsonValue, lostPlace, nothingDropped, readState,
  type Sequence,
} from './sequence.js';

/** Items that are picked together from a source that can. */
const pickedAtOnce = 256;

/** Items by index, all of which are there or can be reached. */
interface Pool<T> {
  readonly count: number;
  at(indices: Uint32Array): Promise<readonly T[]> | readonly T[];
}

/** All items of a sequence. Of what can be picked from, only the order is kept in memory. */
async function poolOf<T>(
  of: Sequence<T>, context: Context, opened: (items: Items<T>) => void,
): Promise<Pool<T>> {
  const { length } = of;
  if (of.pick !== undefined && length !== undefined) {
    checkPermutable(length);
    return { count: length, at: (indices) => of.pick?.(indices, context) ?? [] };
  }
  const items = of.open(undefined, context);
  opened(items);
  const all: T[] = [];
  for (let got = await items.next(); got.done !== true; got = await items.next()) {
    all.push(got.value);
    checkPermutable(all.length);
    if (context.pace.isDue) await context.pace.rest();
  }
  await items.close();
  return { count: all.length, at: (indices) => Array.from(indices, (index) => all[index] as T) };
}

/** The items in the order of the permutation that seed and epoch draw of them. */
export function shuffle<T>(of: Sequence<T>, seed: number): Sequence<T> {
  return {
    identity: { op: 'shuffle', seed, of: of.identity },
    length: of.length,
    open: (state, context) => new Shuffled(of, seed, state, context),
  };
}

interface ShuffleState {
  readonly given: number;
  /** What the input left out, for whoever asks for no item any more. */
  readonly dropped: DroppedCounts & JsonValue;
}

class Shuffled<T> implements Items<T> {
  readonly #of: Sequence<T>;
  readonly #seed: number;
  readonly #context: Context;
  #given: number;
  readonly #before: DroppedCounts;
  #input: Items<T> | undefined;
  #pool: Pool<T> | undefined;
  #order: Uint32Array = new Uint32Array();
  #block: readonly T[] = [];
  /** The place of the block's first item. */
  #first = 0;

  constructor(of: Sequence<T>, seed: number, state: JsonValue | undefined, context: Context) {
    this.#of = of;
    this.#seed = seed;
    this.#context = context;
    const read = readState<ShuffleState>(state, { given: isInteger(0), dropped: isObject });
    this.#given = read?.given ?? 0;
    this.#before = read?.dropped ?? nothingDropped;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const { epoch, signal } = this.#context;
    if (this.#pool === undefined) {
      const pool = await poolOf(this.#of, this.#context, (items) => {
        this.#input = items;
      });
      this.#order = await permutation(this.#seed, epoch, pool.count, signal);
      if (this.#given > pool.count) throw lostPlace();
      this.#pool = pool;
    }
    if (this.#given >= this.#order.length) return ended;
    if (this.#given >= this.#first + this.#block.length || this.#block.length === 0) {
      this.#first = this.#given;
      this.#block = await this.#pool.at(
        this.#order.subarray(this.#first, this.#first + pickedAtOnce));
    }
    return { done: false, value: this.#block[this.#given++ - this.#first] as T };
  }

  state(): JsonValue {
    return { given: this.#given, dropped: { ...this.dropped() } };
  }

  dropped(): DroppedCounts {
    return this.#input === undefined ? this.#before : droppedOf(this.#input);
  }

  async close(): Promise<void> {
    await this.#input?.close();
  }
}
