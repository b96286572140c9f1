// Brotli's decompressor, in a chunk of its own.
import { decompressBrotli } from 'hyparquet-compressors';

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

/** Decompresses. Throws where that fails, or the output is not of `length`. */
export const unbrotli = (input: Uint8Array, length: number): Uint8Array => filled(length, (buffer) => {
  // It makes an array of what it is told is the length, and so takes a buffer too; its own gives no way
  // to see how much of it came from the input.
  decompressBrotli(input, buffer.buffer as unknown as number);
});
