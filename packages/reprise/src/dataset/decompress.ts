// Decompresses a file's pieces as they come: gzip by the platform, zstd by the library fzstd.
import { asRepriseError, RepriseError, repriseError } from '../errors.js';
import type { Piece } from '../sources/files.js';

type Compression = 'none' | 'gzip' | 'zstd';
type Pieces = AsyncGenerator<Piece>;

/** What the first four bytes say. */
function compressionOf(first: Uint8Array): Compression {
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip';
  const isZstd = first[0] === 0x28 && first[1] === 0xb5 && first[2] === 0x2f && first[3] === 0xfd;
  return isZstd ? 'zstd' : 'none';
}

/** A file's text. Without `compression` its first bytes tell. Errors: `invalid_data` where it is
 * damaged or ends too early. */
export async function* decompressed(
  pieces: Pieces, compression: Compression | undefined, name: string,
): Pieces {
  const held: Piece[] = [];
  let bytes = 0;
  while (compression === undefined && bytes < 4) {
    const next = await pieces.next();
    if (next.done === true) break;
    held.push(next.value);
    bytes += next.value.length;
  }
  const first = Uint8Array.from(held.flatMap((piece) => [...piece.subarray(0, 4)]).slice(0, 4));
  const kind = compression ?? compressionOf(first);
  const all = behind(held, pieces);
  if (kind === 'none') yield* all;
  else yield* kind === 'gzip' ? gunzipped(all, name) : unzstd(all, name);
}

async function* behind(held: readonly Piece[], pieces: Pieces): Pieces {
  yield* held;
  yield* pieces;
}

function damaged(name: string, kind: string, thrown: unknown): RepriseError {
  if (thrown instanceof RepriseError) return thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  const error = repriseError('invalid_data',
    `${name}: expected ${kind} data, whole and undamaged, found something else: ${words}`,
    { file: name, expected: `${kind} data, whole and undamaged`, found: words });
  error.cause = thrown;
  return error;
}

async function* gunzipped(pieces: Pieces, name: string): Pieces {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  let failed: unknown;
  const writing = (async () => {
    try {
      for await (const piece of pieces) await writer.write(piece as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (thrown) {
      failed ??= thrown;
      await writer.abort(thrown).catch(() => undefined);
    }
  })();
  const reader = stream.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // The platform may cut its chunks from one buffer.
      yield new Uint8Array(value);
    }
    await writing;
    if (failed !== undefined) throw failed;
  } catch (thrown) {
    // What the source threw comes first: the decompressor only tells of its end.
    throw failed instanceof RepriseError ? asRepriseError(failed) : damaged(name, 'gzip', thrown);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* unzstd(pieces: Pieces, name: string): Pieces {
  const { Decompress } = await import('./zstd.js');
  let out: Piece[] = [];
  const decompress = new Decompress((piece) => {
    if (piece.length > 0) out.push(new Uint8Array(piece));
  });
  try {
    for await (const piece of pieces) {
      decompress.push(piece);
      yield* out;
      out = [];
    }
    decompress.push(new Uint8Array(), true);
    yield* out;
  } catch (thrown) {
    throw damaged(name, 'zstd', thrown);
  }
}
