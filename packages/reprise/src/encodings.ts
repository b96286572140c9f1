// What the core needs to know of EncodeOptions, and what its answer becomes.
import {
  checkOptions, isBoolean, isInteger, isObject, isOneOf, isString, isTextList, type Check,
} from './options.js';
import type { EncodedTexts, TextOptions } from './protocol.js';
import type { EncodeOptions, Encoding } from './types/tokenizer.js';

const isAllowed: Check = (value) =>
  value === 'all' || value === 'none' || isTextList(value) === undefined
    ? undefined
    : "'all', 'none' or an array of special tokens";
const isLength: Check = (value) =>
  value === 'longest' || isInteger(0)(value) === undefined
    ? undefined
    : "a number of tokens or 'longest'";
const isSide = isOneOf('left', 'right');

/** The checks of EncodeOptions, but for what its options hold. */
export const encodeChecks = {
  addSpecialTokens: isBoolean, offsets: isBoolean, allowSpecial: isAllowed, truncation: isObject,
  padding: isObject,
};

/** Checks truncation and padding, and gives the options as the core takes them. Errors:
 * `invalid_argument`. */
export function coreOptions(options: EncodeOptions): TextOptions {
  const { addSpecialTokens = false, offsets = false, truncation, padding } = options;
  const allowSpecial = options.allowSpecial ?? 'all';
  if (!offsets && allowSpecial === 'all' && truncation === undefined && padding === undefined) {
    return addSpecialTokens;
  }
  if (truncation !== undefined) {
    checkOptions(truncation, { maxLength: isInteger(0), side: isSide }, 'truncation',
      ['maxLength']);
  }
  if (padding !== undefined) {
    checkOptions(padding, {
      length: isLength, side: isSide, padToken: isString, multipleOf: isInteger(1),
    }, 'padding', ['length']);
  }
  return JSON.stringify({
    addSpecialTokens,
    offsets,
    allowSpecial: allowSpecial === 'all' ? undefined : allowSpecial === 'none' ? [] : allowSpecial,
    truncation,
    padding: padding === undefined ? undefined : {
      ...padding, length: padding.length === 'longest' ? undefined : padding.length,
    },
  });
}

/** The encodings of so many texts, each with memory of its own. */
export function encodingsOf(
  words: EncodedTexts, count: number, options: EncodeOptions,
): Encoding[] {
  let tokens = 0;
  for (let i = 0; i < count; i++) tokens += words[i] as number;
  const bytesStart = 3 * count + tokens;
  const utf16Start = bytesStart + 2 * tokens;
  const encodings: Encoding[] = [];
  let before = 0;
  for (let i = 0; i < count; i++) {
    const length = words[i] as number;
    const ranges = (start: number) =>
      words.slice(start + 2 * before, start + 2 * (before + length));
    encodings.push({
      ids: words.slice(3 * count + before, 3 * count + before + length),
      removed: words[count + i] as number,
      ...(options.padding === undefined ? {} : {
        attentionMask: maskOf(length, words[2 * count + i] as number, options.padding.side),
      }),
      ...(options.offsets === true
        ? { offsets: { utf16: ranges(utf16Start), bytes: ranges(bytesStart) } } : {}),
    });
    before += length;
  }
  return encodings;
}

function maskOf(length: number, padded: number, side: 'left' | 'right' = 'right'): Uint8Array {
  const first = side === 'left' ? padded : 0;
  return new Uint8Array(length).fill(1, first, first + length - padded);
}
