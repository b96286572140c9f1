// Whether a body that was compressed on the way came whole: Firefox takes one that broke off for a whole one,
// and only what it measures of its requests tells how many bytes came.
import { repriseError } from '../errors.js';
import { isNode } from '../platform.js';
import type { OpenFile, Piece } from '../sources/files.js';

/** In a worker the measure of a body may come behind its end, but not so many milliseconds. */
const mostWaitMs = 200;

/** An address without its fragment, which measures may lack. */
const bare = (url: string) => url.replace(/#.*/, '');

/** What a browser measures of one request, from before it to the end of its body. */
export class Measure {
  readonly #observer: PerformanceObserver | undefined;
  #heard: PerformanceResourceTiming[] = [];
  #name: string | undefined;
  #onMore: (() => void) | undefined;

  constructor() {
    if (isNode()) return;
    // It hears of each, also where a page has had more than are kept for it.
    this.#observer = new PerformanceObserver((list) => this.#hear(list.getEntries()));
    this.#observer.observe({ type: 'resource' });
  }

  #hear(entries: PerformanceEntryList): void {
    this.#heard = [...this.#heard, ...entries as PerformanceResourceTiming[]]
      .filter(({ name }) => this.#name === undefined || bare(name) === this.#name);
    this.#onMore?.();
  }

  /** The pieces of the file that was asked for. Errors: theirs; `network` with `byte`, `expected` and `found`,
   * the compressed bytes, where fewer came than the answer said. */
  async *whole(
    pieces: AsyncIterable<Piece>, { name, bytes, headers }: OpenFile,
  ): AsyncGenerator<Piece> {
    this.#name = bare(name);
    const expected = Number(headers?.get('content-length'));
    // Of what is not compressed the size is known, and held already.
    const isTold = bytes === undefined && expected > 0;
    if (!isTold) this.end();
    let byte = 0;
    for await (const piece of pieces) {
      byte += piece.byteLength;
      yield piece;
    }
    const found = isTold ? await this.#compressedBytes(byte) : undefined;
    if (found === undefined || found >= expected) return;
    throw repriseError('network', `${name} broke off after ${byte} bytes: of ${expected} compressed bytes ` +
      `${found} came.`, { file: name, byte, expected, found });
  }

  /** How many bytes came of a body of so many; undefined where the browser does not say: some sizes are kept
   * secret, which is 0, as are those of other requests for the same that were aborted. */
  async #compressedBytes(bytes: number): Promise<number | undefined> {
    const end = performance.now() + mostWaitMs;
    for (let left = mostWaitMs; left > 0; left = end - performance.now()) {
      if (this.#observer === undefined) return undefined;
      this.#hear(this.#observer.takeRecords());
      const found = this.#heard.find(({ decodedBodySize }) => decodedBodySize === bytes);
      if (found !== undefined) return found.encodedBodySize === 0 ? undefined : found.encodedBodySize;
      await new Promise<void>((resolve) => {
        this.#onMore = resolve;
        setTimeout(resolve, left);
      });
    }
    return undefined;
  }

  /** Measures no longer. */
  end(): void {
    this.#observer?.disconnect();
  }
}
