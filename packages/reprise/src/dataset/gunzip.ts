// gzip files of one member or several (RFC 1952), in a chunk of its own. Not by DecompressionStream: it
// refuses a second member in browsers, reads it in Node, and does not say where the first one ends.
import { Inflate } from 'fflate';
import type { CompressedBytes } from './compressed-bytes.js';
import { crc32 } from './crc32.js';

/** Inflated at a time: they become 64 MiB at most. At first fewer, since fflate copies what is behind a
 * member, and there are files of very many. */
const mostPieceBytes = 1 << 16;
const firstPieceBytes = 1 << 12;

/** What Gunzip of fflate looks at itself to see where DEFLATE data ends. */
interface InflateState {
  readonly s: {
    /** Whether the block at hand is the last. */
    readonly f?: number;
    /** The codes of the block at hand. */
    readonly l?: unknown;
    /** Bits of `p` that were read. */
    readonly p?: number;
  };
  /** What is not read yet. */
  readonly p: Uint8Array;
}

/** Passes over a member's header. Errors: `invalid_data`. */
async function header(bytes: CompressedBytes): Promise<void> {
  const begin = bytes.at;
  const fixed = await bytes.take(10);
  const [first, second, method, flags = 0] = fixed;
  if (first !== 0x1f || second !== 0x8b) {
    const found = begin === 0 ? 'no gzip header' : 'other data behind the last member';
    throw bytes.damaged(found, begin);
  }
  if (method !== 8 || (flags & 0xe0) !== 0) throw bytes.damaged('an unknown method or flag', begin);
  let crc = crc32(fixed);
  const take = async (count: number) => {
    const taken = await bytes.take(count);
    crc = crc32(taken, crc);
    return taken;
  };
  if ((flags & 4) !== 0) {
    const [low = 0, high = 0] = await take(2);
    await take(low | high << 8);
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    while ((await take(1))[0] !== 0);
  }
  if ((flags & 2) === 0) return;
  const [low = 0, high = 0] = await bytes.take(2);
  if ((low | high << 8) !== (crc & 0xffff)) throw bytes.damaged("another checksum of a member's header", begin);
}

/** The content of a member behind its header, and its trailer. Errors: `invalid_data`. */
async function* content(bytes: CompressedBytes): AsyncGenerator<Uint8Array> {
  let out: Uint8Array = new Uint8Array(0);
  const inflate = new Inflate((inflated) => {
    out = inflated;
  });
  const state = inflate as unknown as InflateState;
  let crc = 0;
  let size = 0;
  let most = firstPieceBytes;
  do {
    const begin = bytes.at;
    const piece = await bytes.some(most);
    most = Math.min(2 * most, mostPieceBytes);
    if (piece.length === 0) throw bytes.damaged('it ends too early');
    bytes.decoding(begin, () => inflate.push(piece));
    crc = crc32(out, crc);
    size += out.length;
    yield out;
  } while (!(state.s.f && !state.s.l));
  bytes.giveBack(state.p.length - ((state.s.p as number) + 7 >> 3));
  const trailer = bytes.at;
  const view = new DataView((await bytes.take(8)).slice().buffer);
  if (view.getInt32(0, true) !== crc) throw bytes.damaged('another checksum of its content', trailer);
  if (view.getUint32(4, true) !== size % 2 ** 32) throw bytes.damaged('another length of its content', trailer);
}

/** Decompresses a file. Behind its last member there may be zeros, which fill blocks of tapes. */
export async function* gunzip(bytes: CompressedBytes): AsyncGenerator<Uint8Array> {
  for (;;) {
    await header(bytes);
    yield* content(bytes);
    const next = await bytes.some(1);
    if (next.length === 0) return;
    bytes.giveBack(1);
    if (next[0] === 0) break;
  }
  for (;;) {
    const begin = bytes.at;
    const zeros = await bytes.some(mostPieceBytes);
    if (zeros.length === 0) return;
    const at = zeros.findIndex((byte) => byte !== 0);
    if (at >= 0) throw bytes.damaged('other data behind the last member', begin + at);
  }
}
