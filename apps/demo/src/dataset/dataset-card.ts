// A dataset that is dropped, chosen or the sample: what its rows are, how they are split, and how long
// their texts are for the model's tokenizer. One piece of work at a time, apart from the model's.
import { loadDataset, RepriseError, type Dataset, type Progress, type Row, type Tokenizer } from 'reprise';

import { hideFailure, showFailure } from '../failure.js';
import { element, page } from '../page.js';
import { ControlError } from '../sampling.js';
import { countInWords, progressInWords } from '../words.js';
import {
  hideDataset, showLengths, showRows, showSchema, showSplits, showStats, tellOfLengths, tellOfSplits,
} from './dataset-view.js';
import { LengthCounter } from './lengths.js';

const FIRST_ROWS = 8;
const sampleAddress = './sms-spam.csv';
const ratios = { train: 0.8, val: 0.1, test: 0.1 };

const parts = {
  card: element('dataset', HTMLDetailsElement),
  pick: element('dataset-pick', HTMLButtonElement),
  sample: element('dataset-sample', HTMLButtonElement),
  abort: element('dataset-abort', HTMLButtonElement),
  input: element('dataset-input', HTMLInputElement),
  status: element('dataset-status', HTMLParagraphElement),
  progress: element('dataset-progress', HTMLProgressElement),
  failure: element('dataset-failure', HTMLElement),
  seed: element('dataset-seed', HTMLInputElement),
  field: element('dataset-field', HTMLSelectElement),
};

/** The dataset at hand, and which of its parts the page shows. */
interface Held {
  readonly data: Dataset<Row>;
  rows?: number;
  seed?: number;
  lengths?: { readonly tokenizer: Tokenizer; readonly field: string };
}

let held: Held | undefined;
let tokenizer: Tokenizer | undefined;
let hasModel = false;
let work: AbortController | undefined;

/** Makes the card work. */
export function startDatasetCard(): void {
  parts.pick.addEventListener('click', () => parts.input.click());
  parts.input.addEventListener('change', () => {
    const files = [...(parts.input.files ?? [])];
    parts.input.value = '';
    if (files.length > 0) takeFiles(files);
  });
  parts.sample.addEventListener('click', () => open(new URL(sampleAddress, document.baseURI)));
  parts.abort.addEventListener('click', () => work?.abort());
  parts.seed.addEventListener('change', goOn);
  parts.field.addEventListener('change', goOn);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') work?.abort();
  });
  watchDrops();
}

/** Counts with this tokenizer from now on; undefined where the page's model has none. */
export function countWith(given: Tokenizer | undefined): void {
  hasModel = true;
  if (given !== undefined && given === tokenizer) return;
  tokenizer = given;
  // What somebody stopped, or what failed, does not begin anew because of a model.
  if (work !== undefined || held?.rows !== undefined) goOn();
}

/** What is dropped on the card is a dataset; on the rest of the page it is a model. */
function watchDrops(): void {
  const mark = (isOver: boolean): void => {
    parts.card.classList.toggle('dropping', isOver);
  };
  parts.card.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.stopPropagation();
    page.dropHint.hidden = true;
    mark(true);
  });
  parts.card.addEventListener('dragleave', (event) => {
    if (!(event.relatedTarget instanceof Node && parts.card.contains(event.relatedTarget))) mark(false);
  });
  parts.card.addEventListener('drop', (event) => {
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    page.dropHint.hidden = true;
    takeFiles(files);
  });
}

function takeFiles(files: readonly File[]): void {
  const [file] = files;
  parts.card.open = true;
  if (file !== undefined && files.length === 1) open(file);
  else void run(() => Promise.reject(new ControlError('The card', 'one file', `${files.length} files`)));
}

function open(source: File | URL): void {
  void run(async (signal) => {
    held?.data.dispose();
    held = undefined;
    hideDataset();
    const data = await settled(loadDataset(source, { signal, onProgress: told(signal) }), signal);
    held = { data };
    showSchema(schemaOf(data));
    await firstRows(data, signal);
    return complete(held, signal);
  });
}

/** Does what the changed controls ask for, of the dataset at hand. */
function goOn(): void {
  const at = held;
  if (at !== undefined) void run((signal) => complete(at, signal));
}

/** Runs a piece of work with the controls, the status and the errors that belong to it. */
async function run(task: (signal: AbortSignal) => Promise<string>): Promise<void> {
  work?.abort();
  const mine = new AbortController();
  work = mine;
  hideFailure(parts.failure);
  parts.seed.removeAttribute('aria-invalid');
  parts.abort.disabled = false;
  parts.status.textContent = 'Reading…';
  let status = '';
  try {
    status = await task(mine.signal);
  } catch (error) {
    if (mine.signal.aborted) status = 'Stopped.';
    else showFailure(error, parts.failure);
  }
  if (work !== mine) return; // Something newer runs; the card is its own.
  work = undefined;
  parts.status.textContent = status;
  parts.progress.hidden = true;
  // A button that had the focus and is disabled would lose it to the page.
  if (document.activeElement === parts.abort) parts.pick.focus();
  parts.abort.disabled = true;
}

/** Shows progress until the work is aborted. `rows` is their number where the work counts them. */
function told(signal: AbortSignal, verb?: string, rows?: number): (progress: Progress) => void {
  return (progress) => {
    if (signal.aborted) return;
    const total = progress.unit === 'rows' ? rows : progress.total;
    const whole = total === undefined ? progress : { ...progress, total };
    parts.status.textContent = progressInWords(whole, verb ?? `Reading ${progress.file ?? 'the rows'}`);
    parts.progress.hidden = false;
    if (total === undefined) parts.progress.removeAttribute('value');
    else parts.progress.value = progress.done / Math.max(1, total);
  };
}

/** A result, unless the work was aborted just before it came. */
async function settled<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const value = await result;
  signal.throwIfAborted();
  return value;
}

function schemaOf(data: Dataset<Row>) {
  return data.schema ?? { version: 1 as const, fields: [] };
}

/** Those before a bad row are shown too. */
async function firstRows(data: Dataset<Row>, signal: AbortSignal): Promise<void> {
  const rows: Row[] = [];
  try {
    for await (const row of data.take(FIRST_ROWS).iterate({ signal })) rows.push(row);
  } finally {
    if (!signal.aborted) showRows(schemaOf(data), rows);
  }
}

/** Computes what is not shown yet. */
async function complete(at: Held, signal: AbortSignal): Promise<string> {
  if (at.rows === undefined) {
    const stats = await settled(at.data.stats({ signal, onProgress: told(signal) }), signal);
    at.rows = stats.rows;
    showStats(schemaOf(at.data), stats);
  }
  await split(at, signal);
  await countLengths(at, at.rows, signal);
  return `Done: ${countInWords(at.rows, 'row')}.`;
}

async function split(at: Held, signal: AbortSignal): Promise<void> {
  const before = at.seed;
  delete at.seed;
  const seed = chosenSeed();
  if (before !== seed) {
    tellOfSplits('Dealing out the rows…');
    const onProgress = told(signal, 'Dealing out the rows');
    try {
      const dealt = await settled(at.data.split({ ratios, seed, signal, onProgress }), signal);
      showSplits(Object.values(dealt));
    } catch (error) {
      // So few rows that a part would have none: nothing is wrong with the file.
      if (!(error instanceof RepriseError && error.code === 'invalid_argument')) throw error;
      tellOfSplits(`No splits: ${error.message}`);
    }
  }
  at.seed = seed;
}

/** Throws ControlError. */
function chosenSeed(): number {
  const text = parts.seed.value.trim();
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  tellOfSplits('A split needs a seed.');
  parts.seed.setAttribute('aria-invalid', 'true');
  parts.seed.focus();
  throw new ControlError('The seed of the split', 'a whole number up to 2^53 - 1', text || 'nothing');
}

async function countLengths(at: Held, rows: number, signal: AbortSignal): Promise<void> {
  const [using, field] = [tokenizer, parts.field.value];
  if (at.lengths !== undefined && at.lengths.tokenizer === using && at.lengths.field === field) return;
  delete at.lengths;
  if (parts.field.disabled) return tellOfLengths('No field of this dataset is a text.');
  if (using === undefined) {
    return tellOfLengths(hasModel
      ? 'The model has no tokenizer: its folder lacks tokenizer.json.'
      : 'The tokens are counted when the model is ready.');
  }
  tellOfLengths('Counting tokens…');
  const counter = new LengthCounter();
  const texts = at.data.select([field]).filter((row) => typeof row[field] === 'string');
  const onProgress = told(signal, 'Counting tokens', rows);
  try {
    for await (const { tokens } of texts.tokenize(using, field).iterate({ signal, onProgress })) {
      counter.add(tokens.length);
    }
  } catch (error) {
    // Another model takes this one's place and brings its own tokenizer.
    if (!(error instanceof RepriseError && error.code === 'disposed') || signal.aborted) throw error;
    return tellOfLengths('The model was put away; the tokens are counted when the next is ready.');
  }
  signal.throwIfAborted();
  at.lengths = { tokenizer: using, field };
  const summary = counter.summary();
  if (summary === undefined) tellOfLengths('There are no texts in this field.');
  else showLengths(summary);
}
