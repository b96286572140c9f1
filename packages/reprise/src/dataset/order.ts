// Transformations that choose which items come when, without looking at them: take, skip, concat,
// repeat.
import { isAnything, isBoolean, isInteger, isObject } from '../options.js';
import type { DroppedCounts } from '../types/dataset.js';
import {
  type Context, droppedOf, ended, inner, type Items, type JsonValue, nothingDropped, type Pace, readState,
  type Sequence,
} from './sequence.js';

/** The first items. The input is closed as soon as the last one has come. */
export function take<T>(of: Sequence<T>, count: number): Sequence<T> {
  return {
    identity: { op: 'take', count, of: of.identity },
    length: of.length === undefined ? undefined : Math.min(of.length, count),
    open(state, context) {
      const read = readState<{ left: number; of: JsonValue }>(
        state, { left: isInteger(0, count), of: isAnything });
      let left = read?.left ?? count;
      const items = of.open(inner(read?.of), context);
      let place: JsonValue | undefined;
      return {
        async next() {
          if (left === 0) return ended;
          const got = await items.next();
          if (got.done === true) return ended;
          left--;
          if (left === 0) {
            place = items.state();
            await items.close();
          }
          return got;
        },
        state: () => ({ left, of: place ?? items.state() }),
        dropped: () => droppedOf(items),
        close: () => items.close(),
      };
    },
  };
}

/** What comes behind the first items. */
export function skip<T>(of: Sequence<T>, count: number): Sequence<T> {
  return {
    identity: { op: 'skip', count, of: of.identity },
    length: of.length === undefined ? undefined : Math.max(of.length - count, 0),
    open(state, context) {
      const read = readState<{ left: number; of: JsonValue }>(
        state, { left: isInteger(0, count), of: isAnything });
      let left = read?.left ?? count;
      const items = of.open(inner(read?.of), context);
      return {
        async next() {
          for (; left > 0; left--) {
            if (context.pace.isDue) await context.pace.rest();
            if ((await items.next()).done === true) return ended;
          }
          return items.next();
        },
        state: () => ({ left, of: items.state() }),
        dropped: () => droppedOf(items),
        close: () => items.close(),
      };
    },
  };
}

/** Sequences one after the other, each opened when it is its turn. */
interface Parts<T> {
  /** The part that comes at this place, or undefined at the end; `wasEmpty` tells of the one
   * before. */
  open(part: number, wasEmpty: boolean, state: JsonValue | undefined): Items<T> | undefined;
}

interface PartsState {
  readonly part: number;
  /** Whether it gave nothing yet. */
  readonly empty: boolean;
  readonly of: JsonValue;
  /** What the parts before left out. */
  readonly dropped: DroppedCounts & JsonValue;
}

/** The items of parts. */
class InTurn<T> implements Items<T> {
  readonly #parts: Parts<T>;
  readonly #pace: Pace;
  #part: number;
  #empty: boolean;
  #before: DroppedCounts;
  #items: Items<T> | undefined;
  /** Of the part whose turn begins. */
  #start: JsonValue | undefined;

  constructor(parts: Parts<T>, state: JsonValue | undefined, { pace }: Context) {
    const read = readState<PartsState>(
      state, { part: isInteger(0), empty: isBoolean, of: isAnything, dropped: isObject });
    this.#parts = parts;
    this.#pace = pace;
    this.#part = read?.part ?? 0;
    this.#empty = read?.empty ?? true;
    this.#before = read?.dropped ?? nothingDropped;
    this.#start = inner(read?.of);
    this.#items = parts.open(this.#part, false, this.#start);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#items !== undefined) {
      const got = await this.#items.next();
      if (got.done !== true) {
        this.#empty = false;
        return got;
      }
      await this.#advance(this.#items);
      if (this.#pace.isDue) await this.#pace.rest();
    }
    return ended;
  }

  async #advance(items: Items<T>): Promise<void> {
    await items.close();
    this.#before = droppedOf(this.#before, items);
    this.#part++;
    this.#start = undefined;
    this.#items = this.#parts.open(this.#part, this.#empty, undefined);
    this.#empty = true;
  }

  state(): JsonValue {
    const of = this.#items?.state() ?? this.#start ?? null;
    return { part: this.#part, empty: this.#empty, of, dropped: { ...this.#before } };
  }

  dropped(): DroppedCounts {
    return droppedOf(this.#before, this.#items);
  }

  async close(): Promise<void> {
    await this.#items?.close();
  }
}

/** Sequences one behind the other. */
export function concat<T>(members: readonly Sequence<T>[]): Sequence<T> {
  const lengths = members.map((member) => member.length);
  return {
    identity: { op: 'concat', of: members.map((member) => member.identity) },
    length: lengths.reduce(
      (sum, length) => (sum === undefined || length === undefined ? undefined : sum + length), 0),
    open: (state, context) => new InTurn({
      open: (part, _, start) => members[part]?.open(start, context),
    }, state, context),
  };
}

/** A sequence several times, or for ever: then until a time gives nothing. */
export function repeat<T>(of: Sequence<T>, times: number | undefined): Sequence<T> {
  const epochOf = (context: Context, time: number) => context.epoch * (times ?? 1) + time;
  return {
    identity: { op: 'repeat', times: times ?? null, of: of.identity },
    length: of.length === 0 ? 0
      : times === undefined || of.length === undefined ? undefined : of.length * times,
    open: (state, context) => new InTurn({
      open: (time, wasEmpty, start) =>
        (times === undefined ? wasEmpty : time >= times) ? undefined
          : of.open(start, { ...context, epoch: epochOf(context, time) }),
    }, state, context),
  };
}
