// Random numbers of the core, for what draws one after the other.
import { mainRuntime } from '../main-runtime.js';
import { repriseError } from '../errors.js';
import type { RandomOptions } from '../protocol.js';

/** The most numbers that the core gives in one call. */
export const mostNumbers = 2 ** 24;
const firstBlock = 64;
const mostBlock = 4096;

async function random(
  options: RandomOptions, signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const { client } = await mainRuntime.get();
  return client.call('random', { options }, { signal, leavesAtOnce: true });
}

/** Numbers by position, which come in blocks; where blocks begin changes none of them. */
export class Draws {
  readonly #options: Omit<RandomOptions, 'first' | 'count'>;
  readonly #signal: AbortSignal | undefined;
  #first = 0;
  #block: Float64Array = new Float64Array();

  constructor(
    options: Omit<RandomOptions, 'first' | 'count'>, signal: AbortSignal | undefined,
  ) {
    this.#options = options;
    this.#signal = signal;
  }

  /** The number at a position where its block is here. */
  here(position: number): number | undefined {
    return this.#block[position - this.#first];
  }

  /** The number at a position; its block begins there. */
  async load(position: number): Promise<number> {
    const count = Math.min(Math.max(firstBlock, 4 * this.#block.length), mostBlock);
    this.#block = await random({ ...this.#options, first: position, count }, this.#signal);
    this.#first = position;
    return this.#block[0] as number;
  }
}

/** A permutation of 0 … count − 1, at most 2^24. */
export async function permutation(
  seed: number, sequence: number, count: number, signal: AbortSignal | undefined,
): Promise<Uint32Array> {
  const { client } = await mainRuntime.get();
  return client.call('permutation', { options: { seed, stream: 'shuffle', sequence, count } }, { signal });
}

/** Refuses a full permutation of too many items; `count` may be how many there are at least. Errors:
 * `unsupported`. */
export function checkPermutable(count: number): void {
  if (count <= mostNumbers) return;
  throw repriseError('unsupported', `A full shuffle permutes at most ${mostNumbers} items, here are ` +
    `${count} or more; shuffle with a window.`,
  { argument: 'window', expected: mostNumbers, found: count });
}
