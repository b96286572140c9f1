// One context of the core in linear memory: calls, reads results, and turns error results and traps
// into errors.
import type { RepriseErrorCode } from '../error-codes.js';
import { RepriseError, repriseError } from '../errors.js';
import { ArgumentBlock, type CoreArgument } from './arguments.js';
import type { CoreFunction, CoreModule } from './core-module.js';

/** Functions that `ask` calls. */
export type Question =
  'close' | 'device_take_commands' | 'device_commands' | 'device_payload' | 'device_payload_size';

/** Functions whose first parameter is the context and whose answer is >= 0 or an error. */
export type CoreCall = Exclude<
  CoreFunction,
  'open' | 'open_error' | 'trap_message' | 'result' | 'result_size' | Question>;

/** Keeps a byte order mark. */
export const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The error that the core wrote down. */
function coreError(json: string): RepriseError {
  const { code, message, fields } = JSON.parse(json) as {
    code: RepriseErrorCode; message: string; fields: Record<string, string | number>;
  };
  const camel = (name: string) =>
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return repriseError(code, message, Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [camel(name), value])));
}

/** A context of the core, on one thread of JavaScript. */
export class Core {
  readonly #module: CoreModule;
  readonly #lines: readonly string[];
  readonly #context: number;
  readonly #arguments: ArgumentBlock;
  /** Those called so far: putting a name together takes longer than a short call. */
  readonly #functions = new Map<CoreCall, (...numbers: number[]) => number>();
  #trap: string | undefined;
  #closed = false;
  /** Called after every call into the core, so that a device may take what was recorded. */
  afterCall: (() => void) | undefined;

  /** Opens a context with so many threads. `lines` is what the module writes to standard error: a
   * trap says there what broke. Errors: `invalid_argument`, `device_unavailable`. */
  constructor(module: CoreModule, threads: number, lines: readonly string[]) {
    this.#module = module;
    this.#lines = lines;
    this.#arguments = new ArgumentBlock(module);
    this.#context = this.#enter(() => {
      const best = module._malloc(1);
      this.memory(best, 1)[0] = 0;
      const context = module._reprise_open(threads, best, 0);
      module._free(best);
      return context;
    });
    if (this.#context === 0) {
      const json = module._reprise_open_error();
      const end = this.memory(json).indexOf(0);
      throw coreError(decoder.decode(this.memory(json, end).slice()));
    }
  }

  /** Calls a function. Its answer, >= 0. Errors: the core's;
   * `internal` where it traps, and `poisoned` ever after. */
  call(name: CoreCall, ...args: CoreArgument[]): number {
    let run = this.#functions.get(name);
    if (run === undefined) this.#functions.set(name, run = this.#module[`_reprise_${name}`]);
    const answer = this.#enter(() => this.#arguments.place(run, this.#context, args));
    const error = answer < 0 ? coreError(this.text()) : undefined;
    this.afterCall?.();
    if (error !== undefined) throw error;
    return answer;
  }

  /** Whether it can be called: it has not trapped and was not closed. */
  get isOpen(): boolean {
    return this.#trap === undefined && !this.#closed;
  }

  /** Ends the context and every object in it; one that trapped is left as it is. */
  close(): void {
    if (!this.isOpen) return;
    this.ask('close');
    this.#closed = true;
  }

  /** The result of the last call, copied. */
  result(): Uint8Array {
    return new Uint8Array(this.memory(...this.#answer()));
  }

  /** The last result as text. */
  text(): string {
    return decoder.decode(this.result());
  }

  /** The last result as JSON. */
  json<T>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** The last result as ids: what the core answers with values, which are aligned, not with a text. */
  ids(): Uint32Array {
    const [pointer, size] = this.#answer();
    return new Uint32Array(new Uint32Array(this.#module.wasmMemory.buffer, pointer, size / 4));
  }

  /** The last result as texts of so many bytes of UTF-8 each. */
  texts(sizes: Uint32Array): string[] {
    const bytes = this.result();
    let start = 0;
    return Array.from(sizes, (size) => decoder.decode(bytes.subarray(start, start += size)));
  }

  /** Calls a function that takes the context alone and cannot fail. The result of the last call
   * stays. */
  ask(name: Question): number {
    return this.#enter(() => this.#module[`_reprise_${name}`](this.#context)) >>> 0;
  }

  /** Where the last result lies, and its bytes. */
  #answer(): [number, number] {
    const pointer = this.#module._reprise_result(this.#context) >>> 0;
    return [pointer, this.#module._reprise_result_size(this.#context) >>> 0];
  }

  /** Linear memory, up to its end without a size. The view dies with the next call. */
  memory(pointer: number, size?: number): Uint8Array {
    return new Uint8Array(this.#module.wasmMemory.buffer, pointer, size);
  }

  /** Where and why the core trapped, as far as it could say so. */
  #trapMessage(): string {
    try {
      const text = this.memory(this.#module._reprise_trap_message());
      return decoder.decode(text.slice(0, text.indexOf(0)));
    } catch {
      return '';
    }
  }

  /** Runs something inside the module; what it throws there is a trap. */
  #enter(work: () => number): number {
    if (this.#closed) {
      throw repriseError('disposed', 'The runtime was shut down before this call.');
    }
    if (this.#trap !== undefined) {
      throw repriseError('poisoned', `The core trapped earlier and can no longer be used: ` +
        `${this.#trap}. Call shutdown() to start anew.`);
    }
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof RepriseError) throw thrown;
      this.#trap = [this.#trapMessage(), ...this.#lines.slice(-4), String(thrown)]
        .filter((words) => words !== '').join('; ');
      throw repriseError('internal', `The core trapped: ${this.#trap}`);
    }
  }
}
