// The runtime of an entry: one engine for all of a program's objects, started at first use.
import { Client } from './client.js';
import { connectInProcess, connectWorker, type EngineSource } from './connections.js';
import { repriseError } from './errors.js';
import {
  checkOptions, isAddress, isAnything, isBoolean, isFunction, isInteger,
} from './options.js';
import { isNode } from './platform.js';
import type { EngineOptions } from './protocol.js';
import { absoluteUrl } from './sources/addresses.js';
import type { TelemetryEvent } from './types/long-work.js';
import type { Capabilities, LiveCounts, RuntimeOptions } from './types/runtime.js';

const mostThreads = 64;

const checks = {
  wasmUrl: isAddress,
  workerUrl: isAddress,
  worker: isBoolean,
  threads: isInteger(1, mostThreads),
  gpu: isAnything,
  log: isBoolean,
  onTelemetry: isFunction,
};

/** What is known as soon as the runtime has started. */
type Machine = Omit<Capabilities, 'webgpu' | 'summary'>;

/** A started runtime. */
export interface Runtime {
  readonly client: Client;
  readonly machine: Machine;
  readonly options: RuntimeOptions;
}

interface State {
  readonly options: RuntimeOptions;
  readonly started: Promise<Runtime>;
}

/** The one runtime of an entry; it need not run. */
export class RuntimeHost {
  readonly #source: EngineSource;
  #state: State | undefined;

  constructor(source: EngineSource) {
    this.#source = source;
  }

  /** The runtime, started with its defaults where it does not run. */
  get(): Promise<Runtime> {
    return (this.#state ?? this.#begin({})).started;
  }

  /** Starts the runtime with these options. Errors: `busy` if it runs with others already. */
  async configure(options: RuntimeOptions): Promise<void> {
    const { gpu, ...others } = checks;
    checkOptions(options, this.#source.usesGpu ? { gpu, ...others } : others);
    if (this.#state !== undefined && !sameOptions(this.#state.options, options)) {
      throw repriseError('busy', 'The runtime runs with other options already; call shutdown() ' +
        'first.');
    }
    await (this.#state ?? this.#begin({ ...options })).started;
  }

  /** Says what this machine offers and what was picked; starts the runtime if need be. */
  async capabilities(): Promise<Capabilities> {
    const { client, machine } = await this.get();
    const { usedBytes, limitBytes } = await client.call('state', {});
    return { ...await withDevice(client, machine), memory: { usedBytes, limitBytes } };
  }

  /** Ends the runtime, its worker and its threads. Everything made with it is disposed of. */
  async shutdown(): Promise<void> {
    const ending = this.#state;
    this.#state = undefined;
    if (ending === undefined) return;
    const started = await ending.started.catch(() => undefined);
    started?.client.end(repriseError('disposed', 'The runtime was shut down.'));
  }

  /** Objects alive now; both counts are 0 once everything was disposed of. */
  async liveCounts(): Promise<LiveCounts> {
    if (this.#state === undefined) return { handles: 0, gpuBuffers: 0 };
    const { client } = await this.#state.started;
    const { handles, gpuBuffers } = await client.call('state', {});
    return { handles, gpuBuffers };
  }

  /** Begins to start; a start that fails leaves nothing behind. */
  #begin(options: RuntimeOptions): State {
    const begun: State = { options, started: start(this.#source, options) };
    this.#state = begun;
    begun.started.catch(() => {
      if (this.#state === begun) this.#state = undefined;
    });
    return begun;
  }
}

/** Tells an event to everyone who asked. A listener's error surfaces as an uncaught one, since an
 * event never influences a result. */
export function tell(
  event: TelemetryEvent,
  ...listeners: readonly (((event: TelemetryEvent) => void) | undefined)[]
): void {
  for (const listener of listeners) {
    if (listener === undefined) continue;
    try {
      listener(event);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}

function sameOptions(one: RuntimeOptions, other: RuntimeOptions): boolean {
  const value = (options: RuntimeOptions, name: string) => {
    const found = options[name as keyof RuntimeOptions];
    return found instanceof URL ? found.href : found;
  };
  return Object.keys(checks).every((name) => value(one, name) === value(other, name));
}

async function start(source: EngineSource, options: RuntimeOptions): Promise<Runtime> {
  const begin = performance.now();
  const worker = options.worker ?? !isNode();
  if (worker && options.gpu !== undefined) {
    throw repriseError('invalid_argument', 'A GPU object cannot be given to a worker; use it ' +
      'with worker: false.', { argument: 'gpu' });
  }
  const address = async (argument: 'workerUrl' | 'wasmUrl') => {
    const given = options[argument];
    return given === undefined ? undefined : absoluteUrl(given, argument);
  };
  const [workerUrl, wasmUrl] = [await address('workerUrl'), await address('wasmUrl')];
  const connection = worker
    ? await connectWorker(source, workerUrl) : await connectInProcess(source);
  const client = new Client(connection);
  connection.onBreak = (error) => client.end(error);
  const engineOptions: EngineOptions = {
    worker,
    ...(wasmUrl === undefined ? {} : { wasmUrl }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.gpu === undefined ? {} : { gpu: options.gpu }),
  };
  try {
    const machine = await client.call('start', engineOptions);
    if (options.log !== false) log((await withDevice(client, machine)).summary);
    tell({ name: 'start', milliseconds: performance.now() - begin }, options.onTelemetry);
    return { client, machine, options };
  } catch (thrown) {
    client.end(repriseError('disposed', 'The runtime did not start.'));
    throw thrown;
  }
}

/** Looks for a device, which is done once and only when somebody wants to know. */
async function withDevice(client: Client, machine: Machine): Promise<Capabilities> {
  const found = { ...machine, webgpu: await client.call('webgpu', {}) };
  return { ...found, summary: summarize(found) };
}

/** What was picked, in one line of words. */
function summarize(found: Omit<Capabilities, 'summary'>): string {
  const place = `${found.platform === 'node' ? 'Node' : 'browser'}, ${
    found.worker ? 'in a worker' : 'in-process'}`;
  const threads = `${found.threads} CPU thread${found.threads === 1 ? '' : 's'} with ${
    found.simd ? 'SIMD' : 'no SIMD'} (${found.build.reason})`;
  const gpu = found.webgpu.available
    ? `WebGPU on ${found.webgpu.adapter}` : `no WebGPU (${found.webgpu.reason})`;
  return `Reprise ${found.version}: ${place}; ${threads}; ${gpu}`;
}

/** In Node to standard error, which leaves standard output to the program. */
function log(line: string): void {
  if (isNode()) console.error(line);
  else console.info(line);
}
