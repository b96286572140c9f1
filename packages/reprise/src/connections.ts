// The three ways to an engine: in this thread, in a Web Worker, in a Node worker thread.
import { anyOriginWorker } from './any-origin-worker.js';
import type { Connection } from './client.js';
import type { EngineClass } from './engine/engine.js';
import { repriseError, type RepriseError } from './errors.js';
import { refuse } from './options.js';
import { isNode, nodeModule } from './platform.js';
import { type ClientMessage, type EngineMessage, type Port, portPair } from './protocol.js';

/** A connection, and how its breaking is told. */
export interface OpenConnection extends Connection {
  /** Called with the reason where the engine's thread ends by itself. */
  onBreak: (error: RepriseError) => void;
}

/** Where an entry's engine comes from. The addresses of modules and scripts stand inside the calls
 * that use them, where bundlers look for them. */
export interface EngineSource {
  /** The engine for this thread. */
  load(): Promise<EngineClass>;
  /** Starts the entry's own Web Worker. */
  startWorker(): Worker;
  /** The script of the entry's own worker in Node, relative to `base`. */
  readonly script: string;
  /** The address of the entry's module. */
  readonly base: string;
  /** Whether a GPU object can be given to it. */
  readonly usesGpu: boolean;
}

/** An engine in this thread. It breaks where a message cannot be received. */
export async function connectInProcess(source: EngineSource): Promise<OpenConnection> {
  const EngineOf = await source.load();
  const [port, enginePort] = portPair((thrown) => connection.onBreak(
    repriseError('poisoned', `The engine ended by an error: ${String(thrown)}`)));
  const engine = new EngineOf(enginePort);
  const connection: OpenConnection = {
    port,
    busy: () => undefined,
    close: () => engine.close(),
    onBreak: () => undefined,
  };
  return connection;
}

/** An engine in a worker of its own. `workerUrl` is absolute. Errors: `network` where the script
 * does not load, later. */
export function connectWorker(
  source: EngineSource, workerUrl: string | undefined,
): Promise<OpenConnection> {
  return isNode()
    ? connectNodeWorker(source, workerUrl) : Promise.resolve(connectWebWorker(source, workerUrl));
}

function connectWebWorker(source: EngineSource, workerUrl: string | undefined): OpenConnection {
  if (typeof Worker === 'undefined') {
    throw repriseError('device_unavailable', 'This place has no workers; worker: false runs the ' +
      'core in its own thread.', { argument: 'worker' });
  }
  const worker = workerUrl === undefined
    ? ownWorker(source)
    : new (anyOriginWorker(Worker))(workerUrl, { type: 'module', name: 'reprise' });
  const connection: OpenConnection = {
    port: {
      post: (message, transfer) => worker.postMessage(message, [...(transfer ?? [])]),
      receive: () => undefined,
    },
    busy: () => undefined,
    close: () => worker.terminate(),
    onBreak: () => undefined,
  };
  worker.addEventListener('message', ({ data }: MessageEvent<EngineMessage>) =>
    connection.port.receive(data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    connection.onBreak(workerError(workerUrl, event.message));
  });
  return connection;
}

/** The entry's own worker. */
function ownWorker(source: EngineSource): Worker {
  try {
    return source.startWorker();
  } catch (thrown) {
    if (!(thrown instanceof DOMException) || thrown.name !== 'SecurityError') throw thrown;
    // The script lies on another origin. Where a bundler has put it, only the constructor is told.
    const { Worker: plain } = globalThis;
    globalThis.Worker = anyOriginWorker(plain);
    try {
      return source.startWorker();
    } finally {
      globalThis.Worker = plain;
    }
  }
}

function workerError(workerUrl: string | undefined, words: string | undefined): RepriseError {
  const script = workerUrl ?? 'of the package';
  return words === undefined || words === ''
    ? repriseError('network', `The worker script ${script} could not be loaded.`,
      workerUrl === undefined ? {} : { file: workerUrl })
    : repriseError('poisoned', `The worker ended by an error: ${words}`);
}

async function connectNodeWorker(
  source: EngineSource, workerUrl: string | undefined,
): Promise<OpenConnection> {
  const { Worker: NodeWorker } = await nodeModule('worker_threads');
  // A thread has Node's flags without being given them, and refuses to be given some. But how a program of
  // the command line was given must not be taken for how the worker is; there it has none of the flags.
  const isTyped = process.execArgv.some((argument) => argument.startsWith('--input-type'));
  const script = new URL(workerUrl ?? source.script, source.base);
  if (!/^(file|data):$/.test(script.protocol)) {
    throw refuse('workerUrl', 'a path or a file: address in Node', workerUrl);
  }
  const worker = new NodeWorker(script, isTyped ? { execArgv: [] } : {});
  worker.unref();
  const port: Port<ClientMessage, EngineMessage> = {
    post: (message, transfer) =>
      worker.postMessage(message, transfer as Parameters<typeof worker.postMessage>[1]),
    receive: () => undefined,
  };
  const connection: OpenConnection = {
    port,
    busy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    close: () => void worker.terminate(),
    onBreak: () => undefined,
  };
  worker.on('message', (message: EngineMessage) => port.receive(message));
  worker.on('error', (thrown) => {
    const { code } = thrown as { code?: unknown };
    connection.onBreak(code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
      ? repriseError('not_found', `The worker script ${workerUrl ?? ''} does not exist: ` +
        thrown.message, { file: workerUrl ?? source.script })
      : repriseError('poisoned', `The worker thread ended by an error: ${String(thrown)}`));
  });
  worker.on('exit', (code) =>
    connection.onBreak(repriseError('poisoned', `The worker thread ended (exit code ${code}).`)));
  return connection;
}
