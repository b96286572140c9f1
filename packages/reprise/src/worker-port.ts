// The inside of a worker: an engine behind the messages of a Web Worker or of a Node worker thread.
import { anyOriginWorker } from './any-origin-worker.js';
import type { EngineClass } from './engine/engine.js';
import { isNode, nodeModule } from './platform.js';
import type { ClientMessage, EngineMessage, Port } from './protocol.js';

/** Serves an engine to whoever started this worker. */
export function serveEngine(EngineOf: EngineClass): void {
  const port: Port<EngineMessage, ClientMessage> = {
    post: (message, transfer) =>
      globalThis.postMessage(message, { transfer: [...(transfer ?? [])] }),
    receive: () => undefined,
  };
  new EngineOf(port);
  if (isNode()) {
    void listenInNode(port);
    return;
  }
  // The script of the threads may lie on another origin than the page.
  if (typeof Worker !== 'undefined') globalThis.Worker = anyOriginWorker(Worker);
  globalThis.addEventListener('message', ({ data }: MessageEvent<ClientMessage>) =>
    port.receive(data));
}

async function listenInNode(port: Port<EngineMessage, ClientMessage>): Promise<void> {
  const { parentPort } = await nodeModule('worker_threads');
  if (parentPort === null) throw new Error('This is the script of a worker thread.');
  type Given = Parameters<typeof parentPort.postMessage>[1];
  port.post = (message, transfer) => parentPort.postMessage(message, transfer as Given);
  parentPort.on('message', (message: ClientMessage) => port.receive(message));
}
