// Small numbers as Parquet packs them: levels, places in dictionaries and bools, in runs of one value
// or of bits (parquet-format, Encodings.md, RLE). Ours, because hyparquet's trusts the runs' lengths.

/** Numbers of one page, or their place in memory. */
export type Numbers = Uint8Array | Int32Array;

/** Reads a varint of at most 32 bits. */
function varint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0, i = at; shift < 35 && i < bytes.length; shift += 7, i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: i + 1 };
  }
  throw new RangeError('the length of a run does not end');
}

/** Unpacks values of `width` bits, the lowest first, and gives the place behind them. */
function unpack(
  bytes: Uint8Array, at: number, width: number, out: Numbers, from: number, to: number,
): void {
  if (at + Math.ceil((to - from) * width / 8) > bytes.length) {
    throw new RangeError('a run ends behind its page');
  }
  let held = 0;
  let bits = 0;
  if (width <= 24) {
    const mask = 2 ** width - 1;
    for (let i = from; i < to; i++) {
      while (bits < width) {
        held |= (bytes[at++] as number) << bits;
        bits += 8;
      }
      out[i] = held & mask;
      held >>>= width;
      bits -= width;
    }
    return;
  }
  const range = 2 ** width;
  for (let i = from; i < to; i++) {
    while (bits < width) {
      held += (bytes[at++] as number) * 2 ** bits;
      bits += 8;
    }
    out[i] = held % range;
    held = Math.floor(held / range);
    bits -= width;
  }
}

/** Fills `out`, of numbers up to `most`, from the bytes' beginning. Throws where they are no such
 * numbers. */
export function readRuns(bytes: Uint8Array, width: number, most: number, out: Numbers): void {
  if (width > 32) throw new RangeError(`numbers have ${width} bits`);
  const valueBytes = Math.ceil(width / 8);
  let at = 0;
  let done = 0;
  while (done < out.length) {
    const { value: header, next } = varint(bytes, at);
    at = next;
    const count = Math.floor(header / 2);
    if (header % 2 === 1) {
      const end = Math.min(out.length, done + count * 8);
      // The last run may lack the padding behind what is needed.
      unpack(bytes, at, width, out, done, end);
      at += count * width;
      done = end;
    } else {
      let value = 0;
      if (at + valueBytes > bytes.length) throw new RangeError('a run ends behind its page');
      for (let i = 0; i < valueBytes; i++) value += (bytes[at++] as number) * 2 ** (8 * i);
      // Before it is stored, which would cut it.
      if (value > most) throw new RangeError(`${value} is more than ${most}`);
      const end = Math.min(out.length, done + count);
      out.fill(value, done, end);
      done = end;
    }
  }
  for (let i = 0; i < out.length; i++) {
    const value = out[i] as number;
    if (value > most || value < 0) throw new RangeError(`${value} is more than ${most}`);
  }
}

/** Bits of the numbers up to `most`. */
export const bitsOf = (most: number): number => 32 - Math.clz32(most);
