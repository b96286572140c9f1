// The inside of a worker: an engine behind the messages of a Web Worker or of a Node worker thread.
import { anyOriginWorker } from './any-origin-worker.js';
import type { EngineClass } from './engine/engine.js';
import { isNode, nodeModule } from './platform.js';
import type { ClientMessage, EngineMessage, Port } from './protocol.js';

/** Serves an engine to whoever started this worker. */
export function serveEngine(EngineOf: EngineClass): void {
  const port: Port<EngineMessage, ClientMessage> = {
    post: (message) => globalThis.postMessage(message, { transfer: buffersOf(message) }),
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
  port.post = (message) => parentPort.postMessage(message, buffersOf(message) as Given);
  parentPort.on('message', (message: ClientMessage) => port.receive(message));
}

/** The buffers that are given away with a message: those of the typed arrays of a call's value. */
function buffersOf(message: EngineMessage): Transferable[] {
  const value = message.type === 'value' ? message.value : undefined;
  // The elements of an array are no parts of it, and listing them would take as long as making them.
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((part) => ArrayBuffer.isView(part))
    .map((part) => part.buffer as ArrayBuffer);
}
