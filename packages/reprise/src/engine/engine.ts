// The engine: one instance of the core behind the message protocol. It runs in-process or in a
// worker, and does not know which.
import {
  abortedError, asRepriseError, messageFromError, repriseError,
} from '../errors.js';
import { isNode } from '../platform.js';
import type {
  CallName, Calls, ClientMessage, CoreEstimate, EngineMessage, EngineOptions, EngineState, Port,
} from '../protocol.js';
import type { BackendName } from '../types/runtime.js';
import { hasSimd, type LoadedModule, loadModule, lookAtMachine } from './builds.js';
import { Call, Uses } from './calls.js';
import type { CoreArgument } from './arguments.js';
import { Core, type CoreCall } from './core.js';
import type { DevicePlayer, DeviceProbe } from './device-player.js';
import { JobDriver, yieldToEventLoop } from './job-driver.js';
import { ModelCalls } from './model-calls.js';
import { TokenizerCalls } from './tokenizer-calls.js';
import { TrainingCalls } from './training-calls.js';
import { probeWebGpu } from './webgpu-probe.js';

/** Work units of one step of preparing a model, a few milliseconds. */
const prepareUnits = 512;

type Handler<Name extends CallName> = (
  args: Calls[Name]['args'], call: Call,
) => Calls[Name]['value'] | Promise<Calls[Name]['value']>;

interface CoreInfo {
  readonly version: string;
  readonly numericsVersion: number;
  readonly threads: number;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  readonly handles: number;
}

/** What exists once the core runs. */
interface Running {
  readonly loaded: LoadedModule;
  readonly core: Core;
  readonly driver: JobDriver;
  readonly models: ModelCalls;
  readonly tokenizers: TokenizerCalls;
  readonly training: TrainingCalls;
  readonly options: EngineOptions;
}

/** Answers the calls that come in at a port. */
export class Engine {
  readonly #port: Port<EngineMessage, ClientMessage>;
  readonly #calls = new Map<number, Call>();
  readonly #uses = new Uses();
  /** Tokenizers by the call that made them. */
  readonly #tokenizers = new Map<number, number>();
  #running: Running | undefined;
  #probe: Promise<DeviceProbe> | undefined;
  #player: Promise<DevicePlayer> | undefined;
  #openPlayer: DevicePlayer | undefined;

  constructor(port: Port<EngineMessage, ClientMessage>) {
    this.#port = port;
    port.receive = (message) => this.#receive(message);
  }

  /** Ends the core and its threads. */
  close(): void {
    for (const call of this.#calls.values()) {
      call.cancel(repriseError('disposed', 'The runtime was shut down during the call.'));
    }
    this.#openPlayer?.close();
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
      if (tokenizer !== undefined) void this.#release(tokenizer);
      return;
    }
    const { id } = message;
    const call = new Call(id, (events) => this.#port.post({ type: 'events', id, events }));
    this.#calls.set(id, call);
    this.#answer(message.name, message.args, call).finally(() => this.#calls.delete(id));
  }

  async #answer(name: CallName, args: unknown, call: Call): Promise<void> {
    const { id } = call;
    try {
      const handler = this.#handlers[name] as (args: unknown, call: Call) => unknown;
      const value = await handler(args, call);
      call.flush();
      this.#port.post({ type: 'value', id, value }, buffersOf(value));
    } catch (thrown) {
      call.flush();
      this.#port.post({ type: 'error', id, error: messageFromError(asRepriseError(thrown)) });
    }
  }

  get #run(): Running {
    if (this.#running === undefined) {
      throw repriseError('disposed', 'The runtime was shut down before this call.');
    }
    return this.#running;
  }

  readonly #handlers: { [Name in CallName]: Handler<Name> } = {
    start: (args) => this.#start(args),
    webgpu: async () => (await this.#probed()).capabilities,
    state: () => this.#state(),
    release: ({ handle }) => this.#release(handle),

    tokenizerCreate: (args, call) => this.#createTokenizer(args, call),
    encode: (args) => this.#run.tokenizers.encode(args),
    encodeBatch: (args, call) => this.#uses.during(call, [args.tokenizer],
      () => this.#run.tokenizers.encodeBatch(args, call)),
    decode: (args) => this.#run.tokenizers.decode(args),
    decodeBatch: (args, call) => this.#uses.during(call, [args.tokenizer],
      () => this.#run.tokenizers.decodeBatch(args, call)),
    metrics: (args, call) => this.#uses.during(call, [args.tokenizer],
      () => this.#run.tokenizers.metrics(args, call)),
    vocabulary: (args) => this.#run.tokenizers.vocabulary(args),
    tokenToId: (args) => this.#run.tokenizers.tokenToId(args),
    idToToken: (args) => this.#run.tokenizers.idToToken(args),
    decodeStreamCreate: ({ tokenizer, skipSpecialTokens }) =>
      this.#run.core.call('decode_stream_create', tokenizer, skipSpecialTokens ? 1 : 0),
    decodeStreamPush: ({ stream, id }) => this.#text('decode_stream_push', stream, id),
    decodeStreamFinish: ({ stream }) => this.#text('decode_stream_finish', stream),

    trainerCreate: ({ options }) =>
      this.#run.core.call('tokenizer_trainer_create', JSON.stringify(options)),
    trainerAdd: (args, call) => this.#uses.during(call, [args.trainer],
      () => this.#run.training.add(args, call)),
    trainerTrain: (args, call) => this.#uses.during(call, [args.trainer],
      () => this.#run.training.train(args, call)),

    estimateMemory: (args) => this.#estimateMemory(args),
    modelCreate: (args, call) => this.#createModel(args, call),
    modelGenerationConfig: ({ model, json, file }) =>
      this.#plain('model_generation_config', model, json, file),
    modelBeginFile: ({ model, file, bytes }) =>
      this.#plain('model_begin_file', model, file, bytes),
    modelPush: async ({ model, bytes }) => {
      this.#plain('model_push', model, bytes);
      await this.#openPlayer?.room();
    },
    modelEndFile: ({ model }) => this.#plain('model_end_file', model),
    modelFinish: async ({ model }) => {
      await this.#openPlayer?.settled();
      this.#plain('model_finish', model);
    },

    generate: (args, call) => this.#uses.during(call, [args.model, args.tokenizer],
      () => this.#run.models.generate(args, call)),
    score: (args, call) => this.#uses.during(call, [args.model],
      () => this.#run.models.score(args, call)),
    forward: (args, call) => this.#uses.during(call, [args.model],
      () => this.#run.models.forward(args, call)),
  };

  async #release(handle: number): Promise<undefined> {
    for (const [id, tokenizer] of this.#tokenizers) {
      if (tokenizer === handle) this.#tokenizers.delete(id);
    }
    await this.#uses.release(handle, () => {
      if (this.#running?.core.isOpen === true) this.#running.core.call('release', handle);
    });
  }

  #plain(name: CoreCall, ...args: CoreArgument[]): undefined {
    this.#run.core.call(name, ...args);
  }

  #text(name: CoreCall, ...args: CoreArgument[]): string {
    this.#run.core.call(name, ...args);
    return this.#run.core.text();
  }

  #createTokenizer(
    args: Calls['tokenizerCreate']['args'], call: Call,
  ): Calls['tokenizerCreate']['value'] {
    const made = this.#run.tokenizers.create(args);
    this.#tokenizers.set(call.id, made.handle);
    return made;
  }

  async #start(options: EngineOptions): Promise<Calls['start']['value']> {
    const machine = await lookAtMachine(options.worker);
    const loaded = await loadModule(machine, options.threads, options.wasmUrl);
    const core = new Core(loaded.module, loaded.threads, loaded.lines);
    const driver = new JobDriver(core);
    const models = new ModelCalls(core, driver);
    const tokenizers = new TokenizerCalls(core, driver);
    const training = new TrainingCalls(core, driver);
    this.#running = { loaded, core, driver, models, tokenizers, training, options };
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
    const { core } = this.#run;
    core.call('info');
    return core.json<CoreInfo>();
  }

  async #state(): Promise<EngineState> {
    await this.#uses.released();
    await this.#openPlayer?.settled();
    const { memory, handles } = this.#info();
    return { ...memory, handles, gpuBuffers: this.#openPlayer?.bufferCount ?? 0 };
  }

  async #estimateMemory(
    { config, file, options }: Calls['estimateMemory']['args'],
  ): Promise<CoreEstimate> {
    const { core } = this.#run;
    const probe = options.backend === 'webgpu' ? await this.#probed() : undefined;
    const limits = probe !== undefined && 'open' in probe ? { limits: probe.limits } : {};
    core.call(
      'estimate_memory', config, file, JSON.stringify({ ...options, ...limits }));
    return core.json<CoreEstimate>();
  }

  async #createModel(
    args: Calls['modelCreate']['args'], call: Call,
  ): Promise<Calls['modelCreate']['value']> {
    const { core, driver } = this.#run;
    const { backend, reason } = await this.#pickBackend(args.backend);
    if (backend === 'webgpu') driver.player = await this.#device();
    const options = {
      backend,
      ...(args.contextLength === undefined ? {} : { contextLength: args.contextLength }),
    };
    const handle = core.call(
      'model_create', args.config, args.file, JSON.stringify(options));
    type Created = { parameters: number; contextLength: number; vocabSize: number };
    const { parameters, contextLength, vocabSize } = core.json<Created>();
    try {
      while (core.call('model_prepare', handle, prepareUnits) === 1) {
        await yieldToEventLoop();
        if (call.cancelled !== undefined) throw call.cancelled;
      }
    } catch (thrown) {
      if (core.isOpen) core.call('release', handle);
      throw thrown;
    }
    return { handle, backend, backendReason: reason, parameters, contextLength, vocabSize };
  }

  /** Looks for a device once, when somebody first wants to know: Dawn writes to standard error where
   * it finds no driver. */
  #probed(): Promise<DeviceProbe> {
    return (this.#probe ??= probeWebGpu(this.#run.options.gpu));
  }

  async #pickBackend(
    asked: BackendName | 'auto',
  ): Promise<{ backend: BackendName; reason: string }> {
    if (asked === 'cpu') return { backend: 'cpu', reason: 'the CPU was asked for' };
    const probe = await this.#probed();
    if ('open' in probe) {
      const { adapter } = probe.capabilities;
      if (asked === 'webgpu') return { backend: 'webgpu', reason: 'WebGPU was asked for' };
      return probe.isSoftware
        ? { backend: 'cpu', reason: `the only WebGPU adapter is software: ${adapter}` }
        : { backend: 'webgpu', reason: `there is a WebGPU adapter: ${adapter}` };
    }
    const { reason } = probe.capabilities;
    if (asked === 'auto') return { backend: 'cpu', reason: `no WebGPU: ${reason}` };
    throw repriseError('device_unavailable', `WebGPU was asked for and is not to be had: ` +
      `${reason}.`, { argument: 'backend' });
  }

  /** The device, opened at its first use. */
  async #device(): Promise<DevicePlayer> {
    const probe = await this.#probed();
    const { core } = this.#run;
    if (!('open' in probe)) throw repriseError('internal', 'There is no device to open.');
    if (this.#openPlayer?.failed === true) {
      this.#player = undefined;
      this.#openPlayer = undefined;
    }
    this.#player ??= probe.open(core).then((player) => {
      core.afterCall = () => player.play();
      this.#openPlayer = player;
      return player;
    });
    this.#player.catch(() => (this.#player = undefined));
    return this.#player;
  }
}

/** The buffers inside a value that may be given away: those of its own typed arrays. */
function buffersOf(value: unknown): Transferable[] {
  const parts = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return parts.filter((part) => ArrayBuffer.isView(part)).map((part) => part.buffer as ArrayBuffer);
}
