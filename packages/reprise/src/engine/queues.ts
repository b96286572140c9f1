// The order of calls that must not overlap.
import type { Call } from './calls.js';

/** Lets the calls on each object run one after the other, in the order in which they came. */
export class Queues {
  readonly #tails = new Map<number, Promise<void>>();

  /** Runs work when everything before it on this object has ended. */
  async inTurn<T>(handle: number, call: Call, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(handle) ?? Promise.resolve();
    let end = (): void => undefined;
    const own = new Promise<void>((resolve) => {
      end = resolve;
    });
    const tail = Promise.all([before, own]).then(() => undefined);
    this.#tails.set(handle, tail);
    void tail.then(() => {
      if (this.#tails.get(handle) === tail) this.#tails.delete(handle);
    });
    try {
      await call.orCancelled(before);
      return await work();
    } finally {
      end();
    }
  }
}
