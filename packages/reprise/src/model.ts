// Models: the caller's object for a model of the core.
import { repriseError } from './errors.js';
import {
  checkIds, checkOptions, isBoolean, isFunction, isInteger, isNumber, isObject, isOneOf, isTexts, longOptions,
  refuse, type Check,
} from './options.js';
import type { Calls, CoreGenerateOptions, RunFacts } from './protocol.js';
import { factsOf, type ModelOrigin } from './run/facts.js';
import { type Runtime, tell } from './runtime.js';
import { drawSeed } from './seed.js';
import { ChunkStream } from './stream.js';
import { LoadedTokenizer, release } from './tokenizer.js';
import type {
  ForwardOptions, ForwardResult, GenerateChunk, GenerateOptions, GenerateResult, GenerateStream,
  Prompt, ScoreResult,
} from './types/generate.js';
import type { LongOptions, TelemetryEvent } from './types/long-work.js';
import type { Model, ModelConfig, Verification } from './types/model.js';
import type { ReplayResult } from './types/run.js';
import type { BackendName } from './types/runtime.js';

const isIds: Check = (value) =>
  Array.isArray(value) && value.every((id) => Number.isSafeInteger(id))
    ? undefined : 'an array of token ids';
const isBias: Check = (value) => {
  const right = typeof value === 'object' && value !== null && Object.entries(value).every(
    ([id, bias]) => /^\d+$/.test(id) && Number.isFinite(bias));
  return right ? undefined : 'an object of finite numbers by token id';
};

const samplingChecks = {
  temperature: isNumber,
  topK: isInteger(0),
  topP: isNumber,
  minP: isNumber,
  repetitionPenalty: isNumber,
  frequencyPenalty: isNumber,
  presencePenalty: isNumber,
  logitBias: isBias,
};
const generateChecks: Readonly<Record<string, Check>> = {
  ...longOptions,
  ...samplingChecks,
  seed: isInteger(0),
  maxTokens: isInteger(1),
  stop: isTexts,
  stopIds: isIds,
  logprobs: isInteger(0, 20),
  record: isBoolean,
  onTelemetry: isFunction,
};

/** The options of a generation as the core takes them, a seed drawn where none is given. */
function coreOptions(options: GenerateOptions): CoreGenerateOptions {
  const { stop, seed } = options;
  const given = Object.entries(options).filter(([name, value]) => value !== undefined &&
    !Object.hasOwn(longOptions, name) && name !== 'onTelemetry');
  return {
    ...Object.fromEntries(given),
    seed: seed ?? drawSeed(),
    ...(stop === undefined ? {} : { stop: typeof stop === 'string' ? [stop] : stop }),
  };
}

/** What a model is made of, beside the core's answer. */
export interface ModelParts {
  readonly runtime: Runtime;
  readonly made: Calls['modelCreate']['value'];
  readonly config: ModelConfig;
  readonly verification: Verification;
  readonly origin: ModelOrigin;
  readonly tokenizer: LoadedTokenizer | undefined;
  /** Whether the tokenizer is the model's own and goes with it. */
  readonly ownsTokenizer: boolean;
  readonly onTelemetry: ((event: TelemetryEvent) => void) | undefined;
}

/** A record's text and its name in errors. */
export interface RecordText {
  readonly json: Uint8Array;
  readonly file: string;
}

/** How a record is replayed on a model. */
export interface ReplayCallOptions extends LongOptions {
  readonly allowOtherInputs: boolean;
  /** Whether the recorded run had a tokenizer. */
  readonly hasTokenizer: boolean;
}

/** A model of the core whose weights are loaded. */
export class LoadedModel implements Model {
  readonly config: ModelConfig;
  declare readonly tokenizer?: LoadedTokenizer;
  readonly backend: BackendName;
  readonly backendReason: string;
  readonly verification: Verification;
  readonly contextLength: number;
  readonly parameters: number;
  readonly #parts: ModelParts;
  #disposed = false;

  constructor(parts: ModelParts) {
    const { made, config, verification, tokenizer } = parts;
    this.#parts = parts;
    this.config = config;
    if (tokenizer !== undefined) this.tokenizer = tokenizer;
    this.backend = made.backend;
    this.backendReason = made.backendReason;
    this.verification = verification;
    this.contextLength = made.contextLength;
    this.parameters = made.parameters;
  }

  get #handle(): number {
    if (this.#disposed) {
      throw repriseError('disposed', 'The model was disposed of before this call.');
    }
    return this.#parts.made.handle;
  }

  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<GenerateResult> {
    return this.#generate(prompt, options, options.signal, undefined);
  }

  stream(prompt: Prompt, options: GenerateOptions = {}): GenerateStream {
    const signal = options?.signal instanceof AbortSignal ? options.signal : undefined;
    return new ChunkStream(signal, (push, leave) => this.#generate(prompt, options, leave, push));
  }

  async #generate(
    prompt: Prompt, options: GenerateOptions, signal: AbortSignal | undefined,
    onToken: ((chunk: GenerateChunk) => void) | undefined,
  ): Promise<GenerateResult> {
    checkOptions(options, generateChecks);
    const { runtime, tokenizer } = this.#parts;
    const model = this.#handle;
    if (typeof prompt === 'string' && tokenizer === undefined) {
      throw repriseError('invalid_argument', 'prompt is a text, but the model has no tokenizer; ' +
        'give token ids or the option tokenizer when loading.', { argument: 'prompt' });
    }
    const result = await runtime.client.call('generate', {
      model,
      tokenizer: tokenizer?.handle ?? 0,
      prompt: typeof prompt === 'string' ? prompt : checkIds('prompt', prompt),
      options: coreOptions(options),
      facts: this.#facts(),
    }, {
      signal, onProgress: options.onProgress, ...(onToken === undefined ? {} : { onToken }),
    });
    this.#tell(result, options.onTelemetry);
    return result;
  }

  #tell(result: GenerateResult, own: GenerateOptions['onTelemetry']): void {
    const { runtime, onTelemetry, made: { backend } } = this.#parts;
    const listeners = [own, onTelemetry, runtime.options.onTelemetry];
    const { prefillMs, decodeMs, promptTokens } = result.timings;
    tell({ name: 'prefill', milliseconds: prefillMs, tokens: promptTokens, backend }, ...listeners);
    tell({ name: 'decode', milliseconds: decodeMs, tokens: result.tokens.length, backend },
      ...listeners);
  }

  async score(tokens: ArrayLike<number>, options: LongOptions = {}): Promise<ScoreResult> {
    checkOptions(options, longOptions);
    const { signal, onProgress } = options;
    return this.#parts.runtime.client.call(
      'score', { model: this.#handle, ids: checkIds('tokens', tokens) }, { signal, onProgress });
  }

  async forward(
    tokens: ArrayLike<number>, options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    checkOptions(options, { ...longOptions, positions: isOneOf('all', 'last') });
    const { signal, onProgress, positions } = options;
    return this.#parts.runtime.client.call('forward', {
      model: this.#handle, ids: checkIds('tokens', tokens), lastOnly: positions === 'last',
    }, { signal, onProgress });
  }

  /** Runs a record again, on this model. Errors: those of `replay` of the main entry. */
  async replay(record: RecordText, options: ReplayCallOptions): Promise<ReplayResult> {
    const { runtime, tokenizer } = this.#parts;
    const { signal, onProgress, allowOtherInputs, hasTokenizer } = options;
    return runtime.client.call('replay', {
      model: this.#handle,
      tokenizer: hasTokenizer ? tokenizer?.handle ?? 0 : 0,
      ...record,
      facts: { ...this.#facts(), allowOtherInputs },
    }, { signal, onProgress });
  }

  #facts(): RunFacts {
    const { runtime, origin } = this.#parts;
    return factsOf(runtime, origin, this.verification);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { runtime, made, tokenizer, ownsTokenizer } = this.#parts;
    release(runtime, made.handle);
    if (ownsTokenizer) tokenizer?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The checks of ModelOptions. */
export const modelChecks: Readonly<Record<string, Check>> = {
  ...longOptions,
  backend: isOneOf('cpu', 'webgpu', 'auto'),
  contextLength: isInteger(1),
  tokenizer: isObject,
  onTelemetry: isFunction,
};

/** A tokenizer option as one of this runtime's own. Errors: `invalid_argument`, `disposed`. */
export function givenTokenizer(tokenizer: unknown, started: Runtime): LoadedTokenizer | undefined {
  if (tokenizer === undefined) return undefined;
  if (!(tokenizer instanceof LoadedTokenizer) || tokenizer.runtime !== started) {
    throw refuse('tokenizer', 'a tokenizer that loadTokenizer gave since the last shutdown()',
      tokenizer);
  }
  void tokenizer.handle;
  return tokenizer;
}
