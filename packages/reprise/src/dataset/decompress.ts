// Decompresses a file's pieces as they come.
import type { Piece } from '../sources/files.js';
import { join } from '../sources/reading.js';
import { CompressedBytes } from './compressed-bytes.js';

type Compression = 'none' | 'gzip' | 'zstd';
type Pieces = AsyncGenerator<Piece>;

/** What the first four bytes say; a skippable frame is zstd's too. */
function compressionOf(first: Uint8Array): Compression {
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip';
  if (first.length < 4) return 'none';
  const magic = new DataView(first.slice().buffer).getUint32(0, true);
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5 ? 'zstd' : 'none';
}

/** A file's text. Without `compression` its first bytes tell. Whoever leaves it ends `pieces` too. Errors:
 * `invalid_data` with the byte of the compressed file where it is damaged or ends too early;
 * `unsupported` as of unzstd.ts. */
export async function* decompressed(
  pieces: Pieces, compression: Compression | undefined, name: string,
): Pieces {
  try {
    const held: Piece[] = [];
    let bytes = 0;
    while (compression === undefined && bytes < 4) {
      const next = await pieces.next();
      if (next.done === true) break;
      held.push(next.value);
      bytes += next.value.length;
    }
    const kind = compression ?? compressionOf(join(held.map((piece) => piece.subarray(0, 4))).subarray(0, 4));
    const all = behind(held, pieces);
    if (kind === 'none') {
      yield* all;
      return;
    }
    const compressed = new CompressedBytes(all, name, kind);
    const decompress = kind === 'gzip' ? (await import('./gunzip.js')).gunzip
      : (await import('./unzstd.js')).unzstd;
    yield* gathered(decompress(compressed), compressed);
  } finally {
    await pieces.return(undefined);
  }
}

async function* behind(held: readonly Piece[], pieces: Pieces): Pieces {
  yield* held;
  yield* pieces;
}

/** Small parts are given together, so many bytes, or what there is before more has to be waited for. */
const gatheredBytes = 1 << 18;

async function* gathered(parts: AsyncIterable<Uint8Array>, compressed: CompressedBytes): Pieces {
  let held: Uint8Array[] = [];
  let bytes = 0;
  const take = (): Piece => {
    const piece = join(held);
    held = [];
    bytes = 0;
    return piece;
  };
  try {
    for await (const part of parts) {
      held.push(part);
      bytes += part.length;
      if (bytes >= gatheredBytes || (bytes > 0 && compressed.isDrained)) yield take();
    }
  } catch (thrown) {
    // What came before the damage is good.
    if (bytes > 0) yield take();
    throw thrown;
  }
  if (bytes > 0) yield take();
}
