// Parts of a file at an address.
import { checkedAnswer, download, piecesOf, wholeOf } from './download.js';
import type { Expected, Opened, OpenFile, Piece, Request, ResumeListener } from './files.js';
import { totalOf, whyNoRest, whyNot } from './resume.js';

/** A file at an address of which any part can be asked for, all of one content. */
export interface RangedFile extends Opened {
  readonly bytes: number;
  /** The bytes from `start` to before `end`, which lie within the file. Errors: those of `download`;
   * `network` with `expected` and `found` where the content is another than at first. */
  pieces(
    start: number, end: number, signal: AbortSignal, onResume: ResumeListener,
  ): AsyncIterable<Piece>;
}

/** Opens an address so that parts of it can be asked for, where its server gives ranges that are certain
 * to be of one content (resume.ts); else the whole of it. Errors: those of `download`. */
export async function openRanges(
  url: string, expected: Expected, request: Request,
): Promise<RangedFile | OpenFile> {
  const wanted = { url, expected, request };
  const first = await checkedAnswer(wanted, { range: 'bytes=0-0' });
  if (first.status === 200) return wholeOf(wanted, first);
  await first.body?.cancel();
  const bytes = totalOf(first);
  const isSure = whyNot(first, 206) === undefined && whyNoRest(first, first, 0, undefined) === undefined &&
    Number.isSafeInteger(bytes);
  if (!isSure) return download(url, expected, request);
  return {
    bytes, headers: first.headers,
    pieces: (start, end, signal, onResume) => piecesOf(
      { url, expected, request: { ...request, signal } }, first, { at: start, end, bytes, attempts: 0 }, onResume),
  };
}
