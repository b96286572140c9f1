// The engine of the main entry: tokenizers and their training, models, and the device that these may
// use.
import { repriseError } from '../errors.js';
import { yieldToEventLoop } from '../platform.js';
import type {
  Calls, ClientMessage, CoreEstimate, EngineMessage, EngineState, ModelFiles, Port, RunFacts,
} from '../protocol.js';
import type { BackendName } from '../types/runtime.js';
import type { CoreArgument } from './arguments.js';
import type { BuildFiles } from './builds.js';
import type { Call } from './calls.js';
import type { Core, CoreCall } from './core.js';
import { DeviceJobDriver } from './device-job-driver.js';
import type { DevicePlayer, DeviceProbe } from './device-player.js';
import { Engine, type Handlers } from './engine.js';
import { ModelCalls } from './model-calls.js';
import { HashCalls } from './hash-calls.js';
import { DatasetCalls } from './dataset-calls.js';
import { TrainingCalls } from './training-calls.js';
import { probeWebGpu } from './webgpu-probe.js';

type ManifestFiles = Calls['manifestRead']['value']['files'];

/** Work units of one step of preparing a model, a few milliseconds. */
const prepareUnits = 512;

const files: BuildFiles = {
  wasmUrl: (picked) => (picked === 'wasm'
    ? new URL('../wasm/reprise.wasm', import.meta.url)
    : new URL('../wasm-threads/reprise.wasm', import.meta.url)).href,
  glue: (picked) =>
    picked === 'wasm' ? import('../wasm/reprise.mjs') : import('../wasm-threads/reprise.mjs'),
};

/** An engine with everything. */
export class MainEngine extends Engine {
  #modelCalls: ModelCalls | undefined;
  #hashCalls: HashCalls | undefined;
  #trainingCalls: TrainingCalls | undefined;
  readonly #datasets = new DatasetCalls(() => this.run.core);
  #probe: Promise<DeviceProbe> | undefined;
  #player: Promise<DevicePlayer> | undefined;
  #openPlayer: DevicePlayer | undefined;
  #driver: DeviceJobDriver | undefined;

  constructor(port: Port<EngineMessage, ClientMessage>) {
    super(port, files);
    Object.assign(this.handlers, this.#moreHandlers());
  }

  override close(): void {
    this.#openPlayer?.close();
    this.#hashCalls?.close();
    super.close();
  }

  #moreHandlers(): Handlers {
    return {
      webgpu: async () => (await this.#probed()).capabilities,

      trainerCreate: ({ options }) =>
        this.run.core.call('tokenizer_trainer_create', JSON.stringify(options)),
      trainerAdd: (args, call) => this.uses.during(call, [args.trainer],
        () => this.#training.add(args, call)),
      trainerTrain: (args, call) => this.uses.during(call, [args.trainer],
        () => this.#training.train(args, call)),

      datasetFormat: ({ options }) => {
        this.#plain('dataset_format', JSON.stringify(options));
        return this.run.core.json<Calls['datasetFormat']['value']>();
      },
      datasetSample: ({ options }) =>
        this.run.core.call('dataset_sample_create', JSON.stringify(options)),
      datasetSchema: ({ sample }) => {
        this.#plain('dataset_sample_schema', sample);
        return this.run.core.json<Calls['datasetSchema']['value']>();
      },
      datasetSchemaCheck: ({ json, file }) => {
        this.#plain('dataset_schema_check', json, file);
        return this.run.core.json<Calls['datasetSchemaCheck']['value']>();
      },
      datasetNameText: ({ json }) => {
        this.#plain('dataset_name_text', json);
        return this.run.core.json<Calls['datasetNameText']['value']>();
      },
      datasetReader: ({ schema, options }) => this.run.core.call(
        'dataset_reader_create', JSON.stringify(schema), JSON.stringify(options)),
      datasetSamplePush: ({ sample, bytes }) => this.#datasets.push(sample, bytes) > 0,
      datasetRead: (args) => this.#datasets.read(args),
      datasetCollect: () => this.#datasets.collect(),
      datasetTakeColumns: (args) => this.#datasets.takeColumns(args),
      datasetDropColumns: (args) => this.#datasets.dropColumns(args),
      datasetReport: ({ reader }) => {
        this.#plain('dataset_report', reader);
        return this.run.core.json<Calls['datasetReport']['value']>();
      },
      datasetSplit: (args, call) => this.#datasets.split(args, this.run.driver, call),

      random: ({ options }) => {
        this.#plain('random', JSON.stringify(options));
        return new Float64Array(this.run.core.result().buffer as ArrayBuffer);
      },
      permutation: (args, call) => this.#permutation(args, call),

      hashJson: ({ json }) => this.#text('hash_json', json, 'value'),
      hashBegin: ({ parts }) => this.#hashes.begin(parts),
      hashPush: ({ hash, bytes }) => this.#hashes.push(hash, bytes),
      hashEnd: ({ hash }) => this.#hashes.end(hash),
      hashDrop: ({ hash }) => this.#hashes.drop(hash),
      hashBytes: ({ bytes, parts }) => this.#hashes.hashBytes(bytes, parts),
      weightsHash: ({ files: hashes }) => this.#text('weights_hash', JSON.stringify(hashes)),
      manifestWrite: ({ files: hashed }) => this.#text('manifest_write', JSON.stringify(hashed)),
      manifestRead: ({ json, file }) => {
        const handle = this.run.core.call('manifest_read', json, file);
        return { handle, files: this.run.core.json<{ files: ManifestFiles }>().files };
      },
      manifestCheck: ({ manifest, name, hashes }) =>
        this.#plain('manifest_check', manifest, name, JSON.stringify(hashes)),
      recordCheck: ({ json, file }) => this.#text('record_check', json, file),
      runConfigCheck: ({ json, file }) => this.#text('run_config_check', json, file),
      checkpointWrite: ({ parts }) => this.#text('checkpoint_write', parts),
      checkpointCheck: ({ json, file }) => this.#text('checkpoint_check', json, file),

      estimateMemory: (args) => this.#estimateMemory(args),
      modelCreate: (args, call) => this.#createModel(args, call),
      modelGenerationConfig: ({ model, json, file }) =>
        this.#plain('model_generation_config', model, json, file),
      modelFiles: () => {
        this.#plain('model_files');
        return this.run.core.json<ModelFiles>();
      },
      fileNamesCheck: ({ names }) => this.#plain('file_names_check', JSON.stringify(names)),
      weightsIndex: ({ json, file }) => {
        this.#plain('weights_index', json, file);
        return this.run.core.json<Calls['weightsIndex']['value']>();
      },
      modelBeginFile: ({ model, file, bytes, hash }) => {
        this.#hashes.beginWeights(model, hash);
        return this.#plain('model_begin_file', model, file, bytes);
      },
      modelPush: async ({ model, bytes }) => {
        await this.#hashes.pushWeights(model, bytes);
        this.#plain('model_push', model, bytes);
        await this.#openPlayer?.room();
      },
      modelHashes: ({ model }) => this.#hashes.endWeights(model),
      modelEndFile: ({ model }) => this.#plain('model_end_file', model),
      modelFinish: async ({ model }) => {
        await this.#openPlayer?.settled();
        this.#plain('model_finish', model);
      },

      generate: (args, call) => this.uses.during(call, [args.model, args.tokenizer],
        async () => this.#models.generate({ ...args, facts: await this.#withDevice(args.facts) }, call)),
      replay: (args, call) => this.uses.during(call, [args.model, args.tokenizer],
        async () => this.#models.replay({ ...args, facts: await this.#withDevice(args.facts) }, call)),
      score: (args, call) => this.uses.during(call, [args.model],
        () => this.#models.score(args, call)),
      forward: (args, call) => this.uses.during(call, [args.model],
        () => this.#models.forward(args, call)),
    };
  }

  get #models(): ModelCalls {
    const { core, driver } = this.run;
    return (this.#modelCalls ??= new ModelCalls(core, driver));
  }

  get #hashes(): HashCalls {
    return (this.#hashCalls ??= new HashCalls(this.run.core));
  }

  get #training(): TrainingCalls {
    const { core, driver } = this.run;
    return (this.#trainingCalls ??= new TrainingCalls(core, driver));
  }

  #plain(name: CoreCall, ...args: CoreArgument[]): undefined {
    this.run.core.call(name, ...args);
  }

  #text(name: CoreCall, ...args: CoreArgument[]): string {
    this.run.core.call(name, ...args);
    return this.run.core.text();
  }

  async #permutation({ options }: Calls['permutation']['args'], call: Call): Promise<Uint32Array> {
    const { core, driver } = this.run;
    const job = core.call('permutation', JSON.stringify(options));
    try {
      await driver.run(job, { onEvent: () => undefined, cancelled: () => call.cancelled });
      core.call('job_values', job);
      return core.ids();
    } finally {
      if (core.isOpen) core.call('release', job);
    }
  }

  protected override driverOf(core: Core): DeviceJobDriver {
    return (this.#driver = new DeviceJobDriver(core));
  }

  protected override async release(handle: number): Promise<undefined> {
    this.#hashCalls?.dropWeights(handle);
    return super.release(handle);
  }

  protected override async state(): Promise<EngineState> {
    await this.uses.released();
    await this.#openPlayer?.settled();
    const state = await super.state();
    const handles = state.handles + this.#datasets.alive;
    return { ...state, handles, gpuBuffers: this.#openPlayer?.bufferCount ?? 0 };
  }

  async #estimateMemory(
    { config, file, options }: Calls['estimateMemory']['args'],
  ): Promise<CoreEstimate> {
    const { core } = this.run;
    const probe = options.backend === 'webgpu' ? await this.#probed() : undefined;
    const limits = probe !== undefined && 'open' in probe ? { limits: probe.limits } : {};
    core.call(
      'estimate_memory', config, file, JSON.stringify({ ...options, ...limits }));
    return core.json<CoreEstimate>();
  }

  async #createModel(
    args: Calls['modelCreate']['args'], call: Call,
  ): Promise<Calls['modelCreate']['value']> {
    const { core } = this.run;
    const { backend, reason } = await this.#pickBackend(args.backend);
    if (backend === 'webgpu') await this.#device();
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

  /** Facts with the device, where one was looked for. */
  async #withDevice(facts: RunFacts): Promise<RunFacts> {
    if (this.#probe === undefined) return facts;
    const { capabilities: webgpu } = await this.#probe;
    return { ...facts, capabilities: { ...facts.capabilities, webgpu } };
  }

  /** Looks for a device once, when somebody first wants to know: Dawn writes to standard error where
   * it finds no driver. */
  #probed(): Promise<DeviceProbe> {
    return (this.#probe ??= probeWebGpu(this.run.options.gpu));
  }

  async #pickBackend(
    asked: BackendName | 'auto' | undefined,
  ): Promise<{ backend: BackendName; reason: string }> {
    if (asked === undefined) return { backend: 'cpu', reason: 'the CPU is the default' };
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
    const { core } = this.run;
    if (!('open' in probe)) throw repriseError('internal', 'There is no device to open.');
    if (this.#openPlayer?.failed === true) {
      this.#player = undefined;
      this.#openPlayer = undefined;
    }
    this.#player ??= probe.open(core).then((player) => {
      if (!core.isOpen) player.close();
      core.afterCall = () => player.play();
      if (this.#driver !== undefined) this.#driver.player = player;
      this.#openPlayer = player;
      return player;
    });
    this.#player.catch(() => (this.#player = undefined));
    return this.#player;
  }
}
