// The caller's end of the message protocol: sends calls, settles their promises, and passes aborts
// and progress.
import { abortedError, errorFromMessage, repriseError, type RepriseError } from './errors.js';
import type {
  CallEvent, CallName, Calls, ClientMessage, EngineMessage, Port,
} from './protocol.js';
import type { GenerateChunk } from './types/generate.js';
import type { LongOptions, Progress } from './types/long-work.js';

/** What a call may bring besides its arguments. */
export interface CallHooks extends LongOptions {
  onToken?: (chunk: GenerateChunk) => void;
  /** Buffers given away with the arguments. */
  transfer?: readonly Transferable[];
  /** Of calls that the engine cannot end half-way: an abort is answered here, at once. The engine
   * then undoes what such a call makes. */
  leavesAtOnce?: boolean;
}

interface Pending {
  readonly hooks: CallHooks;
  resolve(value: unknown): void;
  reject(error: RepriseError): void;
  /** What a callback threw; the call ends with it. */
  thrown: RepriseError | undefined;
  /** What listens to the signal. */
  abort: (() => void) | undefined;
}

const noHooks: CallHooks = {};

/** What a connection needs besides its port. */
export interface Connection {
  readonly port: Port<ClientMessage, EngineMessage>;
  /** Told whether calls are under way, so that a worker keeps the process alive only then. */
  busy(isBusy: boolean): void;
  /** Ends the engine. */
  close(): void;
}

/** Calls an engine. */
export class Client {
  readonly #connection: Connection;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #ended: RepriseError | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.port.receive = (message) => this.#receive(message);
  }

  /** Makes a call. Errors: `aborted`, the engine's, or why the connection ended. */
  call<Name extends CallName>(
    name: Name, args: Calls[Name]['args'], hooks = noHooks,
  ): Promise<Calls[Name]['value']> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const { signal } = hooks;
      if (signal?.aborted === true) {
        reject(abortedError('The call'));
        return;
      }
      const id = this.#next++;
      const abort = signal && (() => this.#abort(id));
      if (abort !== undefined) signal?.addEventListener('abort', abort);
      this.#pending.set(id, {
        hooks, resolve: resolve as (value: unknown) => void, reject, thrown: undefined, abort,
      });
      if (this.#pending.size === 1) this.#connection.busy(true);
      this.#connection.port.post({ type: 'call', id, name, args }, hooks.transfer);
    });
  }

  /** Ends the connection: calls under way and later ones reject with this error. */
  end(error: RepriseError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
    this.#connection.close();
  }

  /** Why the connection ended, once it has. */
  get ended(): RepriseError | undefined {
    return this.#ended;
  }

  #abort(id: number): void {
    this.#connection.port.post({ type: 'abort', id });
    if (this.#pending.get(id)?.hooks.leavesAtOnce === true) {
      this.#take(id)?.reject(abortedError('The call'));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (pending.abort !== undefined) {
      pending.hooks.signal?.removeEventListener('abort', pending.abort);
    }
    if (this.#pending.size === 0) this.#connection.busy(false);
    return pending;
  }

  #receive(message: EngineMessage): void {
    if (message.type === 'events') {
      const pending = this.#pending.get(message.id);
      if (pending !== undefined) this.#tell(message.id, pending, message.events);
      return;
    }
    const pending = this.#take(message.id);
    if (pending === undefined) return;
    if (pending.thrown !== undefined) pending.reject(pending.thrown);
    else if (message.type === 'value') pending.resolve(message.value);
    else pending.reject(errorFromMessage(message.error));
  }

  /** Passes events on; a callback that throws ends its call. */
  #tell(id: number, pending: Pending, events: readonly CallEvent[]): void {
    for (const event of events) {
      if (pending.thrown !== undefined) return;
      try {
        if (event.type === 'token') pending.hooks.onToken?.(event.chunk);
        else pending.hooks.onProgress?.(progressOf(event));
      } catch (thrown) {
        pending.thrown = callbackError('onProgress', thrown);
        this.#connection.port.post({ type: 'abort', id });
      }
    }
  }
}

function progressOf(event: Extract<CallEvent, { type: 'progress' }>): Progress {
  const { phase, done, total, unit = 'tokens' } = event;
  return { phase, done, unit, ...(total === undefined ? {} : { total }) };
}

/** The error of a call whose callback threw, which is its `cause`. */
export function callbackError(argument: string, thrown: unknown): RepriseError {
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  const error = repriseError('invalid_argument', `${argument} threw: ${words}`, { argument });
  error.cause = thrown;
  return error;
}
