// Calls under way: which objects they use, and how they are cancelled.
import { repriseError, type RepriseError } from '../errors.js';
import type { CallEvent, EngineMessage, Port } from '../protocol.js';

/** One call under way. */
export class Call {
  readonly id: number;
  readonly #port: Port<EngineMessage, never>;
  #events: CallEvent[] | undefined;
  #error: RepriseError | undefined;
  #onCancel: ((error: RepriseError) => void) | undefined;

  constructor(id: number, port: Port<EngineMessage, never>) {
    this.id = id;
    this.#port = port;
  }

  /** Why the call must end, once it must. */
  get cancelled(): RepriseError | undefined {
    return this.#error;
  }

  cancel(error: RepriseError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#onCancel?.(error);
  }

  /** Waits for something, or for the call's end. */
  async orCancelled(wait: Promise<void>): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    const cancelled = new Promise<never>((_, reject) => {
      this.#onCancel = reject;
    });
    await Promise.race([wait, cancelled]);
  }

  /** Tells something; what comes in one turn of the event loop travels together. */
  emit(event: CallEvent): void {
    if (this.#events === undefined) queueMicrotask(() => this.flush());
    (this.#events ??= []).push(event);
  }

  /** Sends what was told so far. */
  flush(): void {
    const events = this.#events;
    if (events === undefined) return;
    this.#events = undefined;
    this.#port.post({ type: 'events', id: this.id, events });
  }
}

/** Which calls use which of the core's objects. */
export class Uses {
  readonly #calls = new Map<number, Map<Call, Promise<unknown>>>();
  readonly #releases = new Set<Promise<void>>();

  /** Runs work that uses these objects (0 is none). */
  async during<T>(call: Call, handles: readonly number[], work: () => Promise<T>): Promise<T> {
    const promise = work();
    const settled = promise.catch(() => undefined);
    for (const handle of handles) {
      if (handle === 0) continue;
      const calls = this.#calls.get(handle) ?? new Map<Call, Promise<unknown>>();
      this.#calls.set(handle, calls.set(call, settled));
    }
    try {
      return await promise;
    } finally {
      for (const handle of handles) this.#forget(handle, call);
    }
  }

  #forget(handle: number, call: Call): void {
    const calls = this.#calls.get(handle);
    calls?.delete(call);
    if (calls?.size === 0) this.#calls.delete(handle);
  }

  /** Cancels what uses an object with `disposed`, and releases it afterwards. */
  async release(handle: number, release: () => void): Promise<void> {
    const calls = this.#calls.get(handle) ?? new Map<Call, Promise<unknown>>();
    for (const call of calls.keys()) {
      call.cancel(repriseError('disposed', 'The object was disposed of during the call.'));
    }
    const done = Promise.all(calls.values()).then(release);
    this.#releases.add(done);
    try {
      await done;
    } finally {
      this.#releases.delete(done);
    }
  }

  /** Waits for every release under way. */
  async released(): Promise<void> {
    await Promise.allSettled(this.#releases);
  }
}
