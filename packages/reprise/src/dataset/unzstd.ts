// zstd files of one frame or several (RFC 8878), in a chunk of its own. fzstd decompresses; what it
// believes or passes over is checked here: where frames and blocks end, their sizes and checksums.
import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import type { CompressedBytes } from './compressed-bytes.js';

const frameMagic = 0xfd2fb528;
/** Of frames that decompressors pass over; the last digit is free. */
const skippableMagic = 0x184d2a50;

/** The largest window, which is the library zstd's own limit where none is given. */
const mostWindowBytes = 2 ** 27;
const mostBlockBytes = 2 ** 17;

const number = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);

/** What a frame's header says (3.1.1.1). */
interface Frame {
  /** A header for fzstd, which says the window alone. */
  readonly header: Uint8Array;
  readonly mostBlock: number;
  /** Of the content, where it is told. */
  readonly size: number | undefined;
  readonly hasChecksum: boolean;
}

/** Reads a frame's header behind its magic number. Errors: `invalid_data`; `unsupported` for a dictionary
 * and a window beyond 128 MiB. */
async function frameOf(bytes: CompressedBytes): Promise<Frame> {
  const begin = bytes.at;
  const flags = (await bytes.take(1))[0] as number;
  if ((flags & 8) !== 0) throw bytes.damaged('a reserved bit', begin);
  const isSingle = (flags & 32) !== 0;
  const window = isSingle ? 0 : (await bytes.take(1))[0] as number;
  const dictionary = number(await bytes.take([0, 1, 2, 4][flags & 3] as number));
  if (dictionary !== 0) throw bytes.unsupported('a frame without a dictionary', `dictionary ${dictionary}`);
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] as number;
  const size = sizeBytes === 0 ? undefined : number(await bytes.take(sizeBytes)) + (sizeBytes === 2 ? 256 : 0);
  const windowBytes = isSingle ? size as number : 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  if (windowBytes > mostWindowBytes) {
    throw bytes.unsupported(`a window of at most ${mostWindowBytes} bytes`, `${windowBytes}`);
  }
  // fzstd moves all of its window for each block: of a short frame it need be no longer than that.
  const needed = Math.max(1024, Math.min(windowBytes, size ?? windowBytes));
  const exponent = Math.ceil(Math.log2(needed));
  return {
    header: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, exponent - 10 << 3),
    mostBlock: Math.min(mostBlockBytes, windowBytes), size, hasChecksum: (flags & 4) !== 0,
  };
}

/** The content of a frame behind its magic number. Errors: as of `frameOf`. */
async function* content(
  bytes: CompressedBytes, hasher: Awaited<ReturnType<typeof xxhash>>,
): AsyncGenerator<Uint8Array> {
  const { header, mostBlock, size, hasChecksum } = await frameOf(bytes);
  let out: Uint8Array[] = [];
  const decompress = new Decompress((piece) => {
    if (piece.length > 0) out.push(piece);
  });
  decompress.push(header);
  const hash = hasher.create64();
  let done = 0;
  for (let isLast = false; !isLast;) {
    const begin = bytes.at;
    const head = await bytes.take(3);
    const word = number(head);
    isLast = (word & 1) === 1;
    const kind = word >> 1 & 3;
    const length = word >> 3;
    if (kind === 3 || length > mostBlock) throw bytes.damaged('no block', begin);
    const body = await bytes.take(kind === 1 ? 1 : length);
    bytes.decoding(begin, () => {
      decompress.push(head);
      decompress.push(new Uint8Array(body), isLast);
    });
    for (const piece of out) {
      done += piece.length;
      if (hasChecksum) hash.update(piece);
      yield piece;
    }
    out = [];
    if (done > (size ?? done)) throw bytes.damaged(`more than the ${size} bytes that it says`, begin);
  }
  if (done !== (size ?? done)) throw bytes.damaged(`${done} bytes where it says ${size}`);
  if (!hasChecksum) return;
  const place = bytes.at;
  const told = number(await bytes.take(4));
  if (Number(hash.digest() & 0xffffffffn) !== told) throw bytes.damaged('another checksum of its content', place);
}

/** Decompresses a file. Errors: `invalid_data`; `unsupported` for dictionaries and windows beyond
 * 128 MiB. */
export async function* unzstd(bytes: CompressedBytes): AsyncGenerator<Uint8Array> {
  const hasher = await xxhash();
  do {
    const begin = bytes.at;
    const magic = number(await bytes.take(4));
    if (magic === frameMagic) yield* content(bytes, hasher);
    else if (magic - magic % 16 === skippableMagic) {
      for (let left = number(await bytes.take(4)); left > 0;) {
        const { length } = await bytes.some(left);
        if (length === 0) throw bytes.damaged('it ends too early');
        left -= length;
      }
    } else {
      throw bytes.damaged(begin === 0 ? 'no zstd header' : 'other data behind the last frame', begin);
    }
  } while (!await bytes.isAtEnd());
}
