// Generating, scoring and computing logits: jobs of the core, in the queue of their model.
import { asRepriseError, messageFromError, errorFromMessage } from '../errors.js';
import type { Calls, CoreGenerateResult, RunFacts } from '../protocol.js';
import type { GenerateChunk, GenerateResult } from '../types/generate.js';
import type { ReplayResult, RunRecord } from '../types/run.js';
import type { Call } from './calls.js';
import type { Core } from './core.js';
import type { JobDriver } from './job-driver.js';
import { Queues } from './queues.js';

/** An event of the core's jobs. */
type CoreEvent =
  | { type: 'prefill' | 'score' | 'forward' | 'replay'; done: number; total: number }
  | ({ type: 'token' } & GenerateChunk);

/** The calls on models. */
export class ModelCalls {
  readonly #core: Core;
  readonly #driver: JobDriver;
  readonly #queues = new Queues();

  constructor(core: Core, driver: JobDriver) {
    this.#core = core;
    this.#driver = driver;
  }

  /** Continues a prompt. Errors carry what there was before them as `partial`. */
  generate(args: Calls['generate']['args'], call: Call): Promise<GenerateResult> {
    return this.#queues.inTurn(args.model, call, async () => {
      const { model, tokenizer, prompt, options } = args;
      if (typeof prompt === 'string') {
        this.#core.call('tokenizer_encode', tokenizer, prompt, 1);
      }
      const ids = typeof prompt === 'string' ? new Int32Array(this.#core.result().buffer) : prompt;
      const job = this.#core.call(
        'generate', model, tokenizer, ids, JSON.stringify(options));
      return this.#release(job, () => this.#watchGeneration(job, ids, args, call));
    });
  }

  async #watchGeneration(
    job: number, ids: Int32Array, { options, facts }: Calls['generate']['args'], call: Call,
  ): Promise<GenerateResult> {
    const begin = performance.now();
    let firstToken: number | undefined;
    let tokens = 0;
    const onEvent = (event: unknown) => {
      const told = event as CoreEvent;
      if (told.type !== 'token') {
        call.emit({ type: 'progress', phase: told.type, done: told.done, total: told.total });
        return;
      }
      firstToken ??= performance.now();
      const { id, text, logprob } = told;
      const chunk = { id, text, ...(logprob === undefined ? {} : { logprob }) };
      call.emit({ type: 'token', chunk });
      const total = options.maxTokens === undefined ? {} : { total: options.maxTokens };
      call.emit({ type: 'progress', phase: 'decode', done: ++tokens, ...total });
    };
    const result = (): GenerateResult => {
      this.#core.call('job_result', job);
      const core = this.#core.json<CoreGenerateResult>();
      const end = performance.now();
      const decodeMs = end - (firstToken ?? end);
      const decoded = Math.max(core.tokens.length - 1, 0);
      const timings = {
        prefillMs: (firstToken ?? end) - begin,
        decodeMs,
        promptTokens: ids.length,
        tokensPerSecond: decodeMs > 0 ? (decoded * 1000) / decodeMs : 0,
      };
      return {
        text: core.text,
        tokens: Uint32Array.from(core.tokens),
        promptIds: Uint32Array.from(ids),
        finishReason: core.finishReason,
        seed: options.seed,
        ...(core.logprobs === undefined ? {} : { logprobs: core.logprobs }),
        timings,
        ...(options.record === true ? { record: this.#record(job, { ...facts, timings }) } : {}),
      };
    };
    try {
      await this.#driver.run(job, { onEvent, cancelled: () => call.cancelled });
    } catch (thrown) {
      const error = messageFromError(asRepriseError(thrown));
      throw errorFromMessage({ ...error, ...this.#partial(result) });
    }
    return result();
  }

  #record(job: number, facts: RunFacts): RunRecord {
    this.#core.call('generation_record', job, JSON.stringify(facts));
    return this.#core.json<RunRecord>();
  }

  /** Runs a record again. */
  replay(
    { model, tokenizer, json, file, facts }: Calls['replay']['args'], call: Call,
  ): Promise<ReplayResult> {
    return this.#queues.inTurn(model, call, async () => {
      const begin = performance.now();
      const job = this.#core.call(
        'replay', model, tokenizer, json, file, JSON.stringify(facts));
      return this.#release(job, async () => {
        await this.#watch(job, call);
        this.#core.call('job_result', job);
        const result = this.#core.json<ReplayResult>();
        const timings = { replayMs: performance.now() - begin };
        return { ...result, record: { ...result.record, timings } };
      });
    });
  }

  /** What there is of a generation; nothing where the core no longer answers. */
  #partial(result: () => GenerateResult): { partial?: GenerateResult } {
    try {
      return { partial: result() };
    } catch {
      return {};
    }
  }

  /** The logprob of each token given those before it. */
  score(args: Calls['score']['args'], call: Call): Promise<Calls['score']['value']> {
    return this.#queues.inTurn(args.model, call, async () => {
      const job = this.#core.call('score', args.model, args.ids);
      return this.#release(job, async () => {
        await this.#watch(job, call);
        this.#core.call('job_values', job);
        const logprobs = new Float32Array(this.#core.result().buffer);
        this.#core.call('job_result', job);
        return { logprobs, loss: this.#core.json<{ loss: number }>().loss };
      });
    });
  }

  /** Raw logits. */
  forward(args: Calls['forward']['args'], call: Call): Promise<Calls['forward']['value']> {
    return this.#queues.inTurn(args.model, call, async () => {
      const job = this.#core.call(
        'forward', args.model, args.ids, args.lastOnly ? 1 : 0);
      return this.#release(job, async () => {
        await this.#watch(job, call);
        this.#core.call('job_values', job);
        const logits = new Float32Array(this.#core.result().buffer);
        this.#core.call('job_result', job);
        return { logits, shape: this.#core.json<{ shape: [number, number] }>().shape };
      });
    });
  }

  #watch(job: number, call: Call): Promise<void> {
    const onEvent = (event: unknown) => {
      const told = event as CoreEvent;
      if (told.type === 'token') return;
      call.emit({ type: 'progress', phase: told.type, done: told.done, total: told.total });
    };
    return this.#driver.run(job, { onEvent, cancelled: () => call.cancelled });
  }

  /** Works with a job and releases it; a core that trapped or was closed has nothing left to
   * release. */
  async #release<T>(job: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      if (this.#core.isOpen) this.#core.call('release', job);
    }
  }
}
