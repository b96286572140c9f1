// What every transformation of a dataset is made of: a sequence that can be opened anywhere it was
// left. Nothing here knows where items come from.
import { abortedError, repriseError } from '../errors.js';
import type { Check } from '../options.js';
import { yieldToEventLoop } from '../platform.js';
import type { Utf8Texts } from '../protocol.js';
import type { DroppedCounts } from '../types/dataset.js';

/** A value of JSON. */
export type JsonValue =
  | string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** What a sequence is: JSON, in which a function stands for what has to be looked at first. */
export type Identity =
  | string | number | boolean | null | readonly Identity[] | { readonly [name: string]: Identity }
  | ((signal: AbortSignal) => Promise<JsonValue>);

/** The identity as JSON. Errors: those of reading, `aborted` among them. */
export async function knownIdentity(identity: Identity, signal: AbortSignal): Promise<JsonValue> {
  if (typeof identity === 'function') return identity(signal);
  if (typeof identity !== 'object' || identity === null) return identity;
  if (Array.isArray(identity)) {
    return Promise.all((identity as readonly Identity[]).map((one) => knownIdentity(one, signal)));
  }
  const members = Object.entries(identity).map(
    async ([name, member]) => [name, await knownIdentity(member, signal)] as const);
  return Object.fromEntries(await Promise.all(members));
}

/** How long an iteration works before everything else in its thread gets its turn. */
const sliceMs = 8;

/** Lets an iteration rest now and then, so that aborts and timers come in where nothing else waits. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #rested = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether it is time to. */
  get isDue(): boolean {
    return performance.now() - this.#rested > sliceMs;
  }

  /** Goes back to the event loop. Errors: `aborted`. */
  async rest(): Promise<void> {
    await yieldToEventLoop();
    if (this.#signal?.aborted === true) throw abortedError('The iteration');
    this.#rested = performance.now();
  }
}

/** What an iteration brings with it. */
export interface Context {
  readonly signal: AbortSignal | undefined;
  /** Whoever may ask for many items before giving one asks it before each: `if (pace.isDue) await
   * pace.rest()`. */
  readonly pace: Pace;
  /** Which time it is, where the sequence is repeated: the sequence number of random draws. */
  readonly epoch: number;
}

/** Token rows one behind the other. */
export interface TokenBlock {
  readonly tokens: Uint32Array;
  /** Tokens of each row. */
  readonly counts: Uint32Array;
}

/** A sequence that can be opened anywhere it was left. */
export interface Sequence<T> {
  /** What it is: source and transformations; its hash stands in cursors. */
  readonly identity: Identity;
  /** Items, where known without reading. */
  readonly length?: number | undefined;
  /** Gives these items in this order, whichever they are, for sources that reach each one without
   * those before it; such a source has a length. */
  pick?(indices: Uint32Array, context: Context): Promise<readonly T[]>;
  /** From the beginning, or from a state that `Items.state()` gave. Reads nothing yet. Errors:
   * `invalid_argument` for a state of another form. */
  open(state: JsonValue | undefined, context: Context): Items<T>;
}

/** The items of a sequence, one after the other. Nobody asks for one before the last was answered,
 * nor after the end or an error. */
export interface Items<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  /** The next item, where it is at hand and nobody has to wait for it, else undefined; then it comes
   * from `next`. Absent: none ever is. */
  ready?(): IteratorYieldResult<T> | undefined;
  /** The next items as what they have in this field, all of them texts, so many items or bytes; they
   * are given then. Undefined where they have none such, or there are none: `next` tells. Absent:
   * always. */
  texts?(field: string, most: number, mostBytes: number): Promise<Utf8Texts | undefined>;
  /** The next items, where some are at hand and all of those are token rows without labels; they are
   * given then. Undefined: `ready` and `next` tell. Absent: always. */
  tokens?(): TokenBlock | undefined;
  /** The place after the last item given; JSON. Nobody asks after a `next` that failed, or during
   * one. */
  state(): JsonValue;
  /** What was left out of what was read since the beginning. Absent: nothing. */
  dropped?(): DroppedCounts;
  /** Lets go of what is open. May come during a `next`, which then may end in any way, and
   * twice. */
  close(): Promise<void>;
}

/** The end of a sequence. */
export const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

export const nothingDropped: DroppedCounts = Object.freeze({ rows: 0, tokens: 0 });

/** What all of these left out together. */
export function droppedOf(...all: readonly (Items<unknown> | DroppedCounts | undefined)[]): DroppedCounts {
  let rows = 0;
  let tokens = 0;
  for (const one of all) {
    const counts = one === undefined || 'rows' in one ? one : one.dropped?.();
    rows += counts?.rows ?? 0;
    tokens += counts?.tokens ?? 0;
  }
  return { rows, tokens };
}

/** A state that comes from outside, each member checked; undefined for the beginning. Errors:
 * `invalid_argument`. */
export function readState<State>(
  state: JsonValue | undefined, members: { readonly [name in keyof State]: Check },
): State | undefined {
  if (state === undefined) return undefined;
  const right = typeof state === 'object' && state !== null && !Array.isArray(state) &&
    Object.entries<Check>(members).every(([name, check]) =>
      check((state as Record<string, unknown>)[name]) === undefined);
  if (right) return state as State;
  throw repriseError('invalid_argument', 'from.state is none that this dataset gave; a state here ' +
    `has ${Object.keys(members).join(', ')}.`, { argument: 'from.state' });
}

/** The state of an input inside another's state: null where it was not begun or has ended. */
export function inner(state: JsonValue | undefined): JsonValue | undefined {
  return state ?? undefined;
}

/** The error of a state behind the end of the items that are there. */
export function lostPlace(): Error {
  return repriseError('invalid_argument', 'from.state is none that this dataset gave, or its data is another ' +
    'now: it ends before that place.', { argument: 'from.state' });
}

/** The error of one item. */
export function itemError(row: number, problem: string, cause?: unknown): Error {
  const error = repriseError('invalid_argument', `Row ${row}: ${problem}.`, { row });
  if (cause !== undefined) error.cause = cause;
  return error;
}
