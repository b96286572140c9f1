// Columns that grow as rows come. Each part is copied once, out of the core's memory to where it stays.
import { repriseError } from '../errors.js';
import type { ColumnPart } from '../protocol.js';

/** Chunks have so many bytes at first, and at most where nobody knows how many will come. */
const firstChunkBytes = 2 ** 14;
const mostChunkBytes = 2 ** 20;

interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used: number;
}

/** Bytes that come one behind the other. They stay where they are put until all have come: to move them
 * as they grow would have them in memory twice and more. */
class Bytes {
  #chunks: Chunk[] = [];
  size = 0;

  /** The chunk that has room for more, which counts as used then. `share` of all that will come has come
   * with them, where that is known: memory that is not touched costs nothing. Errors: `out_of_memory`. */
  protected reserve(count: number, share: number | undefined): Chunk {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.used + count > chunk.bytes.byteLength) {
      const isSized = chunk === undefined && share !== undefined;
      const guess = isSized ? (1.03 * count) / share
        : Math.min(Math.max(firstChunkBytes, this.size), mostChunkBytes);
      chunk = { bytes: allocated(count, guess, !isSized), used: 0 };
      this.#chunks.push(chunk);
    }
    chunk.used += count;
    this.size += count;
    return chunk;
  }

  /** Takes back the last byte, to be written again in front of what comes. */
  protected takeBack(): number {
    const chunk = this.#chunks.at(-1) as Chunk;
    this.size--;
    return chunk.bytes[--chunk.used] as number;
  }

  append(part: Uint8Array, share: number | undefined): void {
    if (part.byteLength === 0) return;
    const { bytes, used } = this.reserve(part.byteLength, share);
    bytes.set(part, used - part.byteLength);
  }

  /** What was appended, which is then no longer here. */
  whole(): Uint8Array {
    const chunks = this.#chunks;
    this.#chunks = [];
    const [first = { bytes: new Uint8Array(0), used: 0 }] = chunks;
    const isWhole = chunks.length <= 1 && isResizable(first.bytes.buffer) !== true;
    if (isWhole && 8 * (first.bytes.byteLength - first.used) <= first.used) {
      return first.bytes.subarray(0, first.used);
    }
    const all = allocated(this.size, 0, false);
    let at = 0;
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      all.set(chunk.bytes.subarray(0, chunk.used), at);
      at += chunk.used;
      const { buffer } = chunk.bytes;
      if (isResizable(buffer)) buffer.resize(0);
    }
    return all.subarray(0, this.size);
  }
}

/** What a buffer of ES2024 has besides, where the platform knows them. */
interface ResizableBuffer extends ArrayBuffer {
  readonly resizable: boolean;
  resize(bytes: number): void;
}

const isResizable = (buffer: ArrayBuffer): buffer is ResizableBuffer =>
  (buffer as Partial<ResizableBuffer>).resizable === true;

/** Memory of so many bytes, or where there is as much, of as many as are guessed, at a multiple of 8.
 * What `isLent` is resizable where the platform can, so that it is let go of at once, not when garbage is
 * collected. Errors: `out_of_memory`. */
function allocated(needed: number, guess: number, isLent: boolean): Uint8Array<ArrayBuffer> {
  for (const bytes of [Math.max(needed, guess), needed]) {
    const size = 8 * Math.ceil(bytes / 8);
    try {
      const options = isLent ? { maxByteLength: size } : undefined;
      return new Uint8Array(new (ArrayBuffer as ResizableConstructor)(size, options), 0, size);
    } catch {
      // Then fewer, or none.
    }
  }
  throw repriseError('out_of_memory', `A column needs ${needed} bytes, which are not there.`,
    { needsBytes: needed });
}

type ResizableConstructor = new (bytes: number, options?: { readonly maxByteLength: number }) => ArrayBuffer;

/** Offsets that begin at 0 and go on from part to part, as 64-bit numbers. */
class Offsets extends Bytes {
  #last = 0;

  appendFrom(part: Uint32Array, share: number | undefined): void {
    if (part.length === 0) return;
    const isFirst = this.size === 0;
    const count = part.length / 2 - 1;
    const size = 8 * (count + (isFirst ? 1 : 0));
    if (size === 0) return;
    const { bytes, used } = this.reserve(size, share);
    // Halves of words, the lower ones first, since arithmetic on bigint takes many times as long.
    const words = new Uint32Array(bytes.buffer);
    let at = (used - size) / 4 + (isFirst ? 2 : 0);
    const base = this.#last;
    for (let n = 1; n <= count; n++, at += 2) {
      const offset = base + (part[2 * n] as number);
      words[at] = offset;
      if (offset >= 2 ** 32) words[at + 1] = offset / 2 ** 32;
    }
    this.#last += count > 0 ? part[2 * count] as number : 0;
  }
}

/** One bit a row, kept from the first part on that has one. */
class Validity extends Bytes {
  #rows = 0;
  #isKept = false;

  appendFrom(part: Uint8Array, rows: number, share: number | undefined): void {
    if (part.length > 0 && !this.#isKept) {
      this.#isKept = true;
      const before = this.#rows;
      this.#rows = 0;
      this.#appendOnes(before, share);
    }
    if (part.length > 0) this.#appendBits(part, rows, share);
    else if (this.#isKept) this.#appendOnes(rows, share);
    else this.#rows += rows;
  }

  #appendOnes(rows: number, share: number | undefined): void {
    this.#appendBits(new Uint8Array(Math.ceil(rows / 8)).fill(0xff), rows, share);
  }

  /** Bits of `part` behind the last one of `rows` do not count. */
  #appendBits(part: Uint8Array, rows: number, share: number | undefined): void {
    if (rows === 0) return;
    const shift = this.#rows % 8;
    const begun = shift === 0 ? 0 : this.takeBack();
    const size = Math.ceil((shift + rows) / 8);
    const { bytes, used } = this.reserve(size, share);
    let at = used - size;
    bytes[at] = begun;
    for (let i = 0; 8 * i < rows; i++, at++) {
      const bits = (part[i] as number) & (rows - 8 * i < 8 ? (1 << (rows - 8 * i)) - 1 : 0xff);
      bytes[at] = (bytes[at] as number) | (bits << shift);
      // A byte that is not its own yet gets nothing.
      if (at + 1 < used) bytes[at + 1] = bits >> (8 - shift);
    }
    this.#rows += rows;
  }
}

/** All rows of one column. */
class ColumnBuffer {
  readonly #validity = new Validity();
  readonly #listOffsets = new Offsets();
  readonly #offsets = new Offsets();
  readonly #values = new Bytes();

  append(part: ColumnPart, rows: number, share: number | undefined): void {
    this.#validity.appendFrom(part.validity, rows, share);
    this.#listOffsets.appendFrom(part.listOffsets, share);
    this.#offsets.appendFrom(part.offsets, share);
    this.#values.append(part.values, share);
  }

  parts(): Uint8Array[] {
    return [this.#validity, this.#listOffsets, this.#offsets, this.#values].map((part) => part.whole());
  }
}

/** Columns of all rows that were read. */
export class ColumnBuffers {
  #columns: readonly ColumnBuffer[] | undefined;

  /** Appends rows. `share` of all bytes of the files were read with them, where that is known. */
  append(parts: readonly ColumnPart[], rows: number, share: number | undefined): void {
    this.#columns ??= parts.map(() => new ColumnBuffer());
    parts.forEach((part, i) => this.#columns?.[i]?.append(part, rows, share));
  }

  /** Of each column its validity, list offsets, offsets and values, the first three empty where a
   * column has none. */
  parts(): Uint8Array[] {
    return (this.#columns ?? []).flatMap((column) => column.parts());
  }
}
