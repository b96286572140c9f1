// An input whose place is cheap to say: by a state that is asked for now and then, and the items that
// came since. It stays right after a failure, where the input's own state does not.
import { isAnything, isInteger } from '../options.js';
import {
  type Context, droppedOf, inner, type Items, type JsonValue, lostPlace, readState, type Sequence,
  type TokenBlock,
} from './sequence.js';

/** Items between two marks, which are read again where somebody resumes. */
export const markEvery = 64;

/** The checks of such a place. */
export const markedPlace = { of: isAnything, skip: isInteger(0) };

/** The items of an input, from a place `{of, skip}`. */
export class Marked<T> implements Items<T> {
  readonly #items: Items<T>;
  #mark: JsonValue;
  /** Items given. */
  count = 0;
  /** Items that came since the mark. */
  #since = 0;
  /** Items behind the mark that somebody else was given. */
  #skip: number;

  constructor(of: Sequence<T>, state: JsonValue | undefined, context: Context) {
    const read = readState<{ of: JsonValue; skip: number }>(state, markedPlace);
    this.#mark = read?.of ?? null;
    this.#skip = read?.skip ?? 0;
    this.#items = of.open(inner(this.#mark), context);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (; this.#skip > 0; this.#skip--, this.#since++) {
      if ((await this.#items.next()).done === true) throw lostPlace();
    }
    this.#renew();
    const got = await this.#items.next();
    if (got.done !== true) this.#count();
    return got;
  }

  ready(): IteratorYieldResult<T> | undefined {
    if (this.#skip > 0) return undefined;
    this.#renew();
    const got = this.#items.ready?.();
    if (got !== undefined) this.#count();
    return got;
  }

  tokens(): TokenBlock | undefined {
    if (this.#skip > 0) return undefined;
    this.#renew();
    const block = this.#items.tokens?.();
    if (block !== undefined) this.#count(block.counts.length);
    return block;
  }

  /** Sets a mark where the last one is far. */
  #renew(): void {
    if (this.#since < markEvery) return;
    this.#mark = this.#items.state();
    this.#since = 0;
  }

  #count(items = 1): void {
    this.#since += items;
    this.count += items;
  }

  state(): JsonValue {
    return this.placeAfter(this.count);
  }

  /** The place after so many of the items given: all, or all but the last. */
  placeAfter(count: number): JsonValue {
    return { of: this.#mark, skip: this.#skip + this.#since - (this.count - count) };
  }

  dropped() {
    return droppedOf(this.#items);
  }

  close(): Promise<void> {
    return this.#items.close();
  }
}
