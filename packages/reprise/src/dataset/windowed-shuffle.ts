// A shuffle of what comes, within a window.
//
// A buffer holds the first `window` items, or all where there are fewer: `bound` of them. Each step
// draws a place from 0 to bound − 1, again where the buffer has become shorter than that, gives the
// item there, and puts the next one that comes in its place; where none comes any more, the buffer's
// last. So an item comes at most `window` − 1 steps too early, and is the later the less likely.
//
// A state holds which items the buffer has, by their index in the input, and a place of the input
// before the first of them, from where they are read again.
import { repriseError } from '../errors.js';
import { type Check, isAnything, isInteger } from '../options.js';
import { Draws } from './draws.js';
import {
  type Context, droppedOf, ended, inner, type Items, type JsonValue, lostPlace, readState, type Sequence,
} from './sequence.js';

/** The items, each within a window of where it was. */
export function windowedShuffle<T>(of: Sequence<T>, seed: number, window: number): Sequence<T> {
  return {
    identity: { op: 'shuffle', seed, window, of: of.identity },
    length: of.length,
    open: (state, context) => new WindowShuffled(of, seed, window, state, context),
  };
}

/** A place of the input. */
interface Mark {
  /** Of the item that comes next there. */
  readonly index: number;
  readonly of: JsonValue;
}

interface WindowState extends Mark {
  readonly drawn: number;
  /** 0 before the first item. */
  readonly bound: number;
  /** Items that came from the input. */
  readonly read: number;
  readonly places: readonly number[];
}

const isIndices: Check = (value) =>
  Array.isArray(value) && value.every((index) => Number.isSafeInteger(index)) ? undefined : 'indices';

class WindowShuffled<T> implements Items<T> {
  readonly #context: Context;
  readonly #window: number;
  readonly #seed: number;
  readonly #input: Items<T>;
  #draws: Draws | undefined;
  /** Positions drawn so far. */
  #drawn: number;
  #bound: number;
  #read: number;
  #over = false;
  #buffer: T[] = [];
  /** The index in the input of each item of the buffer. */
  #places: number[];
  /** What the state that it was opened at has in its buffer and is not read again yet. */
  #missing: Map<number, number>;
  /** Ascending; the first is at or before every item of the buffer. */
  #marks: Mark[];

  constructor(
    of: Sequence<T>, seed: number, window: number, state: JsonValue | undefined, context: Context,
  ) {
    const read = readState<WindowState>(state, {
      index: isInteger(0), of: isAnything, drawn: isInteger(0), bound: isInteger(0, window),
      read: isInteger(0), places: isIndices,
    });
    this.#context = context;
    this.#seed = seed;
    this.#window = window;
    this.#drawn = read?.drawn ?? 0;
    this.#bound = read?.bound ?? 0;
    this.#places = [...read?.places ?? []];
    this.#missing = new Map(this.#places.map((index, place) => [index, place]));
    // Reading goes on from the mark; what was read before is passed over but for what is missing.
    this.#read = read?.read ?? 0;
    this.#marks = [{ index: read?.index ?? 0, of: read?.of ?? null }];
    this.#input = of.open(inner(read?.of), context);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const { pace } = this.#context;
    if (this.#draws === undefined) this.#draws = await this.#begin();
    const size = this.#buffer.length;
    if (size === 0) {
      // Where it was resumed behind the last item, the input's end is still to be heard of.
      while (!this.#over) {
        if (pace.isDue) await pace.rest();
        this.#over = (await this.#input.next()).done === true;
      }
      return ended;
    }
    let place: number;
    do {
      if (pace.isDue) await pace.rest();
      place = this.#draws.here(this.#drawn) ?? await this.#draws.load(this.#drawn);
      this.#drawn++;
    } while (place >= size);
    const value = this.#buffer[place] as T;
    await this.#refill(place);
    return { done: false, value };
  }

  /** Fills the buffer for the first time, or again. */
  async #begin(): Promise<Draws> {
    const { pace } = this.#context;
    if (this.#missing.size > 0) await this.#readAgain();
    if (this.#bound === 0) {
      while (this.#buffer.length < this.#window && !this.#over) {
        if (pace.isDue) await pace.rest();
        await this.#refill(this.#buffer.length);
      }
      this.#bound = this.#buffer.length;
    }
    return new Draws({
      seed: this.#seed, stream: 'shuffle', sequence: this.#context.epoch, distribution: 'below',
      bound: Math.max(this.#bound, 1),
    }, this.#context.signal);
  }

  async #readAgain(): Promise<void> {
    const buffer = new Array<T>(this.#places.length);
    for (let index = this.#marks[0]?.index ?? 0; index < this.#read; index++) {
      const { pace } = this.#context;
      if (pace.isDue) await pace.rest();
      this.#mark(index);
      const got = await this.#input.next();
      if (got.done === true) throw lostPlace();
      const place = this.#missing.get(index);
      if (place === undefined) continue;
      buffer[place] = got.value;
      this.#missing.delete(index);
    }
    if (this.#missing.size > 0) {
      throw repriseError('invalid_argument', 'from.state is none that this dataset gave: the ' +
        `shuffle's input has no items ${[...this.#missing.keys()].slice(0, 4).join(', ')} at it.`,
      { argument: 'from.state' });
    }
    this.#buffer = buffer;
  }

  /** Puts the next item in a place, or the last one where none comes. */
  async #refill(place: number): Promise<void> {
    if (!this.#over) {
      this.#mark(this.#read);
      const got = await this.#input.next();
      if (got.done !== true) {
        this.#buffer[place] = got.value;
        this.#places[place] = this.#read++;
        return;
      }
      this.#over = true;
    }
    if (place >= this.#buffer.length) return;
    const item = this.#buffer.pop() as T;
    const index = this.#places.pop() as number;
    if (place === this.#buffer.length) return;
    this.#buffer[place] = item;
    this.#places[place] = index;
  }

  /** Notes the place of the item that comes next, a few times a window. */
  #mark(index: number): void {
    const last = this.#marks.at(-1)?.index ?? 0;
    if (index - last < Math.max(this.#window >> 2, 1)) return;
    this.#forgetMarks();
    this.#marks.push({ index, of: this.#input.state() });
  }

  /** Forgets marks before which nothing is needed any more. */
  #forgetMarks(): void {
    let oldest = this.#read;
    for (const index of this.#places) if (index < oldest) oldest = index;
    while (this.#marks[1] !== undefined && this.#marks[1].index <= oldest) this.#marks.shift();
  }

  state(): JsonValue {
    this.#forgetMarks();
    const { index, of } = this.#marks[0] as Mark;
    const [drawn, bound, read] = [this.#drawn, this.#bound, this.#read];
    return { index, of, drawn, bound, read, places: [...this.#places] };
  }

  dropped() {
    return droppedOf(this.#input);
  }

  close(): Promise<void> {
    return this.#input.close();
  }
}
