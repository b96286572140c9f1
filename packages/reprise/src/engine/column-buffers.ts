// Columns that grow as rows come. Each part is copied once, out of the core's memory to where it stays.
import { repriseError } from '../errors.js';
import type { ColumnPart } from '../protocol.js';

/** Bytes that grow. */
class Bytes {
  bytes = new Uint8Array();
  size = 0;

  /** Makes room for more. `share` of all that will come has come with them, where that is known: memory
   * that is not touched costs nothing, and moving what is there does. Errors: `out_of_memory`. */
  reserve(count: number, share: number | undefined): void {
    const needed = this.size + count;
    if (needed <= this.bytes.byteLength) return;
    const expected = share === undefined ? 2 * needed : (1.03 * needed) / share;
    const capacity = 8 * Math.ceil(Math.max(needed, 1.25 * this.bytes.byteLength, expected) / 8);
    const grown = allocated(capacity) ?? allocated(8 * Math.ceil(needed / 8));
    if (grown === undefined) {
      throw repriseError('out_of_memory', `A column needs ${needed} bytes, which are not there.`,
        { needsBytes: needed });
    }
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }

  append(part: Uint8Array, share: number | undefined): void {
    this.reserve(part.byteLength, share);
    this.bytes.set(part, this.size);
    this.size += part.byteLength;
  }

  /** What was appended. */
  whole(): Uint8Array {
    const slack = this.bytes.byteLength - this.size;
    return 8 * slack <= this.size ? this.bytes.subarray(0, this.size) : this.bytes.slice(0, this.size);
  }
}

function allocated(bytes: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(bytes);
  } catch {
    return undefined;
  }
}

/** Offsets that begin at 0 and go on from part to part, as 64-bit numbers. */
class Offsets extends Bytes {
  #last = 0;

  appendFrom(part: Uint32Array, share: number | undefined): void {
    if (part.length === 0) return;
    const isFirst = this.size === 0;
    const count = part.length / 2 - 1;
    this.reserve(8 * (count + (isFirst ? 1 : 0)), share);
    // Halves of words, the lower ones first, since arithmetic on bigint takes many times as long.
    const words = new Uint32Array(this.bytes.buffer);
    let at = this.size / 4 + (isFirst ? 2 : 0);
    const base = this.#last;
    for (let n = 1; n <= count; n++, at += 2) {
      const offset = base + (part[2 * n] as number);
      words[at] = offset;
      if (offset >= 2 ** 32) words[at + 1] = offset / 2 ** 32;
    }
    this.#last += count > 0 ? part[2 * count] as number : 0;
    this.size = 4 * at;
  }
}

/** One bit a row, kept from the first part on that has one. */
class Validity extends Bytes {
  #rows = 0;
  #isKept = false;

  appendFrom(part: Uint8Array, rows: number, share: number | undefined): void {
    if (part.length > 0 && !this.#isKept) {
      this.#isKept = true;
      this.#appendOnes(this.#rows, share);
    }
    if (part.length > 0) this.#appendBits(part, rows, share);
    else if (this.#isKept) this.#appendOnes(rows, share);
    this.#rows += rows;
  }

  get #bits(): number {
    return this.#isKept && this.size > 0 ? this.#rows : 0;
  }

  #appendOnes(rows: number, share: number | undefined): void {
    this.#appendBits(new Uint8Array(Math.ceil(rows / 8)).fill(0xff), rows, share);
  }

  /** Bits of `part` behind the last one of `rows` do not count. */
  #appendBits(part: Uint8Array, rows: number, share: number | undefined): void {
    const begin = this.#bits;
    const end = begin + rows;
    this.reserve(Math.ceil(end / 8) + 1 - this.size, share);
    const { bytes } = this;
    const shift = begin % 8;
    let at = begin >> 3;
    for (let i = 0; 8 * i < rows; i++, at++) {
      const bits = (part[i] as number) & (rows - 8 * i < 8 ? (1 << (rows - 8 * i)) - 1 : 0xff);
      bytes[at] = (bytes[at] as number) | (bits << shift);
      bytes[at + 1] = (bytes[at + 1] as number) | (bits >> (8 - shift));
    }
    this.size = Math.ceil(end / 8);
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
