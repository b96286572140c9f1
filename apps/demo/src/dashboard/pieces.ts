// A text cut where its tokens begin and end.

/** A part of a text that stands or falls together. Pieces follow each other without gaps. */
export interface Piece {
  /** [start, end) in UTF-16 units; equal where the tokens stand for no text. */
  readonly start: number;
  readonly end: number;
  /** The tokens that stand for it: several where they share characters, as the bytes of one
   * character do; none for text that the tokenizer leaves out. */
  readonly ids: readonly number[];
}

/** The pieces of the first `length` units of a text. `utf16` holds a pair [start, end) for each id,
 * as `encode` gives them; tokens whose pairs overlap get one piece. */
export function piecesOf(
  length: number,
  ids: ArrayLike<number>,
  utf16: ArrayLike<number>,
): Piece[] {
  const pieces: Piece[] = [];
  const reached = (): number => pieces.at(-1)?.end ?? 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    let [start, end] = [utf16[2 * i] as number, utf16[2 * i + 1] as number];
    if (start === end) {
      pieces.push({ start: reached(), end: reached(), ids: [id] });
      continue;
    }
    const shared = [id];
    while (reached() > start) {
      const before = pieces.pop() as Piece;
      start = Math.min(start, before.start);
      end = Math.max(end, before.end);
      shared.unshift(...before.ids);
    }
    if (start > reached()) pieces.push({ start: reached(), end: start, ids: [] });
    pieces.push({ start, end, ids: shared });
  }
  if (length > reached()) pieces.push({ start: reached(), end: length, ids: [] });
  return pieces;
}
