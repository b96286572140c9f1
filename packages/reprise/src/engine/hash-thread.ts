// SHA-256 of whole files in Node, in a thread beside the engine's: Node's own hash takes bytes in pieces,
// but only on the thread that calls it.
import { repriseError } from '../errors.js';
import { nodeModule } from '../platform.js';

/** A file's bytes lie in a ring of pieces that both threads see, so that they are copied once into memory
 * that is touched once. A file that fits into the ring is hashed without the thread. */
const pieceBytes = 1 << 20;
const ringBytes = 8 << 20;

/** Each message is one piece or the end of a file, and is answered once, in order. */
const script = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const hashes = new Map();
parentPort.on('message', ({ file, bytes }) => {
  const hash = hashes.get(file) ?? createHash('sha256');
  if (bytes === undefined) hashes.delete(file);
  else hashes.set(file, hash.update(bytes));
  parentPort.postMessage(bytes === undefined ? hash.digest('hex') : '');
});`;

type Worker = import('node:worker_threads').Worker;

interface Answer {
  resolve(hash: string): void;
  reject(reason: unknown): void;
}

/** The thread, started at its first use. It keeps no process from ending but while it works. */
export class HashThread {
  #worker: Promise<Worker> | undefined;
  #files = 0;
  #isClosed = false;
  readonly #waiting: Answer[] = [];

  /** Begins a file. */
  begin(): HashedFile {
    const file = ++this.#files;
    let thread: Promise<Worker> | undefined;
    return new HashedFile(async (bytes) => {
      thread ??= this.#worker ??= this.#start();
      // Another thread has not seen what came before.
      if (thread !== this.#worker) throw endedError();
      return this.#ask(await thread, file, bytes);
    });
  }

  /** The hash after the end, '' after a piece. */
  async #ask(worker: Worker, file: number, bytes: Uint8Array | undefined): Promise<string> {
    if (this.#isClosed) throw closedError();
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ resolve, reject }) === 1) worker.ref();
      worker.postMessage({ file, bytes });
    });
  }

  async #start(): Promise<Worker> {
    const threads = await nodeModule('worker_threads');
    // Node's own flags are the program's: a thread refuses some of them, and this one needs none.
    const worker = new threads.Worker(script, { eval: true, execArgv: [] });
    worker.unref();
    worker.on('message', (hash: string) => {
      this.#waiting.shift()?.resolve(hash);
      if (this.#waiting.length === 0) worker.unref();
    });
    const end = (reason: unknown) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.splice(0)) reject(reason);
    };
    worker.on('error', end);
    worker.on('exit', () => end(this.#isClosed ? closedError() : endedError()));
    return worker;
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    void this.#worker?.then((started) => started.terminate(), () => undefined);
  }
}

const endedError = (): Error =>
  repriseError('internal', 'The thread that hashed a file ended before it was done.');
const closedError = (): Error =>
  repriseError('disposed', 'The runtime was shut down while a file was being hashed.');

/** A file that is being hashed whole. */
export class HashedFile {
  readonly #ask: (bytes?: Uint8Array) => Promise<string>;
  readonly #ring = new Uint8Array(new SharedArrayBuffer(ringBytes));
  /** Of the piece that last lay in each place of the ring. */
  readonly #answers: Promise<string>[] = [];
  #bytes = 0;
  #sent = 0;

  constructor(ask: (bytes?: Uint8Array) => Promise<string>) {
    this.#ask = ask;
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.byteLength;) {
      const at = this.#bytes % ringBytes;
      if (at % pieceBytes === 0 && this.#bytes >= ringBytes) {
        this.#send();
        await this.#answers[at / pieceBytes];
      }
      const piece = bytes.subarray(taken, taken + pieceBytes - at % pieceBytes);
      this.#ring.set(piece, at);
      taken += piece.byteLength;
      this.#bytes += piece.byteLength;
    }
  }

  #send(): void {
    while (this.#sent < this.#bytes) {
      const at = this.#sent % ringBytes;
      const size = Math.min(pieceBytes, this.#bytes - this.#sent);
      const answer = this.#ask(this.#ring.subarray(at, at + size));
      // Told by whoever waits for the place, or for the end.
      answer.catch(() => undefined);
      this.#answers[at / pieceBytes] = answer;
      this.#sent += size;
    }
  }

  async finish(): Promise<{ sha256: string }> {
    if (this.#bytes <= ringBytes && this.#sent === 0) {
      const content = this.#ring.slice(0, this.#bytes);
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(content));
      return { sha256: Buffer.from(digest).toString('hex') };
    }
    this.#send();
    const digest = this.#ask();
    await Promise.all([...this.#answers, digest]);
    return { sha256: await digest };
  }

  drop(): void {
    if (this.#sent > 0) void this.#ask().catch(() => undefined);
  }
}
