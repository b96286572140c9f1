// Keeps what was computed, for every later iteration.
import { repriseError } from '../errors.js';
import { isInteger } from '../options.js';
import type { DroppedCounts } from '../types/dataset.js';
import { Marked } from './marked.js';
import {
  type Context, droppedOf, ended, type Identity, type Items, type JsonValue, lostPlace, nothingDropped,
  Pace, readState, type Sequence,
} from './sequence.js';

/** A sequence whose items are computed once. Every time that it is repeated has the same ones, also
 * behind a shuffle: otherwise a later time could not be resumed at. */
export class Cache<T> implements Sequence<T> {
  readonly identity: Identity;
  readonly length: number | undefined;
  readonly #kept: Kept<T>;

  constructor(of: Sequence<T>, maxBytes: number) {
    // What is kept changes no item.
    this.identity = { op: 'cache', of: of.identity };
    this.length = of.length;
    this.#kept = new Kept(of, maxBytes);
  }

  open(state: JsonValue | undefined, { pace }: Context): Items<T> {
    let { at } = readState<{ at: number }>(state, { at: isInteger(0) }) ?? { at: 0 };
    const kept = this.#kept;
    let isAtEnd = false;
    const user = {};
    return {
      async next() {
        kept.users.add(user);
        while (at >= kept.items.length && !kept.isWhole) {
          await kept.more();
          if (pace.isDue) await pace.rest();
        }
        if (at < kept.items.length) return { done: false, value: kept.items[at++] as T };
        if (at > kept.items.length) throw lostPlace();
        isAtEnd = true;
        return ended;
      },
      state: () => ({ at }),
      dropped: () => (isAtEnd ? kept.dropped : kept.droppedBefore(at)),
      close: () => kept.leave(user),
    };
  }

  /** Forgets what was kept. */
  clear(): void {
    this.#kept.clear();
  }
}

/** What is kept, and the one reading of the input that all iterations share. */
class Kept<T> {
  readonly #of: Sequence<T>;
  readonly #maxBytes: number;
  readonly users = new Set<object>();
  items: T[] = [];
  isWhole = false;
  #bytes = 0;
  #input: Marked<T> | undefined;
  #leave = new AbortController();
  /** Items that were kept when the input was opened. */
  #before = 0;
  /** Where the input goes on. */
  #place: JsonValue | undefined;
  #dropped: DroppedCounts = nothingDropped;
  /** What had been left out when so many items were kept, where that changed. */
  #drops: { readonly items: number; readonly dropped: DroppedCounts }[] = [];
  #reading: Promise<void> | undefined;

  constructor(of: Sequence<T>, maxBytes: number) {
    this.#of = of;
    this.#maxBytes = maxBytes;
  }

  /** What was left out so far. */
  get dropped(): DroppedCounts {
    return this.#input === undefined ? this.#dropped : droppedOf(this.#input);
  }

  /** What had been left out when the item before this place came, whoever has read on since. */
  droppedBefore(at: number): DroppedCounts {
    const known = this.#drops.filter(({ items }) => items <= at);
    return known.at(-1)?.dropped ?? nothingDropped;
  }

  /** Reads an item more; those who ask meanwhile wait for the same. */
  more(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading;
    const reading = this.#read().finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  async #read(): Promise<void> {
    if (this.#input === undefined) {
      this.#leave = new AbortController();
      const { signal } = this.#leave;
      this.#before = this.items.length;
      this.#input = new Marked(this.#of, this.#place, { signal, pace: new Pace(signal), epoch: 0 });
    }
    const input = this.#input;
    try {
      const got = await input.next();
      // Everybody left meanwhile; the item comes again.
      if (this.#input !== input) return;
      if (got.done !== true) this.#keep(got.value);
      else {
        this.isWhole = true;
        await this.#close();
      }
    } catch (thrown) {
      if (this.#input === input) await this.#close();
      throw thrown;
    }
  }

  #keep(item: T): void {
    const bytes = this.#bytes + sizeOf(item);
    if (bytes <= this.#maxBytes) {
      this.#bytes = bytes;
      this.items.push(item);
      const { dropped } = this;
      const last = this.#drops.at(-1)?.dropped ?? nothingDropped;
      if (dropped.rows !== last.rows || dropped.tokens !== last.tokens) {
        this.#drops.push({ items: this.items.length, dropped });
      }
      return;
    }
    throw repriseError('out_of_memory', `The cache needs ${bytes} bytes or more for ` +
      `${this.items.length + 1} items, its maxBytes are ${this.#maxBytes}.`,
    { argument: 'maxBytes', needsBytes: bytes, hasBytes: this.#maxBytes });
  }

  async leave(user: object): Promise<void> {
    this.users.delete(user);
    if (this.users.size === 0) await this.#close();
  }

  /** Closes the input, which goes on behind what is kept. */
  async #close(): Promise<void> {
    const input = this.#input;
    if (input === undefined) return;
    this.#dropped = droppedOf(input);
    this.#place = input.placeAfter(this.items.length - this.#before);
    this.#input = undefined;
    this.#reading = undefined;
    this.#leave.abort();
    await input.close();
  }

  clear(): void {
    // Nobody waits for that.
    this.#close().catch(() => undefined);
    this.items = [];
    this.#drops = [];
    this.#bytes = 0;
    this.#place = undefined;
    this.isWhole = false;
  }
}

/** What an item is counted as, in bytes. */
function sizeOf(item: unknown): number {
  const seen = new Set<object>();
  const size = (value: unknown): number => {
    if (typeof value === 'string') return 16 + 2 * value.length;
    if (typeof value !== 'object' || value === null) return 24;
    if (seen.has(value)) return 0;
    seen.add(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 16 + value.byteLength;
    return Object.values(value).reduce<number>((sum, member) => sum + 16 + size(member), 16);
  };
  return size(item);
}
