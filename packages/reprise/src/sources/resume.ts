// Whether a download that broke off can go on by a range, and whether an answer is its rest: only where it
// is certain to be of the same content (RFC 9110, 8.8, 14 and 15.3.7).
import { isNode } from '../platform.js';

/** What an answer must be, and is not. */
export type Mismatch = readonly [name: string, expected: string | number, found: string | number];

const valueOf = ({ headers }: Response, name: string): string => headers.get(name) ?? 'none';

export const isStrong = (etag: string): boolean => etag.startsWith('"');

/** An answer's Content-Encoding. Of another origin's answer a page sees the headers that are exposed to
 * it, so that one which it does not see may be there. */
export function encodingOf(answer: Response): string {
  const isTold = answer.type !== 'cors' || isNode() ||
    /^\*$|(^|[ ,])content-encoding($|[ ,])/i.test(valueOf(answer, 'access-control-expose-headers'));
  return isTold ? valueOf(answer, 'content-encoding') : 'not exposed';
}

/** The first thing that is wrong with an answer; undefined where nothing is. Ranges of what is
 * compressed on the way would count other bytes. */
function mismatchOf(
  answer: Response, status: number, ...more: Mismatch[]
): Mismatch | undefined {
  const all: Mismatch[] = [
    ['status', status, answer.status], ['Content-Encoding', 'none', encodingOf(answer)], ...more,
  ];
  return all.find(([, expected, found]) => expected !== found);
}

/** Why nothing can go on behind a first answer, of this status; undefined where it can. A weak ETag may stay where bytes
 * change, and so may a Last-Modified of the second of the answer. A server that says nothing of ranges is
 * asked for one. */
export function whyNot(first: Response, status = 200): Mismatch | undefined {
  const [etag, modified] = [valueOf(first, 'etag'), valueOf(first, 'last-modified')];
  const isOld = Date.parse(valueOf(first, 'date')) - Date.parse(modified) >= 1000;
  return mismatchOf(first, status,
    ['Accept-Ranges', 'bytes', first.headers.get('accept-ranges') ?? 'bytes'],
    ['ETag', isStrong(etag) || isOld ? etag : 'strong or its Last-Modified older', etag]);
}

/** Why an answer is not the rest of a first one from a byte on; undefined where it is. `bytes` is the
 * size of all, where it is known. */
export function whyNoRest(
  rest: Response, first: Response, at: number, bytes: number | undefined,
): Mismatch | undefined {
  const [etag, modified, range] = [
    valueOf(rest, 'etag'), valueOf(rest, 'last-modified'), valueOf(rest, 'content-range')];
  const begin = `bytes ${at}-`;
  const isRest = range.startsWith(begin) && totalOf(rest) === (bytes ?? totalOf(rest));
  return mismatchOf(rest, 206,
    ['Content-Range', isRest ? range : `${begin}…/${bytes ?? '…'}`, range],
    ['ETag', valueOf(first, 'etag'), etag],
    ['Last-Modified', isStrong(etag) ? modified : valueOf(first, 'last-modified'), modified]);
}

/** The size of all that an answer is a range of; NaN where it does not say it. */
export function totalOf(rest: Response): number {
  return Number(valueOf(rest, 'content-range').split('/')[1]);
}
