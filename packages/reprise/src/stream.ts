// A generation piece by piece.
import { asRepriseError, repriseError } from './errors.js';
import type { GenerateChunk, GenerateResult, GenerateStream } from './types/generate.js';

/** Starts the work at once. `work` calls `push` with each chunk and ends when `signal` aborts. */
export class ChunkStream implements GenerateStream {
  readonly result: Promise<GenerateResult>;
  readonly #leave = new AbortController();
  readonly #chunks: GenerateChunk[] = [];
  #wake: () => void = () => undefined;
  /** Settles when every `next` so far has its answer, so that one at a time waits. */
  #turn: Promise<unknown> = Promise.resolve();
  #ended = false;
  #left = false;
  #error: Error | undefined;

  constructor(
    signal: AbortSignal | undefined,
    work: (push: (chunk: GenerateChunk) => void, signal: AbortSignal) => Promise<GenerateResult>,
  ) {
    const abort = () => this.#leave.abort();
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    const push = (chunk: GenerateChunk) => {
      this.#chunks.push(chunk);
      this.#wake();
    };
    this.result = work(push, this.#leave.signal).finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#ended = true;
    });
    this.result.then(() => this.#wake(), (thrown: unknown) => {
      this.#error = asRepriseError(thrown);
      this.#wake();
    });
  }

  /** Several calls may wait at once; they are answered in their order. */
  next(): Promise<IteratorResult<GenerateChunk, undefined>> {
    const answer = this.#turn.then(() => this.#take());
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #take(): Promise<IteratorResult<GenerateChunk, undefined>> {
    while (!this.#left && this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const value = this.#left ? undefined : this.#chunks.shift();
    if (value !== undefined) return { done: false, value };
    if (!this.#left) {
      this.#left = true;
      await this.result;
    }
    return { done: true, value: undefined };
  }

  /** Ends the work; `result` then rejects with `aborted` and what there was. */
  async return(): Promise<IteratorResult<GenerateChunk, undefined>> {
    this.#left = true;
    this.#wake();
    this.#leave.abort();
    await this.result.catch(() => undefined);
    return { done: true, value: undefined };
  }

  async throw(thrown: unknown): Promise<IteratorResult<GenerateChunk, undefined>> {
    await this.return();
    throw this.#error ?? repriseError('aborted', `The loop was left: ${String(thrown)}`);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
