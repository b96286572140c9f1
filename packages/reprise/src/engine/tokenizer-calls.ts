// Tokenizing and decoding: calls of the core, and jobs where there are many texts.
import type { Calls } from '../protocol.js';
import type { TokenizerMetrics } from '../types/tokenizer.js';
import type { Call } from './calls.js';
import { type Core, decoder } from './core.js';
import type { JobDriver } from './job-driver.js';

/** An event of the core's jobs. */
interface CoreEvent {
  readonly type: 'tokenize' | 'decode';
  readonly done: number;
  readonly total: number;
}

/** The calls on tokenizers. */
export class TokenizerCalls {
  readonly #core: Core;
  readonly #driver: JobDriver;

  constructor(core: Core, driver: JobDriver) {
    this.#core = core;
    this.#driver = driver;
  }

  create({ json, file }: Calls['tokenizerCreate']['args']): Calls['tokenizerCreate']['value'] {
    const handle = this.#core.call('tokenizer_create', json, file);
    type Created = Omit<Calls['tokenizerCreate']['value'], 'handle'>;
    const { hash, vocabSize, specialTokens } = this.#core.json<Created>();
    return { handle, hash, vocabSize, specialTokens };
  }

  encode({ tokenizer, text, options }: Calls['encode']['args']): Calls['encode']['value'] {
    if (typeof options === 'string') {
      this.#core.call('tokenizer_encode_with', tokenizer, text, options);
    } else {
      this.#core.call('tokenizer_encode', tokenizer, text, options ? 1 : 0);
    }
    return this.#core.ids();
  }

  encodeBatch(
    { tokenizer, texts, options }: Calls['encodeBatch']['args'], call: Call,
  ): Promise<Calls['encodeBatch']['value']> {
    const json = typeof options === 'string'
      ? options : JSON.stringify({ addSpecialTokens: options });
    const job = this.#core.call('encode_batch', tokenizer, texts, json);
    return this.#finish(job, call, () => {
      this.#core.call('job_values', job);
      return this.#core.ids();
    });
  }

  decode(
    { tokenizer, ids, skipSpecialTokens }: Calls['decode']['args'],
  ): Calls['decode']['value'] {
    this.#core.call('tokenizer_decode', tokenizer, ids, skipSpecialTokens ? 1 : 0);
    return this.#core.text();
  }

  decodeBatch(
    { tokenizer, ids, counts, skipSpecialTokens }: Calls['decodeBatch']['args'], call: Call,
  ): Promise<Calls['decodeBatch']['value']> {
    const job = this.#core.call(
      'decode_batch', tokenizer, ids, counts, skipSpecialTokens ? 1 : 0);
    return this.#finish(job, call, () => {
      this.#core.call('job_values', job);
      const sizes = this.#core.ids();
      this.#core.call('job_result', job);
      return this.#core.texts(sizes);
    });
  }

  metrics({ tokenizer, texts }: Calls['metrics']['args'], call: Call): Promise<TokenizerMetrics> {
    const job = this.#core.call('tokenizer_metrics', tokenizer, texts);
    return this.#finish(job, call, () => {
      this.#core.call('job_result', job);
      return this.#core.json<TokenizerMetrics>();
    });
  }

  vocabulary({ tokenizer }: Calls['vocabulary']['args']): Calls['vocabulary']['value'] {
    const count = this.#core.call('tokenizer_vocabulary', tokenizer);
    const answer = this.#core.result();
    const words = new Uint32Array(answer.buffer, 0, 2 * count);
    const joined = decoder.decode(answer.subarray(words.byteLength));
    const texts: string[] = [];
    let start = 0;
    for (const length of words.subarray(count)) texts.push(joined.slice(start, start += length));
    return { texts, ids: words.slice(0, count) };
  }

  tokenToId({ tokenizer, token }: Calls['tokenToId']['args']): Calls['tokenToId']['value'] {
    const found = this.#core.call('tokenizer_token_to_id', tokenizer, token);
    return found === 1 ? this.#core.ids()[0] : undefined;
  }

  idToToken({ tokenizer, id }: Calls['idToToken']['args']): Calls['idToToken']['value'] {
    const found = this.#core.call('tokenizer_id_to_token', tokenizer, id);
    return found === 1 ? this.#core.text() : undefined;
  }

  /** Runs a job to its end, takes what it gives, and releases it. */
  async #finish<T>(job: number, call: Call, take: () => T): Promise<T> {
    const onEvent = (event: unknown) => {
      const { type, done, total } = event as CoreEvent;
      call.emit({ type: 'progress', phase: type, done, total, unit: 'rows' });
    };
    try {
      await this.#driver.run(job, { onEvent, cancelled: () => call.cancelled });
      return take();
    } finally {
      if (this.#core.isOpen) this.#core.call('release', job);
    }
  }
}
