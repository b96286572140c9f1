// Training a tokenizer: passes the caller's texts to the core and opens what it makes of them.
import { abortedError } from './errors.js';
import { mainRuntime } from './main-runtime.js';
import {
  checkOptions, isInteger, isOneOf, isString, isTextList, longOptions, refuse,
} from './options.js';
import type { Runtime } from './runtime.js';
import { report } from './sources/reading.js';
import { LoadedTokenizer, release } from './tokenizer.js';
import type { LongOptions } from './types/long-work.js';
import type { Tokenizer, TrainTokenizerOptions } from './types/tokenizer.js';

/** How much text travels to the engine at a time, in UTF-16 units. */
const batchUnits = 1 << 18;

const checks = {
  model: isOneOf('bpe', 'unigram'),
  vocabSize: isInteger(1),
  specialTokens: isTextList,
  minFrequency: isInteger(0),
  preTokenizer: isOneOf('byte_level', 'metaspace', 'whitespace'),
  normalizer: isOneOf('nfc', 'nfd', 'nfkc', 'nfkd'),
  maxTokenLength: isInteger(1),
  unkToken: isString,
  initialAlphabet: isTextList,
  limitAlphabet: isInteger(1),
};

/** Trains a tokenizer: the same texts and options give the same tokenizer.json on every machine, in
 * whatever order the texts come. BPE's merges are those of Hugging Face's BpeTrainer. Memory grows
 * with the number of distinct words. Unigram sorts their suffixes in one step, which an abort waits
 * for: about a second for five million characters. Errors: `invalid_argument`, also where there is
 * no word or the vocabulary has no room for the characters; `aborted`; what the iterable throws. */
export async function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>, options: TrainTokenizerOptions,
): Promise<Tokenizer> {
  checkOptions(options, { ...longOptions, ...checks });
  const iterator = iteratorOf(texts);
  const { signal, onProgress, ...settings } = options;
  const long = { signal, onProgress };
  const started = await mainRuntime.get();
  const trainer = await started.client.call('trainerCreate', { options: settings });
  try {
    await addTexts(started, trainer, iterator, long);
    const { json } = await started.client.call('trainerTrain', { trainer },
      { ...long, leavesAtOnce: true });
    const made = await started.client.call(
      'tokenizerCreate', { json, file: 'the trained tokenizer.json' });
    return new LoadedTokenizer(started, made, json);
  } finally {
    release(started, trainer);
  }
}

function iteratorOf(
  texts: Iterable<string> | AsyncIterable<string>,
): Iterator<string> | AsyncIterator<string> {
  // A string is an iterable of its characters, which nobody means.
  if (typeof texts === 'object' && texts !== null) {
    if (Symbol.asyncIterator in texts) return texts[Symbol.asyncIterator]();
    if (Symbol.iterator in texts) return texts[Symbol.iterator]();
  }
  throw refuse('texts', 'an iterable of strings', texts);
}

/** Passes the texts on, a batch after the other. */
async function addTexts(
  started: Runtime, trainer: number, iterator: Iterator<string> | AsyncIterator<string>,
  long: LongOptions,
): Promise<void> {
  let done = 0;
  let batch: string[] = [];
  let units = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await started.client.call('trainerAdd', { trainer, texts: batch },
      { signal: long.signal, leavesAtOnce: true });
    done += batch.length;
    report(long, { phase: 'tokenize', done, unit: 'rows' });
    batch = [];
    units = 0;
  };
  let isOpen = true;
  try {
    for (;;) {
      const next = await nextText(iterator, long.signal);
      if (next.done === true) break;
      if (typeof next.value !== 'string') {
        throw refuse(`texts[${done + batch.length}]`, 'a string', next.value);
      }
      batch.push(next.value);
      units += next.value.length;
      if (units >= batchUnits) await flush();
    }
    isOpen = false;
    await flush();
  } finally {
    // Not awaited: a source that waits for something may not answer before that.
    if (isOpen) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** The next text, or the abort that comes before it. */
async function nextText(
  iterator: Iterator<string> | AsyncIterator<string>, signal: AbortSignal | undefined,
): Promise<IteratorResult<unknown>> {
  if (signal?.aborted === true) throw abortedError('The training');
  const next = iterator.next();
  return signal === undefined ? next : orAborted(Promise.resolve(next), signal);
}

/** Waits for something or for the signal. */
function orAborted<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError('The training'));
    signal.addEventListener('abort', abort, { once: true });
    wait.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
