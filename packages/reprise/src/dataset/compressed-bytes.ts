// The bytes of a compressed file in order, of which formats ask for so many at a time.
import { type RepriseError, repriseError } from '../errors.js';
import { join } from '../sources/reading.js';

/** A compressed file, read once. */
export class CompressedBytes {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #file: string;
  readonly #kind: string;
  #piece: Uint8Array = new Uint8Array(0);
  /** In the piece. */
  #from = 0;
  /** Bytes that were taken. */
  at = 0;

  /** `file` and `kind` ("gzip", "zstd") are for errors. */
  constructor(pieces: AsyncIterator<Uint8Array>, file: string, kind: string) {
    this.#pieces = pieces;
    this.#file = file;
    this.#kind = kind;
  }

  /** Whether the next byte has to be waited for. */
  get isDrained(): boolean {
    return this.#from === this.#piece.length;
  }

  /** Up to so many bytes, at least one; none at the file's end. */
  async some(most: number): Promise<Uint8Array> {
    while (this.isDrained) {
      const next = await this.#pieces.next();
      if (next.done === true) return new Uint8Array(0);
      this.#piece = next.value;
      this.#from = 0;
    }
    return this.#cut(most);
  }

  /** So many bytes. Errors: `invalid_data` where the file ends before them. */
  async take(count: number): Promise<Uint8Array> {
    if (this.#piece.length - this.#from >= count) return this.#cut(count);
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      const part = await this.some(left);
      if (part.length === 0) throw this.damaged('it ends too early');
      parts.push(part);
      left -= part.length;
    }
    return join(parts);
  }

  #cut(most: number): Uint8Array {
    const cut = this.#piece.subarray(this.#from, this.#from + most);
    this.#from += cut.length;
    this.at += cut.length;
    return cut;
  }

  /** Puts back so many of the bytes that the last `some` gave. */
  giveBack(count: number): void {
    this.#from -= count;
    this.at -= count;
  }

  async isAtEnd(): Promise<boolean> {
    const next = await this.some(1);
    this.giveBack(next.length);
    return next.length === 0;
  }

  /** The error of what is not as its format says, by default at the place at hand. */
  damaged(found: string, byte = this.at): RepriseError {
    const expected = `${this.#kind} data, whole and undamaged`;
    return repriseError('invalid_data',
      `${this.#file}, byte ${byte} of the compressed file: expected ${expected}, found something else: ${found}.`,
      { file: this.#file, byte, expected, found });
  }

  /** The error of what is well formed and cannot be read. */
  unsupported(expected: string, found: string): RepriseError {
    return repriseError('unsupported', `${this.#file}, byte ${this.at} of the compressed file: expected ` +
      `${expected}, found ${found}.`, { file: this.#file, byte: this.at, expected, found });
  }

  /** Decodes; whatever a decoder throws becomes `invalid_data`. */
  decoding<T>(byte: number, decode: () => T): T {
    try {
      return decode();
    } catch (thrown) {
      const error = this.damaged(thrown instanceof Error ? thrown.message : String(thrown), byte);
      error.cause = thrown;
      throw error;
    }
  }
}
