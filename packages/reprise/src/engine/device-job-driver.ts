// Drives jobs of which some wait for a device meanwhile.
import type { DevicePlayer } from './device-player.js';
import { type Job, JobDriver, type JobHooks } from './job-driver.js';

/** How often a job that waits for a device is asked whether it was aborted. */
const waitMs = 20;

/** Drives any number of jobs in turn. */
export class DeviceJobDriver extends JobDriver {
  /** The device that answers reads, once there is one. */
  player: DevicePlayer | undefined;
  readonly #waiting = new Set<Job>();
  #wake: () => void = () => undefined;

  override run(handle: number, hooks: JobHooks): Promise<void> {
    const end = super.run(handle, hooks);
    this.#wake();
    return end;
  }

  protected override async ready(): Promise<readonly Job[]> {
    const ready = this.jobs.filter(
      (job) => !this.#waiting.has(job) || job.cancelled() !== undefined);
    if (ready.length === 0) await this.#pause();
    return ready;
  }

  /** Ends when the device answers, a job comes, or it is time to look for aborts. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  protected override needsRead(job: Job): void {
    if (this.player === undefined) return super.needsRead(job);
    this.#waiting.add(job);
    this.player.answered().then(
      () => this.#goOn(job),
      (thrown: unknown) => {
        if (this.jobs.includes(job)) this.fail(job, thrown);
        this.#goOn(job);
      },
    );
  }

  #goOn(job: Job): void {
    this.#waiting.delete(job);
    this.#wake();
  }
}
