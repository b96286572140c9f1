// Decompresses pages, and makes sure that they have the size, and where there is one the checksum,
// that they should: the decompressors pad what is too short.
import type { CompressionCodec } from 'hyparquet';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { decompressLz4, decompressLz4Raw, decompressZstd, gunzip } from 'hyparquet-compressors';
import { crc32 } from '../crc32.js';

/** The length of what Snappy's elements say, the length before them included; −1 where they do not end
 * with the input (google/snappy, format_description.txt). */
function snappyLength(input: Uint8Array): number {
  let at = 0;
  let said = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = input[at++];
    if (byte === undefined || shift > 28) return -1;
    said += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  let length = 0;
  while (at < input.length) {
    const tag = input[at++] as number;
    const kind = tag & 3;
    if (kind > 0) {
      length += kind === 1 ? (tag >> 2 & 7) + 4 : (tag >> 2) + 1;
      at += kind === 3 ? 4 : kind;
      continue;
    }
    let literals = tag >> 2;
    if (literals >= 60) {
      const bytes = literals - 59;
      literals = 0;
      for (let i = 0; i < bytes; i++) literals += (input[at++] ?? 0) * 2 ** (8 * i);
    }
    at += literals + 1;
    length += literals + 1;
  }
  return at === input.length && length === said ? length : -1;
}

function unsnappy(input: Uint8Array, length: number): Uint8Array {
  // Also because hyparquet goes back, and perhaps round and round, where a length has all of 32 bits.
  if (snappyLength(input) !== length) throw new Error(`Snappy's length is not ${length}`);
  const output = new Uint8Array(length);
  snappyUncompress(input, output);
  return output;
}

/** Decompresses into a buffer that a decompressor fills without saying how far: the last byte must
 * change, and the one behind it must not. A byte that becomes what it was is tried with another. */
function filled(length: number, fill: (buffer: Uint8Array<ArrayBuffer>) => void): Uint8Array {
  for (const mark of [0xaa, 0x55]) {
    const buffer = new Uint8Array(length + 1).fill(mark, length - 1);
    fill(buffer);
    if (buffer[length] !== mark) throw new Error(`the page is longer than its ${length} bytes`);
    if (buffer[length - 1] !== mark) return buffer.subarray(0, length);
  }
  throw new Error(`the page is not of ${length} bytes`);
}

function unzip(input: Uint8Array, length: number): Uint8Array {
  if (input.length < 18 || input[0] !== 0x1f || input[1] !== 0x8b) throw new Error('no gzip');
  const output = filled(length, (buffer) => gunzip(input, buffer));
  // The last member's trailer: what it holds is the output's end.
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const last = view.getUint32(input.length - 4, true);
  if (last > length) throw new Error(`gzip's length is ${last}, the page's ${length}`);
  if (crc32(output.subarray(length - last)) !== view.getInt32(input.length - 8, true)) {
    throw new Error("gzip's checksum differs");
  }
  return output;
}

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

/** Where the header of a Zstandard frame ends, and the frame itself (RFC 8878, section 3.1.1). */
function zstdFrame(input: Uint8Array): { flags: number; header: number; end: number } {
  const flags = input[4] ?? 0;
  const isSingle = flags >> 5 & 1;
  const sizeFlag = flags >> 6;
  const header = 6 - isSingle + (sizeFlag === 0 ? isSingle : 1 << sizeFlag);
  if (zstdMagic.some((byte, i) => input[i] !== byte) || (flags & 3) !== 0) {
    throw new Error('no Zstandard frame, or one with a dictionary');
  }
  let end = header;
  for (let isLast = false; !isLast;) {
    if (end + 3 > input.length) throw new Error('Zstandard blocks without end');
    const [low, middle, high] = input.subarray(end, end + 3) as unknown as [number, number, number];
    isLast = (low & 1) === 1;
    const size = low >> 3 | middle << 5 | high << 13;
    end += 3 + ((low >> 1 & 3) === 1 ? 1 : size);
  }
  return { flags, header, end: end + (flags & 4) };
}

function unzstd(input: Uint8Array, length: number): Uint8Array {
  const { flags, header, end } = zstdFrame(input);
  // Several frames are what nobody writes in a page, and not what fzstd joins right.
  if (end !== input.length) throw new Error('more than one Zstandard frame');
  // Another header: the frame's own may claim a length, which fzstd believes, or a window of megabytes,
  // which it moves for each block of a small page. A window of the page's size suffices for it.
  const exponent = Math.max(0, 22 - Math.clz32(length - 1));
  const frame = new Uint8Array(6 + input.length - header);
  frame.set([...zstdMagic, flags & 4, exponent << 3]);
  frame.set(input.subarray(header), 6);
  return decompressZstd(frame);
}

/** The length of what an LZ4 block decompresses to. */
function lz4Length(input: Uint8Array): number {
  let at = 0;
  let length = 0;
  const count = (nibble: number) => {
    let total = nibble;
    if (nibble === 15) {
      let byte: number;
      do {
        byte = input[at++] ?? 0;
        total += byte;
      } while (byte === 255);
    }
    return total;
  };
  while (at < input.length) {
    const token = input[at++] as number;
    const literals = count(token >> 4);
    at += literals;
    length += literals;
    if (at >= input.length) break;
    at += 2;
    length += count(token & 15) + 4;
  }
  return at === input.length ? length : -1;
}

/** The length of what Hadoop's frames around LZ4 blocks say. */
function hadoopLength(input: Uint8Array): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let length = 0;
  while (at + 8 <= input.length) {
    length += view.getUint32(at);
    at += 8 + view.getUint32(at + 4);
  }
  return at === input.length ? length : -1;
}

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/** Has the LZ4 input's own length checked first. */
const lz4 = (decompress: Decompress, lengths: readonly ((input: Uint8Array) => number)[]): Decompress =>
  (input, length) => {
    if (!lengths.some((of) => of(input) === length)) throw new Error(`LZ4's length is not ${length}`);
    return decompress(input, length);
  };

const decompressors: Partial<Record<CompressionCodec, Decompress>> = {
  UNCOMPRESSED: (input) => input,
  SNAPPY: unsnappy,
  GZIP: unzip,
  ZSTD: unzstd,
  LZ4: lz4(decompressLz4, [hadoopLength, lz4Length]),
  LZ4_RAW: lz4(decompressLz4Raw, [lz4Length]),
};

/** Loads what a codec needs: Brotli's dictionary is as large as everything else. */
export async function loadCodec(codec: CompressionCodec): Promise<void> {
  if (codec !== 'BROTLI' || decompressors.BROTLI !== undefined) return;
  const { decompressBrotli } = await import('./brotli.js');
  decompressors.BROTLI = (input, length) => filled(length, (buffer) => {
    // It makes an array of what it is told is the length, and so takes a buffer too; its own gives no
    // way to see how much of it came from the input.
    decompressBrotli(input, buffer.buffer as unknown as number);
  });
}

/** Whether pages of this codec, which was loaded, can be read. */
export const hasCodec = (codec: CompressionCodec): boolean => decompressors[codec] !== undefined;

/** Bytes with nothing around them in their buffer, so that no length within them reaches beyond. */
export const ownBuffer = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();

/** A page's bytes, in a buffer of their own. Throws where they are not `length`. */
export function decompress(codec: CompressionCodec, input: Uint8Array, length: number): Uint8Array {
  // Pages without values are empty, and then often not what their codec makes of nothing.
  if (length === 0) return new Uint8Array(0);
  const bytes = (decompressors[codec] as Decompress)(input, length);
  if (bytes.length !== length) throw new Error(`the page has ${bytes.length} bytes, not ${length}`);
  return ownBuffer(bytes);
}
