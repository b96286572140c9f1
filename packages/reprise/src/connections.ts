// The three ways to an engine: in this thread, in a Web Worker, in a Node worker thread.
import { anyOriginWorker } from './any-origin-worker.js';
import type { Client, Connection } from './client.js';
import { repriseError, type RepriseError } from './errors.js';
import { isNode, nodeModule } from './platform.js';
import { type ClientMessage, type EngineMessage, type Port, portPair } from './protocol.js';

/** A connection, and how its breaking is told. */
export interface OpenConnection extends Connection {
  /** Called with the reason where the engine's thread ends by itself. */
  onBreak: (error: RepriseError) => void;
}

/** An engine in this thread. */
export async function connectInProcess(): Promise<OpenConnection> {
  const { Engine } = await import('./engine/engine.js');
  const [port, enginePort] = portPair();
  const engine = new Engine(enginePort);
  return {
    port,
    busy: () => undefined,
    close: () => engine.close(),
    onBreak: () => undefined,
  };
}

/** An engine in a worker of its own. `workerUrl` is absolute. Errors: `network` where the script
 * does not load, later. */
export function connectWorker(workerUrl: string | undefined): Promise<OpenConnection> {
  return isNode() ? connectNodeWorker(workerUrl) : Promise.resolve(connectWebWorker(workerUrl));
}

function connectWebWorker(workerUrl: string | undefined): OpenConnection {
  if (typeof Worker === 'undefined') {
    throw repriseError('device_unavailable', 'This place has no workers; worker: false runs the ' +
      'core in its own thread.', { argument: 'worker' });
  }
  const worker = workerUrl === undefined ? ownWorker() : workerFrom(workerUrl);
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

/** The package's own worker. */
function ownWorker(): Worker {
  try {
    return startOwnWorker();
  } catch (thrown) {
    if (!(thrown instanceof DOMException) || thrown.name !== 'SecurityError') throw thrown;
    // The script lies on another origin. Where a bundler has put it, only the constructor is told.
    const { Worker: plain } = globalThis;
    globalThis.Worker = anyOriginWorker(plain);
    try {
      return startOwnWorker();
    } finally {
      globalThis.Worker = plain;
    }
  }
}

/** The address stands inside the call, where bundlers look for it. */
function startOwnWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'reprise' });
}

function workerFrom(url: string): Worker {
  return new (anyOriginWorker(Worker))(url, { type: 'module', name: 'reprise' });
}

function workerError(workerUrl: string | undefined, words: string | undefined): RepriseError {
  const script = workerUrl ?? 'of the package';
  return words === undefined || words === ''
    ? repriseError('network', `The worker script ${script} could not be loaded.`,
      workerUrl === undefined ? {} : { file: workerUrl })
    : repriseError('poisoned', `The worker ended by an error: ${words}`);
}

async function connectNodeWorker(workerUrl: string | undefined): Promise<OpenConnection> {
  const { Worker: NodeWorker } = await nodeModule('worker_threads');
  const beside = './worker.js';
  // How the main program was given must not be taken for how the worker is.
  const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--input-type'));
  const worker = new NodeWorker(new URL(workerUrl ?? beside, import.meta.url), { execArgv });
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
        thrown.message, { file: workerUrl ?? 'worker.js' })
      : repriseError('poisoned', `The worker thread ended by an error: ${String(thrown)}`));
  });
  worker.on('exit', (code) =>
    connection.onBreak(repriseError('poisoned', `The worker thread ended (exit code ${code}).`)));
  return connection;
}

/** Ends a client when its connection breaks. */
export function endOnBreak(connection: OpenConnection, client: Client): void {
  connection.onBreak = (error) => client.end(error);
}
