// Reads a file piece by piece.
import { badData, type Place } from './errors.js';

/** A file that can be read anywhere. */
export interface RandomAccessFile {
  readonly name: string;
  readonly byteLength: number;
  /** The bytes from `start` up to `end`, which lie within the file. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}

/** Bytes of a file. Errors: `invalid_data` where there are fewer than the file has said. */
export async function readBytes(
  file: RandomAccessFile, start: number, end: number, place: Place,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.slice(start, end));
  if (bytes.byteLength !== end - start) {
    throw badData({ ...place, byte: start }, `${end - start} bytes`, `${bytes.byteLength}`);
  }
  return bytes;
}

/** What is read at once, where what is asked for is shorter. */
const windowBytes = 2 ** 20;

/** A part of a file that is read from its beginning to its end. */
export class ForwardReader {
  readonly #file: RandomAccessFile;
  readonly #place: Place;
  readonly #end: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where `#bytes` begins in the file. */
  #start: number;

  constructor(file: RandomAccessFile, start: number, end: number, place: Place) {
    this.#file = file;
    this.#place = place;
    this.#start = start;
    this.#end = end;
  }

  /** The bytes from `at` on, which is not before an earlier `at`: `length`, which must be there, and
   * perhaps more. */
  async from(at: number, length: number): Promise<Uint8Array> {
    let held = this.#bytes.subarray(Math.min(at - this.#start, this.#bytes.byteLength));
    if (held.byteLength < length) {
      const start = at + held.byteLength;
      const end = Math.min(this.#end, Math.max(at + length, start + windowBytes));
      const more = await readBytes(this.#file, start, end, this.#place);
      const joined = new Uint8Array(held.byteLength + more.byteLength);
      joined.set(held);
      joined.set(more, held.byteLength);
      held = joined;
    }
    this.#bytes = held;
    this.#start = at;
    return held;
  }
}
