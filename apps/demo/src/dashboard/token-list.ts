// Tokens as coloured pieces of their text, each with its words: at the pointer, at the focus, and in
// its title.
import { countInWords } from '../words.js';
import type { Piece } from './pieces.js';

const TINTS = 4;

/** The text that the token of an id has in the vocabulary. */
export type TokenNames = ReadonlyMap<number, string>;

/** Fills the list with the pieces of a text. */
export function showPieces(
  list: HTMLElement,
  text: string,
  pieces: readonly Piece[],
  names: TokenNames,
): void {
  let tint = 0;
  const items = pieces.map((piece) => {
    const item = document.createElement('li');
    const there = text.slice(piece.start, piece.end);
    // A line's end has no width of its own to be coloured.
    item.textContent = there.replaceAll('\n', '↵\n');
    item.title = wordsOf(there, piece.ids, names);
    item.tabIndex = -1;
    if (piece.ids.length > 0) item.dataset.tint = String(tint++ % TINTS);
    if (piece.ids.length > 1) item.dataset.tokens = String(piece.ids.length);
    return item;
  });
  if (items[0] !== undefined) items[0].tabIndex = 0;
  list.replaceChildren(...items);
}

function wordsOf(there: string, ids: readonly number[], names: TokenNames): string {
  const tokens = ids.map((id) => `${names.get(id) ?? ''} (id ${id})`).join(', ');
  if (there === '') return `Token without text: ${tokens}`;
  const text = `“${there}”`;
  if (ids.length === 0) return `${text}: no token stands for this`;
  return ids.length === 1
    ? `${text}: token ${tokens}`
    : `${text}: ${countInWords(ids.length, 'token')} share this: ${tokens}`;
}

/** Makes the pieces reachable by the arrow keys; `tell` gets the words of the one pointed at. */
export function watchPieces(list: HTMLElement, tell: (words: string) => void): void {
  const itemAt = (event: Event): HTMLElement | null =>
    event.target instanceof Element ? event.target.closest<HTMLElement>('li') : null;
  for (const type of ['pointerover', 'focusin', 'click']) {
    list.addEventListener(type, (event) => {
      const item = itemAt(event);
      if (item !== null) tell(item.title);
    });
  }
  list.addEventListener('keydown', (event) => {
    const item = itemAt(event);
    const next = item === null ? undefined : neighbour(list, item, event.key);
    if (item === null || !(next instanceof HTMLElement)) return;
    event.preventDefault();
    item.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

function neighbour(list: HTMLElement, item: Element, key: string): Element | null | undefined {
  switch (key) {
    case 'ArrowRight':
      return item.nextElementSibling;
    case 'ArrowLeft':
      return item.previousElementSibling;
    case 'Home':
      return list.firstElementChild;
    case 'End':
      return list.lastElementChild;
    default:
      return undefined;
  }
}
