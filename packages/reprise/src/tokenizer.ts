// Tokenizers and decode streams: the caller's objects for those of the core.
import { repriseError } from './errors.js';
import {
  checkArgument, checkIds, checkOptions, fetchOptions, isBoolean, isString, longOptions, refuse,
} from './options.js';
import type { Calls } from './protocol.js';
import { runtime, type Runtime } from './runtime.js';
import { type OpenFile, openFile } from './sources/files.js';
import { type Listeners, readWhole } from './sources/reading.js';
import type { LongOptions } from './types/long-work.js';
import type { FileSource } from './types/sources.js';
import type {
  DecodeOptions, DecodeStream, EncodeOptions, Encoding, LoadTokenizerOptions, SpecialToken,
  Tokenizer,
} from './types/tokenizer.js';

const encodeChecks = { addSpecialTokens: isBoolean };
const decodeChecks = { skipSpecialTokens: isBoolean };

/** Loads a `tokenizer.json`. Errors: `invalid_json`, `invalid_tokenizer`, `unsupported` (with the
 * JSON path), `not_found`, `network`, `cors`. */
export async function loadTokenizer(
  source: FileSource, options: LoadTokenizerOptions = {},
): Promise<Tokenizer> {
  checkOptions(options, { ...longOptions, ...fetchOptions });
  const started = await runtime();
  const { onProgress, signal } = options;
  return tokenizerOf(started, await openFile(source, 'tokenizer.json', 'JSON', options), {
    ...(onProgress === undefined ? {} : { onProgress }),
    onTelemetry: [started.options.onTelemetry],
  }, signal);
}

/** Makes a tokenizer of an open file. */
export async function tokenizerOf(
  started: Runtime, file: OpenFile, listeners: Listeners, signal: AbortSignal | undefined,
): Promise<LoadedTokenizer> {
  const json = await readWhole(file, listeners);
  const made = await started.client.call(
    'tokenizerCreate', { json, file: file.name }, { signal, leavesAtOnce: true });
  return new LoadedTokenizer(started, made);
}

/** A tokenizer of the core. */
export class LoadedTokenizer implements Tokenizer {
  readonly hash: string;
  readonly vocabSize: number;
  readonly specialTokens: readonly SpecialToken[];
  readonly runtime: Runtime;
  readonly #handle: number;
  #disposed = false;

  constructor(started: Runtime, made: Calls['tokenizerCreate']['value']) {
    this.runtime = started;
    this.#handle = made.handle;
    this.hash = made.hash;
    this.vocabSize = made.vocabSize;
    this.specialTokens = made.specialTokens;
  }

  /** The core's handle. Errors: `disposed`. */
  get handle(): number {
    if (this.#disposed) {
      throw repriseError('disposed', 'The tokenizer was disposed of before this call.');
    }
    return this.#handle;
  }

  async encode(text: string, options: EncodeOptions = {}): Promise<Encoding> {
    checkArgument('text', text, isString);
    checkOptions(options, encodeChecks);
    const [ids] = await this.#encode([text], options, {});
    return { ids: ids as Uint32Array };
  }

  async encodeBatch(
    texts: readonly string[], options: EncodeOptions & LongOptions = {},
  ): Promise<Encoding[]> {
    if (!Array.isArray(texts)) throw refuse('texts', 'an array of strings', texts);
    texts.forEach((text: unknown, i) => checkArgument(`texts[${i}]`, text, isString));
    checkOptions(options, { ...encodeChecks, ...longOptions });
    return (await this.#encode([...texts], options, options)).map((ids) => ({ ids }));
  }

  #encode(
    texts: readonly string[], options: EncodeOptions, long: LongOptions,
  ): Promise<Uint32Array[]> {
    const { signal, onProgress } = long;
    return this.runtime.client.call('encode', {
      tokenizer: this.handle, texts, addSpecialTokens: options.addSpecialTokens ?? false,
    }, { signal, onProgress, leavesAtOnce: true });
  }

  async decode(ids: ArrayLike<number>, options: DecodeOptions = {}): Promise<string> {
    checkOptions(options, decodeChecks);
    return this.runtime.client.call('decode', {
      tokenizer: this.handle, ids: checkIds('ids', ids),
      skipSpecialTokens: options.skipSpecialTokens ?? true,
    });
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

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
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
