// Generates core/unicode's tables from the Unicode character database as Debian's package
// unicode-data ships it.
import { characters, codePoints, lines, read, version, withProperty } from './unicode/database.mjs';
import { packRuns, signedVarint, tableFiles, varint } from './unicode/emit.mjs';

const blockSize = 256;

// In the order of enum Category in core/unicode/category.h.
const categories = [
  'Cn', 'Cc', 'Cf', 'Co', 'Cs', 'Ll', 'Lm', 'Lo', 'Lt', 'Lu', 'Mc', 'Me', 'Mn', 'Nd', 'Nl', 'No',
  'Pc', 'Pd', 'Pe', 'Pf', 'Pi', 'Po', 'Ps', 'Sc', 'Sk', 'Sm', 'So', 'Zl', 'Zp', 'Zs',
];
const whiteSpaceBit = 0x20;
const alphabeticBit = 0x40;

// In the order of enum class GraphemeBreak in core/unicode/grapheme.cc. Hangul syllables are left
// to arithmetic.
const graphemeBreaks = ['', 'CR', 'LF', 'Control', 'Extend', 'ZWJ', 'Regional_Indicator', 'Prepend', 'SpacingMark', 'L', 'V', 'T'];

// What a category mostly has, as UsualBreak of grapheme.cc says it; others have none.
const breakOfCategory = { Mn: 'Extend', Me: 'Extend', Mc: 'SpacingMark', Cc: 'Control', Cf: 'Control', Zl: 'Control', Zp: 'Control' };

const hex = (value) => `0x${value.toString(16)}`;
const quoted = (names) => names.map((name) => `"${name}"`);

/** What category.h describes: category and two bits, a byte a code point. */
function readProperties() {
  const properties = new Uint8Array(codePoints);
  for (const { first, last, fields } of characters()) {
    const index = categories.indexOf(fields[2]);
    if (index < 0) throw new Error(`UnicodeData.txt: unknown category ${fields[2]}`);
    properties.fill(index, first, last + 1);
  }
  for (const c of withProperty('DerivedCoreProperties.txt', 'Alphabetic')) properties[c] |= alphabeticBit;
  for (const c of withProperty('PropList.txt', 'White_Space')) properties[c] |= whiteSpaceBit;
  return properties;
}

/** Splits a table into an index and its distinct blocks. */
function intoBlocks(table) {
  const blocks = new Map();
  const index = [];
  for (let start = 0; start < table.length; start += blockSize) {
    const block = table.slice(start, start + blockSize);
    const key = block.join();
    if (!blocks.has(key)) blocks.set(key, { at: blocks.size, block });
    index.push(blocks.get(key).at);
  }
  if (blocks.size > 256) throw new Error('more than 256 distinct blocks; choose another size');
  return { index, blocks: [...blocks.values()].flatMap(({ block }) => [...block]) };
}

function categoryTables() {
  const { index, blocks } = intoBlocks(readProperties());
  const age = new Uint8Array(codePoints);
  for (const { first, last, value } of lines('DerivedAge.txt')) {
    if (Number(value) >= 9) age.fill(value === '9.0' ? 1 : 2, first, last + 1);
  }
  return tableFiles(
    'category_tables',
    [
      `The byte of code point c is kPropertyBlocks[kPropertyBlockOf[c / ${blockSize}] * ${blockSize} + c % ${blockSize}]: the`,
      'general category in the low five bits, and the two bits below. kAge, packed runs',
      '(packed_table.h), has 1 for what came with Unicode 9.0 and 2 for what came later.',
    ],
    `constexpr char kVersion[] = "${version()}";
constexpr uint32_t kPropertyBlockSize = ${blockSize};
constexpr uint8_t kCategoryMask = 0x1f;
constexpr uint8_t kWhiteSpaceBit = ${hex(whiteSpaceBit)};
constexpr uint8_t kAlphabeticBit = ${hex(alphabeticBit)};`,
    [
      ['uint8_t', 'kPropertyBlockOf', index],
      ['uint8_t', 'kPropertyBlocks', blocks],
      ['uint8_t', 'kAge', packRuns(age)],
    ],
  );
}

function scriptTables() {
  const names = [...new Set([...lines('Scripts.txt')].map(({ value }) => value))].sort();
  const short = new Map();
  for (const line of read('PropertyValueAliases.txt').split('\n')) {
    const match = /^sc ; (\w+)\s*; (\w+)/.exec(line);
    if (match) short.set(match[2], match[1]);
  }
  const script = new Uint8Array(codePoints);
  for (const { first, last, value } of lines('Scripts.txt')) script.fill(names.indexOf(value) + 1, first, last + 1);
  const constants = names.map((name, i) => `constexpr uint8_t k${name.replaceAll('_', '')} = ${i + 1};`);
  return tableFiles(
    'script_tables',
    [
      'The script of each code point as packed runs (packed_table.h): 1 + the place of its name in',
      'kScriptNames; 0 where there is none. kScriptCodes are the names of ISO 15924.',
    ],
    `namespace script {\n${constants.join('\n')}\n}  // namespace script`,
    [
      ['uint8_t', 'kScripts', packRuns(script)],
      ['char* const', 'kScriptNames', quoted(names)],
      ['char* const', 'kScriptCodes', quoted(names.map((name) => short.get(name)))],
    ],
  );
}

function normalizationTables() {
  const excluded = new Set(withProperty('DerivedNormalizationProps.txt', 'Full_Composition_Exclusion'));
  const combining = new Uint8Array(codePoints);
  const sources = [];
  const heads = [];
  const firsts = [];
  const rests = [];
  const before = []; // of the code point at each place of a mapping, the one in the mapping before
  let previous = 0;
  for (const { first, last, fields } of characters()) {
    combining.fill(Number(fields[3]), first, last + 1);
    if (!fields[5]) continue;
    const parts = fields[5].split(' ');
    const isCompatible = parts[0].startsWith('<');
    const decomposed = (isCompatible ? parts.slice(1) : parts).map((part) => parseInt(part, 16));
    varint(first - previous, sources);
    varint(decomposed.length * 4 + (excluded.has(first) ? 2 : 0) + (isCompatible ? 1 : 0), heads);
    for (const [i, c] of decomposed.entries()) {
      signedVarint(c - (before[i] ?? 0), i === 0 ? firsts : rests);
      before[i] = c;
    }
    previous = first;
  }
  return tableFiles(
    'normalization_tables',
    [
      'The mappings of UnicodeData.txt, one step each, by ascending code point, in four lists of varints',
      '(packed_table.h), which compress better apart. kMappingSources: distance from the code point',
      'before. kMappingHeads: 4 * length + 2 where it is not to be composed + 1 where it is one of',
      'compatibility. kMappingFirsts and kMappingRests: the code points mapped to, the first of each and',
      'the others, each as signed distance from the one at the same place of the last mapping that long.',
      'kCombiningClasses: packed runs.',
    ],
    '',
    [
      ['uint8_t', 'kMappingSources', sources],
      ['uint8_t', 'kMappingHeads', heads],
      ['uint8_t', 'kMappingFirsts', firsts],
      ['uint8_t', 'kMappingRests', rests],
      ['uint8_t', 'kCombiningClasses', packRuns(combining)],
    ],
  );
}

/** A map of code points as varints: distance from the key before, signed distance of the value. */
function packMap(map) {
  const bytes = [];
  let previous = 0;
  for (const [key, value] of [...map].sort(([a], [b]) => a - b)) {
    varint(key - previous, bytes);
    signedVarint(value - key, bytes);
    previous = key;
  }
  return bytes;
}

function caseTables() {
  const lower = new Map();
  for (const { first, fields } of characters()) {
    if (fields[13]) lower.set(first, parseInt(fields[13], 16));
  }
  const fold = new Map();
  for (const line of read('CaseFolding.txt').split('\n')) {
    const match = /^([0-9A-F]+); ([CSF]); ([0-9A-F ]+);/.exec(line);
    if (!match) continue;
    const key = parseInt(match[1], 16);
    if (match[2] === 'F') continue;
    const value = parseInt(match[3], 16);
    if (lower.get(key) !== value) fold.set(key, value);
  }
  // A code point that has a lower case and no folding of its own would be folded wrongly.
  const folded = new Set([...read('CaseFolding.txt').matchAll(/^([0-9A-F]+); [CS];/gm)].map((m) => parseInt(m[1], 16)));
  for (const key of lower.keys()) if (!folded.has(key)) fold.set(key, key);
  return tableFiles(
    'case_tables',
    [
      'kLowercase: the simple lower case of UnicodeData.txt. kFolding: the simple case folding of',
      'CaseFolding.txt where it is not the lower case. Both as varints (packed_table.h): distance from',
      'the code point before, signed distance of its image.',
    ],
    '',
    [
      ['uint8_t', 'kLowercase', packMap(lower)],
      ['uint8_t', 'kFolding', packMap(fold)],
    ],
  );
}

function graphemeTables() {
  const values = new Uint8Array(codePoints);
  for (const c of withProperty('emoji/emoji-data.txt', 'Extended_Pictographic')) values[c] = graphemeBreaks.length;
  for (const { first, last, value } of lines('auxiliary/GraphemeBreakProperty.txt')) {
    if (value === 'LV' || value === 'LVT') continue;
    const index = graphemeBreaks.indexOf(value);
    if (index < 0) throw new Error(`GraphemeBreakProperty.txt: unknown value ${value}`);
    for (let c = first; c <= last; c++) {
      if (values[c] !== 0) throw new Error(`${hex(c)} is pictographic and ${value}`);
      values[c] = index;
    }
  }
  const usual = new Uint8Array(codePoints);
  for (const { first, last, fields } of characters()) {
    usual.fill(graphemeBreaks.indexOf(breakOfCategory[fields[2]] ?? ''), first, last + 1);
  }
  return tableFiles(
    'grapheme_tables',
    [
      'Grapheme_Cluster_Break and Extended_Pictographic where they are not what grapheme.cc has for the',
      'category: packed runs (packed_table.h) of 1 + a value in the order of enum class GraphemeBreak.',
    ],
    '',
    [['uint8_t', 'kGraphemeBreaks', packRuns(values.map((value, c) => (value === usual[c] ? 0 : value + 1)))]],
  );
}

/** Returns the generated files as {path: text}, paths relative to the repository's root. */
export function generate() {
  return { ...categoryTables(), ...scriptTables(), ...normalizationTables(), ...caseTables(), ...graphemeTables() };
}
