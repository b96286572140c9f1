// Tokenizers and decode streams: the caller's objects for those of the core.
import { coreOptions, encodeChecks, encodingsOf } from './encodings.js';
import { repriseError, type RepriseError } from './errors.js';
import {
  checkArgument, checkIds, checkOptions, fetchOptions, isBoolean, isString, longOptions, refuse,
} from './options.js';
import type { Calls, EncodedTexts, Utf8Texts } from './protocol.js';
import type { Runtime, RuntimeHost } from './runtime.js';
import { openFile } from './sources/files.js';
import { readWhole } from './sources/reading.js';
import type { LongOptions } from './types/long-work.js';
import type { FileSource } from './types/sources.js';
import type {
  DecodeOptions, DecodeStream, EncodeOptions, Encoding, LoadTokenizerOptions, SpecialToken,
  Tokenizer, TokenizerMetrics,
} from './types/tokenizer.js';

const decodeChecks = { skipSpecialTokens: isBoolean };

/** `loadTokenizer` of an entry. */
export async function loadTokenizer(
  host: RuntimeHost, source: FileSource, options: LoadTokenizerOptions = {},
): Promise<Tokenizer> {
  checkOptions(options, { ...longOptions, ...fetchOptions });
  const started = await host.get();
  const { onProgress, signal } = options;
  const file = await openFile(source, 'tokenizer.json', 'JSON', options, 'source');
  const json = await readWhole(file, {
    ...(onProgress === undefined ? {} : { onProgress }),
    onTelemetry: [started.options.onTelemetry],
  });
  return tokenizerFrom(started, json, file.name, signal);
}

/** Makes a tokenizer of a file's bytes. */
export async function tokenizerFrom(
  started: Runtime, json: Uint8Array, file: string, signal: AbortSignal | undefined,
): Promise<LoadedTokenizer> {
  const made = await started.client.call(
    'tokenizerCreate', { json, file }, { signal, leavesAtOnce: true });
  return new LoadedTokenizer(started, made, json);
}

function checkTexts(texts: readonly string[]): void {
  if (!Array.isArray(texts)) throw refuse('texts', 'an array of strings', texts);
  // By index: forEach and map pass over what an array has not.
  for (let i = 0; i < texts.length; i++) checkArgument(`texts[${i}]`, texts[i], isString);
}

function disposedError(): RepriseError {
  return repriseError('disposed', 'The tokenizer was disposed of before this call.');
}

/** A tokenizer of the core. */
export class LoadedTokenizer implements Tokenizer {
  readonly hash: string;
  readonly vocabSize: number;
  readonly specialTokens: readonly SpecialToken[];
  readonly runtime: Runtime;
  readonly #handle: number;
  #json: Uint8Array | undefined;
  #disposed = false;

  /** `json` is the file's bytes. */
  constructor(
    started: Runtime, made: Calls['tokenizerCreate']['value'], json: Uint8Array,
  ) {
    this.runtime = started;
    this.#json = json;
    this.#handle = made.handle;
    this.hash = made.hash;
    this.vocabSize = made.vocabSize;
    this.specialTokens = made.specialTokens;
  }

  /** The core's handle. Errors: `disposed`. */
  get handle(): number {
    if (this.#disposed) throw disposedError();
    return this.#handle;
  }

  async encode(text: string, options: EncodeOptions = {}): Promise<Encoding> {
    checkArgument('text', text, isString);
    checkOptions(options, encodeChecks);
    const core = coreOptions(options);
    const words = await this.runtime.client.call('encode', {
      tokenizer: this.handle, text, options: core,
    });
    return typeof core === 'string'
      ? encodingsOf(words, 1, options)[0] as Encoding : { ids: words, removed: 0 };
  }

  async encodeBatch(
    texts: readonly string[], options: EncodeOptions & LongOptions = {},
  ): Promise<Encoding[]> {
    checkTexts(texts);
    checkOptions(options, { ...encodeChecks, ...longOptions });
    return encodingsOf(await this.encodeWords(texts, options), texts.length, options);
  }

  /** `encodeBatch` as the core answers it; of bytes, they are valid UTF-8. */
  async encodeWords(
    texts: readonly string[] | Utf8Texts, options: EncodeOptions & LongOptions,
  ): Promise<EncodedTexts> {
    return this.runtime.client.call('encodeBatch', {
      tokenizer: this.handle, texts: 'sizes' in texts ? texts : [...texts],
      options: coreOptions(options),
    }, { signal: options.signal, onProgress: options.onProgress, leavesAtOnce: true });
  }

  async decode(ids: ArrayLike<number>, options: DecodeOptions = {}): Promise<string> {
    checkOptions(options, decodeChecks);
    return this.runtime.client.call('decode', {
      tokenizer: this.handle, ids: checkIds('ids', ids),
      skipSpecialTokens: options.skipSpecialTokens ?? true,
    });
  }

  async decodeBatch(
    lists: readonly ArrayLike<number>[], options: DecodeOptions & LongOptions = {},
  ): Promise<string[]> {
    if (!Array.isArray(lists)) throw refuse('lists', 'an array of lists of token ids', lists);
    checkOptions(options, { ...decodeChecks, ...longOptions });
    const checked = Array.from(
      lists, (ids: ArrayLike<number>, i) => checkIds(`lists[${i}]`, ids));
    const counts = Uint32Array.from(checked, (ids) => ids.length);
    const ids = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
    let start = 0;
    for (const list of checked) {
      ids.set(list, start);
      start += list.length;
    }
    const { signal, onProgress, skipSpecialTokens = true } = options;
    return this.runtime.client.call('decodeBatch', {
      tokenizer: this.handle, ids, counts, skipSpecialTokens,
    }, { signal, onProgress, leavesAtOnce: true });
  }

  decodeStream(options: DecodeOptions = {}): DecodeStream {
    checkOptions(options, decodeChecks);
    return new CoreDecodeStream(this.runtime, this.handle, options.skipSpecialTokens ?? true);
  }

  async tokenToId(token: string): Promise<number | undefined> {
    checkArgument('token', token, isString);
    return this.runtime.client.call('tokenToId', { tokenizer: this.handle, token });
  }

  async idToToken(id: number): Promise<string | undefined> {
    const ids = checkIds('id', [id]);
    return this.runtime.client.call(
      'idToToken', { tokenizer: this.handle, id: ids[0] as number });
  }

  async vocabulary(): Promise<Map<string, number>> {
    const { texts, ids } = await this.runtime.client.call(
      'vocabulary', { tokenizer: this.handle });
    return new Map(texts.map((text, i) => [text, ids[i] as number]));
  }

  async metrics(
    texts: readonly string[], options: LongOptions = {},
  ): Promise<TokenizerMetrics> {
    checkTexts(texts);
    checkOptions(options, longOptions);
    const { signal, onProgress } = options;
    return this.runtime.client.call('metrics', {
      tokenizer: this.handle, texts: [...texts],
    }, { signal, onProgress, leavesAtOnce: true });
  }

  async save(): Promise<Uint8Array> {
    if (this.#json === undefined) throw disposedError();
    return this.#json.slice();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#json = undefined;
    release(this.runtime, this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A decode stream of the core. */
class CoreDecodeStream implements DecodeStream {
  readonly #runtime: Runtime;
  readonly #handle: Promise<number>;
  /** The handle once it is there, so that disposing need not wait. */
  #known: number | undefined;
  #disposed = false;

  constructor(started: Runtime, tokenizer: number, skipSpecialTokens: boolean) {
    this.#runtime = started;
    this.#handle = started.client.call('decodeStreamCreate', { tokenizer, skipSpecialTokens });
    this.#handle.then(
      (handle) => {
        this.#known = handle;
        if (this.#disposed) release(this.#runtime, handle);
      },
      // Whoever uses the stream hears of the failure.
      () => undefined,
    );
  }

  async push(id: number): Promise<string> {
    const ids = checkIds('id', [id]);
    const stream = await this.#open();
    return this.#runtime.client.call('decodeStreamPush', { stream, id: ids[0] as number });
  }

  async finish(): Promise<string> {
    const stream = await this.#open();
    return this.#runtime.client.call('decodeStreamFinish', { stream });
  }

  #open(): Promise<number> {
    if (!this.#disposed) return this.#handle;
    throw repriseError('disposed', 'The decode stream was disposed of before this call.');
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#known !== undefined) release(this.#runtime, this.#known);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Releases an object of the core; where the runtime has ended, it is gone already. */
export function release(started: Runtime, handle: number): void {
  if (started.client.ended !== undefined) return;
  started.client.call('release', { handle }).catch((thrown: unknown) => {
    if (started.client.ended === undefined) throw thrown;
  });
}
