// Training tokenizers: counting the words of texts, and jobs of the core.
import { yieldToEventLoop } from '../platform.js';
import type { Calls } from '../protocol.js';
import type { Call } from './calls.js';
import type { Core } from './core.js';
import type { JobDriver } from './job-driver.js';

/** How long texts are counted before everything else gets its turn. */
const sliceMs = 8;

/** The calls on tokenizer trainers. */
export class TrainingCalls {
  readonly #core: Core;
  readonly #driver: JobDriver;

  constructor(core: Core, driver: JobDriver) {
    this.#core = core;
    this.#driver = driver;
  }

  /** Counts the words of texts. */
  async add(args: Calls['trainerAdd']['args'], call: Call): Promise<undefined> {
    let end = performance.now() + sliceMs;
    for (const text of args.texts) {
      if (performance.now() > end) {
        await yieldToEventLoop();
        end = performance.now() + sliceMs;
      }
      if (call.cancelled !== undefined) throw call.cancelled;
      this.#core.call('tokenizer_trainer_add', args.trainer, text);
    }
  }

  /** Trains on what was counted; the tokenizer.json. */
  async train(
    args: Calls['trainerTrain']['args'], call: Call,
  ): Promise<Calls['trainerTrain']['value']> {
    const job = this.#core.call('tokenizer_trainer_train', args.trainer);
    try {
      await this.#driver.run(job, {
        onEvent: (event) => {
          const { done, total } = event as { done: number; total: number };
          call.emit({ type: 'progress', phase: 'train', done, total, unit: 'steps' });
        },
        cancelled: () => call.cancelled,
      });
      this.#core.call('job_result', job);
      return { json: this.#core.result() };
    } finally {
      if (this.#core.isOpen) this.#core.call('release', job);
    }
  }
}
