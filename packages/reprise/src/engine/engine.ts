// The engine: one instance of the core behind the message protocol. It runs in-process or in a
// worker, and does not know which. This one has tokenizers; main-engine.ts adds training
// and models.
import {
  abortedError, asRepriseError, messageFromError, repriseError,
} from '../errors.js';
import { isNode } from '../platform.js';
import type {
  CallName, Calls, ClientMessage, EngineMessage, EngineOptions, EngineState, Port,
} from '../protocol.js';
import { type BuildFiles, hasSimd, type LoadedModule, loadModule, lookAtMachine } from './builds.js';
import { Call, Uses } from './calls.js';
import type { CoreArgument } from './arguments.js';
import { Core, type CoreCall } from './core.js';
import { JobDriver } from './job-driver.js';
import { TokenizerCalls } from './tokenizer-calls.js';

type Handler<Name extends CallName> = (
  args: Calls[Name]['args'], call: Call,
) => Calls[Name]['value'] | Promise<Calls[Name]['value']>;

/** What answers each call that an engine knows. */
export type Handlers = { [Name in CallName]?: Handler<Name> };

interface CoreInfo {
  readonly version: string;
  readonly numericsVersion: number;
  readonly threads: number;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  readonly handles: number;
}

/** What exists once the core runs. */
export interface Running {
  readonly loaded: LoadedModule;
  readonly core: Core;
  readonly driver: JobDriver;
  readonly tokenizers: TokenizerCalls;
  readonly options: EngineOptions;
}

/** An engine of one kind. */
export type EngineClass = new (port: Port<EngineMessage, ClientMessage>) => Engine;

/** Answers the calls that come in at a port. */
export class Engine {
  readonly #port: Port<EngineMessage, ClientMessage>;
  readonly #files: BuildFiles;
  readonly #calls = new Map<number, Call>();
  protected readonly uses = new Uses();
  /** Tokenizers by the call that made them. */
  readonly #tokenizers = new Map<number, number>();
  #running: Running | undefined;

  constructor(port: Port<EngineMessage, ClientMessage>, files: BuildFiles) {
    this.#port = port;
    this.#files = files;
    port.receive = (message) => this.#receive(message);
  }

  /** Ends the core and its threads. */
  close(): void {
    for (const call of this.#calls.values()) {
      call.cancel(repriseError('disposed', 'The runtime was shut down during the call.'));
    }
    const running = this.#running;
    this.#running = undefined;
    running?.core.close();
    running?.loaded.module.PThread?.terminateAllThreads();
  }

  #receive(message: ClientMessage): void {
    if (message.type === 'abort') {
      this.#calls.get(message.id)?.cancel(abortedError('The call'));
      // Making one is one call into the core, so an abort comes after it; nobody took its value.
      const tokenizer = this.#tokenizers.get(message.id);
      if (tokenizer !== undefined) void this.release(tokenizer);
      return;
    }
    const { id } = message;
    const call = new Call(id, this.#port);
    this.#calls.set(id, call);
    try {
      const answer = this.#handle(message.name, message.args, call);
      // Most calls have their value at once, and then take none of the time of a promise.
      if (answer instanceof Promise) {
        answer.then((value) => this.#settle(call, value))
          .catch((thrown: unknown) => this.#fail(call, thrown));
      } else {
        this.#settle(call, answer);
      }
    } catch (thrown) {
      this.#fail(call, thrown);
    }
  }

  #handle(name: CallName, args: unknown, call: Call): unknown {
    const handler = this.handlers[name] as ((args: unknown, call: Call) => unknown) | undefined;
    if (handler === undefined) throw repriseError('internal', `This engine has no ${name}.`);
    return handler(args, call);
  }

  #settle(call: Call, value: unknown): void {
    call.flush();
    this.#port.post({ type: 'value', id: call.id, value });
    this.#calls.delete(call.id);
  }

  #fail(call: Call, thrown: unknown): void {
    this.#calls.delete(call.id);
    call.flush();
    const error = messageFromError(asRepriseError(thrown));
    this.#port.post({ type: 'error', id: call.id, error });
  }

  /** Errors: `disposed` where the core does not run. */
  protected get run(): Running {
    if (this.#running === undefined) {
      throw repriseError('disposed', 'The runtime was shut down before this call.');
    }
    return this.#running;
  }

  protected readonly handlers: Handlers = {
    start: (args) => this.#start(args),
    webgpu: () => ({ available: false, reason: 'tokenizers need none' }),
    state: () => this.state(),
    release: ({ handle }) => this.release(handle),

    tokenizerCreate: (args, call) => this.#createTokenizer(args, call),
    encode: (args) => this.run.tokenizers.encode(args),
    encodeBatch: (args, call) => this.uses.during(call, [args.tokenizer],
      () => this.run.tokenizers.encodeBatch(args, call)),
    decode: (args) => this.run.tokenizers.decode(args),
    decodeBatch: (args, call) => this.uses.during(call, [args.tokenizer],
      () => this.run.tokenizers.decodeBatch(args, call)),
    metrics: (args, call) => this.uses.during(call, [args.tokenizer],
      () => this.run.tokenizers.metrics(args, call)),
    vocabulary: (args) => this.run.tokenizers.vocabulary(args),
    tokenToId: (args) => this.run.tokenizers.tokenToId(args),
    idToToken: (args) => this.run.tokenizers.idToToken(args),
    decodeStreamCreate: ({ tokenizer, skipSpecialTokens }) =>
      this.run.core.call('decode_stream_create', tokenizer, skipSpecialTokens ? 1 : 0),
    decodeStreamPush: ({ stream, id }) => this.#text('decode_stream_push', stream, id),
    decodeStreamFinish: ({ stream }) => this.#text('decode_stream_finish', stream),
  };

  protected async release(handle: number): Promise<undefined> {
    for (const [id, tokenizer] of this.#tokenizers) {
      if (tokenizer === handle) this.#tokenizers.delete(id);
    }
    await this.uses.release(handle, () => {
      if (this.#running?.core.isOpen === true) this.#running.core.call('release', handle);
    });
  }

  #text(name: CoreCall, ...args: CoreArgument[]): string {
    this.run.core.call(name, ...args);
    return this.run.core.text();
  }

  #createTokenizer(
    args: Calls['tokenizerCreate']['args'], call: Call,
  ): Calls['tokenizerCreate']['value'] {
    const made = this.run.tokenizers.create(args);
    this.#tokenizers.set(call.id, made.handle);
    return made;
  }

  /** What drives a core's jobs. */
  protected driverOf(core: Core): JobDriver {
    return new JobDriver(core);
  }

  async #start(options: EngineOptions): Promise<Calls['start']['value']> {
    const machine = await lookAtMachine(options.worker);
    const loaded = await loadModule(this.#files, machine, options.threads, options.wasmUrl);
    const core = new Core(loaded.module, loaded.threads, loaded.lines);
    const driver = this.driverOf(core);
    const tokenizers = new TokenizerCalls(core, driver);
    this.#running = { loaded, core, driver, tokenizers, options };
    const info = this.#info();
    return {
      version: info.version,
      numericsVersion: info.numericsVersion,
      platform: isNode() ? 'node' : 'browser',
      build: { picked: loaded.picked, reason: loaded.reason },
      worker: options.worker,
      simd: hasSimd(),
      threads: info.threads,
      crossOriginIsolated: globalThis.crossOriginIsolated === true,
      memory: info.memory,
    };
  }

  #info(): CoreInfo {
    const { core } = this.run;
    core.call('info');
    return core.json<CoreInfo>();
  }

  protected async state(): Promise<EngineState> {
    await this.uses.released();
    const { memory, handles } = this.#info();
    return { ...memory, handles, gpuBuffers: 0 };
  }
}
