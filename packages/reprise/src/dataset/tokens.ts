// Rows of token ids: what is one, and what their labels are.
import { inWords } from '../options.js';
import type { TokenRow } from '../types/dataset.js';
import { itemError } from './sequence.js';

/** The label that counts nowhere. */
export const ignoredLabel = -100;

/** Whether an item is a row of token ids. */
export function isTokenRow(item: unknown): item is TokenRow {
  return typeof item === 'object' && item !== null && 'tokens' in item &&
    item.tokens instanceof Uint32Array;
}

/** A row of token ids, whole. Errors: `invalid_argument` with the row. */
export function checkTokenRow(item: unknown, row: number): TokenRow {
  if (!isTokenRow(item)) {
    throw itemError(row, `expected token ids {tokens: Uint32Array}, found ${inWords(item)}`);
  }
  const { tokens, labels } = item;
  if (labels !== undefined && !(labels instanceof Int32Array && labels.length === tokens.length)) {
    throw itemError(row, `expected labels as an Int32Array of ${tokens.length} as there are tokens, ` +
      `found ${labels instanceof Int32Array ? labels.length : inWords(labels)}`);
  }
  return item;
}
