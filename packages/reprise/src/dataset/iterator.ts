// One iteration over a dataset, from a cursor or the beginning.
import { abortedError, asRepriseError, repriseError } from '../errors.js';
import { checkOptions, isInteger, isObject, isString } from '../options.js';
import { report } from '../sources/reading.js';
import type { DatasetCursor, DatasetIterator, DroppedCounts } from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import { markedPlace, markEvery } from './marked.js';
import {
  droppedOf, ended, inner, type Items, type JsonValue, lostPlace, nothingDropped, Pace, readState,
  type Sequence,
} from './sequence.js';

/** How often progress is told, at most. */
const reportMs = 50;

/** What is iterated. */
export interface Iterated<T> {
  readonly sequence: Sequence<T>;
  /** The hash of its identity. Errors: those of reading, `aborted`. */
  identityHash(signal: AbortSignal): Promise<string>;
  /** Errors: `disposed`. */
  checkAlive(): void;
}

/** A cursor's place: a state of the items, and how many of those behind it were given. */
interface Place {
  readonly of: JsonValue;
  readonly skip: number;
}

type Result<T> = IteratorResult<T, undefined>;

const cursorChecks = {
  version: isInteger(1), dataset: isString, position: isInteger(0), state: isObject,
};

/** The place of a cursor. Errors: `invalid_argument`; `unsupported` for a later version. */
function checkCursor(from: DatasetCursor): Place {
  checkOptions(from, cursorChecks, 'from', Object.keys(cursorChecks));
  if (from.version !== 1) {
    throw repriseError('unsupported', `from is a cursor of version ${String(from.version)}; this ` +
      'version of Reprise reads version 1.', { argument: 'from.version', expected: 1 });
  }
  return readState<Place>(from.state as JsonValue, markedPlace) as Place;
}

/** The items of a dataset, one `next` after the other. */
export class SequenceIterator<T> implements DatasetIterator<T> {
  readonly #of: Iterated<T>;
  readonly #options: LongOptions;
  readonly #from: DatasetCursor | undefined;
  readonly #leave = new AbortController();
  readonly #pace = new Pace(this.#leave.signal);
  readonly #abort = () => {
    this.#leave.abort();
    this.#interrupt?.();
  };
  /** Ends the wait of the `next` at hand. */
  #interrupt: (() => void) | undefined;
  #items: Items<T> | undefined;
  #dataset: string | undefined;
  #position: number;
  /** A state of the items at a position; between two of them they are read again. */
  #mark: JsonValue;
  #marked: number;
  /** Whether the items' own state is that of `position`. */
  #isSettled = false;
  #isDone = false;
  /** Whether `return` ended it. */
  #isLeft = false;
  #told = performance.now();
  /** Settles when every `next` so far has its answer, so that one at a time is worked on; absent where
   * none waits. */
  #turn: Promise<unknown> | undefined;

  constructor(of: Iterated<T>, from: DatasetCursor | undefined, options: LongOptions) {
    const place = from === undefined ? undefined : checkCursor(from);
    this.#of = of;
    this.#from = from;
    this.#options = options;
    this.#position = from?.position ?? 0;
    this.#mark = place?.of ?? null;
    this.#marked = this.#position - (place?.skip ?? 0);
    const { signal } = options;
    if (signal?.aborted === true) this.#abort();
    signal?.addEventListener('abort', this.#abort);
  }

  next(): Promise<Result<T>> {
    const answer = this.#turn === undefined ? this.#take() : this.#turn.then(() => this.#take());
    const settle = () => {
      if (this.#turn === turn) this.#turn = undefined;
    };
    const turn = answer.then(settle, settle);
    this.#turn = turn;
    return answer;
  }

  async #take(): Promise<Result<T>> {
    if (this.#isDone) return ended;
    try {
      this.#of.checkAlive();
      if (performance.now() - this.#told > reportMs) this.#report();
      this.#isSettled = false;
      const got = await this.#orLeft(() => this.#advance());
      if (this.#isLeft) return ended;
      this.#isSettled = true;
      if (got.done !== true) {
        this.#position++;
        return got;
      }
      this.#end();
      await this.#items?.close();
      this.#report();
      return ended;
    } catch (thrown) {
      if (this.#isLeft) return ended;
      // Not awaited: a source that waits for something may not answer before that.
      this.#items?.close().catch(() => undefined);
      this.#end();
      throw asRepriseError(thrown);
    }
  }

  async #advance(): Promise<Result<T>> {
    if (this.#items === undefined) await this.#begin();
    else if (this.#pace.isDue) await this.#pace.rest();
    const items = this.#items as Items<T>;
    if (this.#position - this.#marked >= markEvery) this.#settle();
    return items.next();
  }

  /** Opens the items and comes to the position. */
  async #begin(): Promise<void> {
    const { signal } = this.#leave;
    const hash = await this.#of.identityHash(signal);
    if (this.#from !== undefined && this.#from.dataset !== hash) {
      throw repriseError('hash_mismatch', 'from is a cursor of other data, of other ' +
        `transformations or other functions: its hash is ${this.#from.dataset}, this one's ${hash}.`,
      { argument: 'from', expected: hash, found: this.#from.dataset });
    }
    this.#dataset = hash;
    const items = this.#of.sequence.open(
      inner(this.#mark), { signal, pace: this.#pace, epoch: 0 });
    this.#items = items;
    for (let at = this.#marked; at < this.#position; at++) {
      if ((await items.next()).done === true) throw lostPlace();
    }
  }

  /** Waits for work, or for the abort or `return` that comes before its end. */
  #orLeft(work: () => Promise<Result<T>>): Promise<Result<T>> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => {
        if (this.#isLeft) resolve(ended);
        else reject(abortedError('The iteration'));
      };
      if (this.#leave.signal.aborted) this.#interrupt();
      else work().then(resolve, reject);
    });
  }

  /** Marks the position. */
  #settle(): void {
    if (this.#items === undefined) return;
    this.#mark = this.#items.state();
    this.#marked = this.#position;
  }

  #report(): void {
    this.#told = performance.now();
    const { length } = this.#of.sequence;
    report(this.#options, {
      phase: 'read', done: this.#position, unit: 'rows',
      ...(length === undefined ? {} : { total: length }),
    });
  }

  #end(): void {
    this.#isDone = true;
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  async return(): Promise<Result<T>> {
    if (!this.#isDone) {
      const isIdle = this.#isSettled;
      if (isIdle) this.#settle();
      this.#isLeft = true;
      this.#end();
      const closed = this.#items?.close();
      this.#abort();
      // What works may wait for something that never comes.
      if (isIdle) await closed;
      else closed?.catch(() => undefined);
    }
    return ended;
  }

  async throw(thrown: unknown): Promise<Result<T>> {
    await this.return();
    throw asRepriseError(thrown);
  }

  cursor(): DatasetCursor {
    const dataset = this.#dataset ?? this.#from?.dataset;
    if (dataset === undefined) {
      throw repriseError('invalid_argument', 'There is no cursor before the first item: the beginning ' +
        'needs none.');
    }
    if (this.#isSettled && !this.#isDone) this.#settle();
    const skip = this.#position - this.#marked;
    return { version: 1, dataset, position: this.#position, state: { of: this.#mark, skip } };
  }

  dropped(): DroppedCounts {
    return this.#items === undefined ? nothingDropped : droppedOf(this.#items);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
