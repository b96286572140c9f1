// The content of a file that is being written, as pieces.
import { refuse } from '../options.js';
import type { CheckpointContent } from '../types/checkpoints.js';

/** Bytes that are written at a time. */
const pieceBytes = 1 << 20;

type Bytes = Uint8Array<ArrayBuffer>;

/** Its bytes where they are known beforehand. Errors: `invalid_argument`. */
export function sizeOf(content: CheckpointContent, argument: string): number | undefined {
  if (content instanceof Uint8Array || content instanceof ArrayBuffer) return content.byteLength;
  if (content instanceof Blob) return content.size;
  if (typeof content === 'object' && content !== null &&
      (Symbol.asyncIterator in content || Symbol.iterator in content || 'getReader' in content)) {
    return undefined;
  }
  throw refuse(argument, 'bytes, a Blob or pieces of bytes', content);
}

/** Its pieces, copied, so that nobody changes them between writing and hashing. */
export async function* piecesOf(
  content: CheckpointContent, argument: string,
): AsyncGenerator<Bytes> {
  if (content instanceof Blob) {
    for (let at = 0; at < content.size; at += pieceBytes) {
      yield new Uint8Array(await content.slice(at, at + pieceBytes).arrayBuffer());
    }
    return;
  }
  const list = content instanceof ArrayBuffer ? [new Uint8Array(content)]
    : content instanceof Uint8Array ? [content] : content;
  for await (const piece of 'getReader' in list ? read(list) : list) {
    if (!(piece instanceof Uint8Array)) throw refuse(argument, 'pieces that are Uint8Array', piece);
    for (let at = 0; at < piece.byteLength; at += pieceBytes) {
      yield new Uint8Array(piece.subarray(at, at + pieceBytes));
    }
  }
}

/** A stream's pieces; not every browser iterates over them. */
async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isOpen = true;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) {
        isOpen = false;
        return;
      }
      yield next.value;
    }
  } finally {
    if (isOpen) void reader.cancel().catch(() => undefined);
  }
}
