// Compressed files, whole, in several parts, damaged and cut off, and what reading each must give: for the
// tests of Node and of browsers.
import { gzipSync } from 'node:zlib';
import { crc32 } from '../dataset/crc32.js';

/** A file, and the rows that it has or the error. */
export interface CompressedCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where it is not told by the first bytes. */
  readonly compression?: 'gzip' | 'zstd';
  readonly rows?: number;
  readonly error?: { readonly code: 'invalid_data' | 'unsupported'; readonly byte: number; readonly found: string };
}

export const compressedText = Buffer.from(
  `n,words\n${Array.from({ length: 300 }, (_, i) => `${i},words of row ${i % 7}\n`).join('')}`);

/** The text, as `zstd -19 --check` of version 1.5.4 writes it. */
const zstd = Buffer.from(
  'KLUv/WTeFLUPAHZlRRagJYUWAwB1hP1fVddld3fvxG30i1MjUQA6ADYAoc6KaEgoaJICnRXNjEzM44Q5K5IRkZBFCXJWFBMS' +
  'EYcR4qzoWY7fw2dFjmK4Ghx8A20QakA0mBmIDCIGP9BBGChAUDAggGAgDAgEKCAoAGBAiqIoiqIoimIYhmEYhmEY7u7u7u6q' +
  'qqqqqgaDwWAwGAwGg2dFNycX93nhzopsTCxs04KdFdWUVNRlBf//v7u7u7t7OBwOh8PhcDh8nud5nud5nqZpmqZpmqZZlmVZ' +
  'lmVZliRJkiRJkiQ5juM4juM4Tvd93/d93/dt27Zt27Zt23Vd13Vd13VN0zRN0zRN0/M8z/M8z/Msy7Isy7Isy3Ecx3Ecx3H8' +
  '/3+BLKgRcOizMQbxSiSBSPQRKATPEOD8/ff+/v39+/v39+/v39+/v39//+6apKlnkkyPqTD5pbvULcnSrVSVnNIo9ZM06SUV' +
  'SR5pkTokg/SP6pF1NEe9kRp9RsXIF82irkiKPlFL5IiGqD2kQ2+oDPlCK9QJCaEfVINc0AnqgRToAipA/md/ej/y831KH+cz' +
  'Pn2P7Xk9pcfmWZ6OR3h20mpzqZHPY6uDz+Nag6/LWiOfy1YHn8dVB1/HtUZel61Gbgb2ALt/KB9iD8VDYXv5bLKpTTbZxCab' +
  'WJtSaVUBXQ11JmFr', 'base64');
/** Where the frame's checksum begins. */
const zstdChecksum = zstd.length - 4;

/** A frame of the text without a size or a checksum, in blocks as they are (RFC 8878, 3.1.1). */
function storedZstd(window: number, blockBytes: number): Buffer {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < compressedText.length; at += blockBytes) {
    const block = compressedText.subarray(at, at + blockBytes);
    const head = block.length << 3 | (at + blockBytes >= compressedText.length ? 1 : 0);
    blocks.push(Uint8Array.of(head & 0xff, head >> 8 & 0xff, head >> 16), block);
  }
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, window), ...blocks]);
}

const half = compressedText.length >> 1;
const [first, second] = [compressedText.subarray(0, half), compressedText.subarray(half)];
const gzip = gzipSync(compressedText);
const empty = gzipSync('');

/** A member with every field that a header may have. */
function fullHeader(change = 0): Buffer {
  const head = Buffer.concat([
    Uint8Array.of(0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3), Buffer.from('a.csv\0words\0'),
  ]);
  const crc = (crc32(head) & 0xffff) ^ change;
  return Buffer.concat([head, Uint8Array.of(crc & 0xff, crc >> 8), gzip.subarray(10)]);
}

function changed(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

const bad = (byte: number, found: string, code: 'invalid_data' | 'unsupported' = 'invalid_data') =>
  ({ error: { code, byte, found } });
const rows = 300;
const skippable = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);

const gzipCases: readonly CompressedCase[] = [
  { name: 'one member', bytes: gzip, rows },
  { name: 'two members', bytes: Buffer.concat([gzipSync(first), gzipSync(second)]), rows },
  // As bgzip ends a file.
  { name: 'an empty last member', bytes: Buffer.concat([gzip, empty]), rows },
  { name: 'many members', rows, bytes: Buffer.concat(Array.from({ length: 100 }, (_, i) =>
    gzipSync(compressedText.subarray(i * 100, (i + 1) * 100)))) },
  { name: 'stored blocks', bytes: gzipSync(compressedText, { level: 0 }), rows },
  { name: 'every field of a header', bytes: fullHeader(), rows },
  { name: 'zeros behind', bytes: Buffer.concat([gzip, Buffer.alloc(512)]), rows },
  { name: 'other bytes behind', bytes: Buffer.concat([gzip, Buffer.from('some more words')]),
    ...bad(gzip.length, 'other data behind the last member') },
  { name: 'a byte behind', bytes: Buffer.concat([gzip, Uint8Array.of(7)]), ...bad(gzip.length + 1, 'it ends too early') },
  { name: 'zeros and other bytes behind', bytes: Buffer.concat([gzip, Buffer.alloc(70_000), gzip]),
    ...bad(gzip.length + 70_000, 'other data behind the last member') },
  { name: 'no end', bytes: gzip.subarray(0, gzip.length - 30), ...bad(gzip.length - 30, 'it ends too early') },
  { name: 'no whole trailer', bytes: gzip.subarray(0, -1), ...bad(gzip.length - 1, 'it ends too early') },
  { name: 'no second trailer', bytes: Buffer.concat([gzip, empty.subarray(0, -8)]),
    ...bad(gzip.length + empty.length - 8, 'it ends too early') },
  { name: 'half a header', bytes: gzip.subarray(0, 7), ...bad(7, 'it ends too early') },
  { name: 'another checksum', bytes: changed(gzip, gzip.length - 8),
    ...bad(gzip.length - 8, 'another checksum of its content') },
  { name: 'another length', bytes: changed(gzip, gzip.length - 4),
    ...bad(gzip.length - 8, 'another length of its content') },
  { name: 'another checksum of a header', bytes: fullHeader(1), ...bad(0, "another checksum of a member's header") },
  { name: 'a reserved flag', bytes: changed(fullHeader(), 3).fill(0x80, 3, 4), ...bad(0, 'an unknown method or flag') },
  { name: 'no gzip', bytes: compressedText, compression: 'gzip', ...bad(0, 'no gzip header') },
  { name: 'nothing', bytes: new Uint8Array(0), compression: 'gzip', ...bad(0, 'it ends too early') },
];

const zstdCases: readonly CompressedCase[] = [
  { name: 'one frame', bytes: zstd, rows },
  { name: 'blocks as they are', bytes: storedZstd(0, 100), rows },
  { name: 'a large window', bytes: storedZstd(17 << 3, 1000), rows },
  { name: 'frames that are passed over', bytes: Buffer.concat([skippable, zstd, skippable]), rows },
  { name: 'other bytes behind', bytes: Buffer.concat([zstd, Buffer.from('some more words')]),
    ...bad(zstd.length, 'other data behind the last frame') },
  { name: 'zeros behind', bytes: Buffer.concat([zstd, Buffer.alloc(512)]),
    ...bad(zstd.length, 'other data behind the last frame') },
  { name: 'no checksum where one is told', bytes: zstd.subarray(0, zstdChecksum), ...bad(zstdChecksum, 'it ends too early') },
  { name: 'no whole checksum', bytes: zstd.subarray(0, -1), ...bad(zstd.length - 1, 'it ends too early') },
  { name: 'no end', bytes: zstd.subarray(0, 300), ...bad(300, 'it ends too early') },
  { name: 'half a header', bytes: zstd.subarray(0, 5), ...bad(5, 'it ends too early') },
  { name: 'another checksum', bytes: changed(zstd, zstdChecksum),
    ...bad(zstdChecksum, 'another checksum of its content') },
  { name: 'another size', bytes: changed(zstd, 5), ...bad(zstdChecksum, `${compressedText.length} bytes where it says ${compressedText.length + 1}`) },
  { name: 'a window beyond 128 MiB', bytes: storedZstd(17 << 3 | 1, 1000), ...bad(6, '150994944', 'unsupported') },
  { name: 'a block larger than the window', bytes: storedZstd(0, 1025), ...bad(6, 'no block') },
  { name: 'no zstd', bytes: compressedText, compression: 'zstd', ...bad(0, 'no zstd header') },
];

/** By the kind of compression. */
export const compressedCases: readonly (CompressedCase & { readonly kind: 'gzip' | 'zstd' })[] = [
  ...gzipCases.map((each) => ({ ...each, kind: 'gzip' as const })),
  ...zstdCases.map((each) => ({ ...each, kind: 'zstd' as const })),
];
