// One context of the core in linear memory: calls, reads results, and turns error results and traps
// into errors.
import { errorCodes, type RepriseErrorCode } from '../error-codes.js';
import { RepriseError, repriseError } from '../errors.js';
import { ArgumentBlock, type CoreArgument } from './arguments.js';
import type { CoreFunction, CoreModule } from './core-module.js';

/** Functions whose first parameter is the context and whose answer is >= 0 or an error. */
export type CoreCall = Exclude<
  CoreFunction,
  | 'open' | 'open_error' | 'trap_message' | 'close' | 'result' | 'result_size'
  | 'device_take_commands' | 'device_commands' | 'device_payload' | 'device_payload_size'>;

/** What the core recorded for a device. */
export interface CommandList {
  /** Records; webgpu/commands.ts has their layout. */
  readonly words: Uint32Array;
  /** What records that write copy from. */
  readonly payload: Uint8Array;
}

const codeNames = new Map(
  (Object.entries(errorCodes) as [RepriseErrorCode, number][]).map(([name, code]) => [code, name]),
);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The error of a function's negative answer and what it wrote down. */
function coreError(code: number, json: string): RepriseError {
  const { message, fields } = JSON.parse(json) as {
    message: string; fields?: Record<string, string | number>;
  };
  const camel = (name: string) =>
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return repriseError(codeNames.get(code) ?? 'internal', message, Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, value]) => [camel(name), value])));
}

/** A context of the core, on one thread of JavaScript. */
export class Core {
  readonly #module: CoreModule;
  readonly #lines: readonly string[];
  readonly #context: number;
  readonly #arguments: ArgumentBlock;
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
      this.#bytes(best, 1)[0] = 0;
      const context = module._reprise_open(threads, best, 0);
      module._free(best);
      return context;
    });
    if (this.#context === 0) {
      const json = module._reprise_open_error();
      const end = this.#bytes(json).indexOf(0);
      const text = decoder.decode(this.#bytes(json, end).slice());
      const name = (JSON.parse(text) as { code: RepriseErrorCode }).code;
      throw coreError(errorCodes[name], text);
    }
  }

  /** Calls a function. Its answer, >= 0. Errors: the core's;
   * `internal` where it traps, and `poisoned` ever after. */
  call(name: CoreCall, ...args: CoreArgument[]): number {
    const answer = this.#enter(() => this.#arguments.place(args, (numbers) =>
      this.#module[`_reprise_${name}`](this.#context, ...numbers)));
    const error = answer < 0 ? coreError(-answer, this.text()) : undefined;
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
    this.#enter(() => this.#module._reprise_close(this.#context));
    this.#closed = true;
  }

  /** The result of the last call, copied. */
  result(): Uint8Array {
    const pointer = this.#module._reprise_result(this.#context) >>> 0;
    const size = this.#module._reprise_result_size(this.#context) >>> 0;
    return this.#arguments.heap.slice(pointer, pointer + size);
  }

  /** The last result as text. */
  text(): string {
    return decoder.decode(this.result());
  }

  /** The last result as JSON. */
  json<T>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** The last result as ids. */
  ids(): Uint32Array {
    return new Uint32Array(this.result().buffer);
  }

  /** The last result as texts of so many bytes of UTF-8 each. */
  texts(sizes: Uint32Array): string[] {
    const bytes = this.result();
    let start = 0;
    return Array.from(sizes, (size) => decoder.decode(bytes.subarray(start, start += size)));
  }

  /** The last result as floats. */
  floats(): Float32Array {
    return new Float32Array(this.result().buffer);
  }

  /** Linear memory that a result names. The view dies with the next call. */
  memory(pointer: number, size: number): Uint8Array {
    return this.#bytes(pointer, size);
  }

  /** What was recorded for a device since the last time; nothing where that is nothing. The views
   * die with the next call. The result of the last call stays. */
  takeCommands(): CommandList | undefined {
    const module = this.#module;
    const count = this.#enter(() => module._reprise_device_take_commands(this.#context));
    if (count === 0) return undefined;
    const commands = module._reprise_device_commands(this.#context) >>> 0;
    const payload = module._reprise_device_payload(this.#context) >>> 0;
    const payloadSize = module._reprise_device_payload_size(this.#context) >>> 0;
    return {
      words: new Uint32Array(module.wasmMemory.buffer, commands, count),
      payload: this.#bytes(payload, payloadSize),
    };
  }

  #bytes(pointer: number, size?: number): Uint8Array {
    return new Uint8Array(this.#module.wasmMemory.buffer, pointer, size);
  }

  /** Where and why the core trapped, as far as it could say so. */
  #trapMessage(): string {
    try {
      const text = this.#bytes(this.#module._reprise_trap_message());
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
