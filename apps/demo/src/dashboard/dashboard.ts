// What the model's tokenizer makes of a text, while it is typed: its tokens and their metrics, which
// also go to the console.
import type { Tokenizer, TokenizerMetrics } from 'reprise';

import { element } from '../page.js';
import { countInWords } from '../words.js';
import { showMetrics } from './metrics-view.js';
import { piecesOf } from './pieces.js';
import { showPieces, watchPieces, type TokenNames } from './token-list.js';

const PAUSE_MS = 150;
// A page with many more elements becomes slow. The metrics are those of the whole text.
const MOST_SHOWN_TOKENS = 2000;

const parts = {
  text: element('tokens-text', HTMLTextAreaElement),
  note: element('tokens-note', HTMLParagraphElement),
  pieces: element('tokens-pieces', HTMLOListElement),
  more: element('tokens-more', HTMLParagraphElement),
  words: element('tokens-words', HTMLParagraphElement),
  metrics: element('tokens-metrics', HTMLDivElement),
  figures: element('tokens-figures', HTMLElement),
  scripts: element('tokens-scripts', HTMLTableSectionElement),
};

let shown: Tokenizer | undefined;
let names = new Map<number, string>();
let latest = 0;

/** Makes the field work. */
export function startDashboard(): void {
  let pause: ReturnType<typeof setTimeout> | undefined;
  parts.text.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => void update(), PAUSE_MS);
  });
  watchPieces(parts.pieces, (words) => {
    parts.words.textContent = words;
  });
}

/** Shows this tokenizer's work from now on; undefined where the page's model has none. */
export function showTokenizer(tokenizer: Tokenizer | undefined): void {
  if (tokenizer !== undefined && tokenizer === shown) return;
  shown = tokenizer;
  names = new Map();
  void update();
}

async function update(): Promise<void> {
  const mine = ++latest;
  const tokenizer = shown;
  if (tokenizer === undefined) {
    clear('The model has no tokenizer: its folder lacks tokenizer.json.');
    return;
  }
  const text = parts.text.value;
  try {
    const [{ ids, offsets }, metrics] = await Promise.all([
      tokenizer.encode(text, { offsets: true }),
      tokenizer.metrics([text]),
    ]);
    const some = ids.subarray(0, MOST_SHOWN_TOKENS);
    const known = await namesOf(tokenizer, some);
    if (mine !== latest) return; // Another text or tokenizer came in between.
    const utf16 = offsets?.utf16 ?? new Uint32Array();
    const isWhole = some.length === ids.length;
    showPieces(parts.pieces, text, piecesOf(isWhole ? text.length : 0, some, utf16), known);
    tellMore(ids.length - some.length);
    showMetrics(parts.figures, parts.scripts, metrics);
    parts.metrics.hidden = false;
    parts.words.textContent = '';
    parts.note.textContent = `Vocabulary of ${countInWords(tokenizer.vocabSize, 'token')}`;
    log(tokenizer, metrics);
  } catch (error) {
    if (mine === latest) clear(error instanceof Error ? error.message : String(error));
  }
}

/** The tokens of these ids, each asked for once. */
async function namesOf(tokenizer: Tokenizer, ids: Uint32Array): Promise<TokenNames> {
  const known = names;
  const unknown = [...new Set(ids)].filter((id) => !known.has(id));
  const found = await Promise.all(unknown.map((id) => tokenizer.idToToken(id)));
  unknown.forEach((id, i) => known.set(id, found[i] ?? ''));
  return known;
}

function tellMore(tokens: number): void {
  parts.more.hidden = tokens === 0;
  parts.more.textContent = `… and ${countInWords(tokens, 'token')} more, which only the metrics count.`;
}

function clear(note: string): void {
  parts.note.textContent = note;
  parts.pieces.replaceChildren();
  parts.more.hidden = true;
  parts.metrics.hidden = true;
  parts.words.textContent = '';
}

/** One line of JSON after its name: the metrics, and which tokenizer they are of. */
function log(tokenizer: Tokenizer, metrics: TokenizerMetrics): void {
  console.info(`tokenizer metrics ${JSON.stringify({ tokenizer: tokenizer.hash, ...metrics })}`);
}
