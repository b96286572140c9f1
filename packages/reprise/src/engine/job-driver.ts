// Steps the core's jobs in slices of a few milliseconds and goes back to the event loop between
// them, so that aborts arrive, timers run, and jobs of several models take turns.
import { asRepriseError, repriseError, type RepriseError } from '../errors.js';
import { yieldToEventLoop } from '../platform.js';
import type { Core } from './core.js';

/** How long one turn of a job may last. */
const sliceMs = 8;
/** How long one step inside a turn should last. */
const stepMs = 4;
const firstUnits = 16;
const mostUnits = 1 << 24;

// enum reprise_job_state of core/capi/reprise.h.
const running = 0;
const needsRead = 1;
const hasEvent = 2;
const isDone = 3;

/** What the driver tells and asks about a job. */
export interface JobHooks {
  /** Called with each event, between steps. */
  onEvent(event: unknown): void;
  /** Asked before each step; an error ends the job. */
  cancelled(): RepriseError | undefined;
}

/** A job under way. */
export interface Job extends JobHooks {
  readonly handle: number;
  units: number;
  resolve(): void;
  reject(error: RepriseError): void;
}

/** Drives any number of jobs in turn, none of which uses a device. */
export class JobDriver {
  readonly #core: Core;
  protected readonly jobs: Job[] = [];
  #driving = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs a job to its end; the caller releases it. Errors: the core's, or what `cancelled`
   * gave. */
  run(handle: number, hooks: JobHooks): Promise<void> {
    return new Promise((resolve, reject) => {
      const { onEvent, cancelled } = hooks;
      this.jobs.push({ handle, onEvent, cancelled, units: firstUnits, resolve, reject });
      if (!this.#driving) void this.#drive();
    });
  }

  async #drive(): Promise<void> {
    this.#driving = true;
    // The first slice comes a turn later, so that starting a job never blocks its caller.
    await yieldToEventLoop();
    while (this.jobs.length > 0) {
      for (const job of await this.ready()) {
        // It may have failed while others had their turn.
        if (this.jobs.includes(job)) this.#slice(job);
        await yieldToEventLoop();
      }
    }
    this.#driving = false;
  }

  /** The jobs that can go on. */
  protected async ready(): Promise<readonly Job[]> {
    return [...this.jobs];
  }

  /** Told of a job that stands still until the device has answered. */
  protected needsRead(_: Job): void {
    throw repriseError('internal', 'A job waits for a device that is not there.');
  }

  #slice(job: Job): void {
    try {
      const end = performance.now() + sliceMs;
      let state: number;
      do {
        const cancelled = job.cancelled();
        if (cancelled !== undefined) throw cancelled;
        state = this.#step(job);
        if (state === isDone) {
          this.#leave(job);
          job.resolve();
          return;
        }
      } while (state !== needsRead && performance.now() < end);
    } catch (thrown) {
      this.fail(job, thrown);
    }
  }

  #step(job: Job): number {
    const begin = performance.now();
    const state = this.#core.call('job_step', job.handle, job.units);
    if (state === hasEvent) job.onEvent(this.#core.json());
    if (state === needsRead) this.needsRead(job);
    if (state === running) {
      // Browsers' clocks may be as coarse as a tenth of a millisecond, some coarser.
      const took = Math.max(performance.now() - begin, 0.05);
      const wanted = (job.units * stepMs) / took;
      job.units = Math.round(Math.min(Math.max(wanted, 1), job.units * 2, mostUnits));
    }
    return state;
  }

  #leave(job: Job): void {
    const at = this.jobs.indexOf(job);
    if (at >= 0) this.jobs.splice(at, 1);
  }

  /** Ends a job with what was thrown. */
  protected fail(job: Job, thrown: unknown): void {
    this.#leave(job);
    job.reject(asRepriseError(thrown));
  }
}
