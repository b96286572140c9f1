// Plays the core's command lists on a GPUDevice. It knows records, buffers and kernels, and nothing
// of models or of where the lists come from.
import type { RepriseErrorCode } from '../error-codes.js';
import {
  createBuffer, destroyBuffer, dispatch, fence, readBuffer, recordWords, writeBuffer,
} from './commands.js';
import { bufferUsage, mapModeRead } from './flags.js';
import { kernels } from './kernels.js';
import { paramsBytes, Pipelines } from './pipelines.js';
import { StagingPool } from './staging.js';

/** What the device answers and reports, each in a turn of the event loop of its own. */
export interface PlayerEvents {
  /** The bytes of a ticket; a fence has none. */
  answer(ticket: number, bytes: Uint8Array): void;
  /** A buffer could not be made: the device has no memory left for it. */
  bufferFailed(buffer: number, bytes: number, message: string): void;
  /** The device is of no use any more; nothing else will be reported. */
  failed(code: RepriseErrorCode, message: string): void;
}

interface Buffer {
  readonly gpu: GPUBuffer;
  /** Keys of the bind groups that hold it. */
  readonly groups: Set<string>;
}

interface Read {
  readonly ticket: number;
  readonly bytes: number;
  readonly staging: GPUBuffer;
}

/** Dispatches whose parameters fit into one buffer. */
const paramsSlots = 512;
/** Bytes that may wait for the device before `room` does. */
const mostBacklogBytes = 64 << 20;

/** One device and everything that lives on it. */
export class Player {
  readonly #device: GPUDevice;
  readonly #events: PlayerEvents;
  readonly #pipelines: Pipelines;
  readonly #staging: StagingPool;
  readonly #buffers = new Map<number, Buffer>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** Lists that wait for the compiler. */
  readonly #waiting: { words: Uint32Array; payload: Uint8Array }[] = [];
  #settled: Promise<void> = Promise.resolve();
  #reads: Read[] = [];
  /** Answers and error scopes that are still to come. */
  readonly #open = new Set<Promise<void>>();
  /** Bytes from one dispatch's parameters to the next. */
  readonly #paramsStride: number;
  readonly #params: Uint32Array<ArrayBuffer>;
  #paramsBuffer: GPUBuffer | undefined;
  #paramsGroup: GPUBindGroup | undefined;
  #paramsUsed = 0;
  #backlog = 0;
  #ended = false;

  constructor(device: GPUDevice, events: PlayerEvents) {
    this.#device = device;
    this.#events = events;
    this.#pipelines = new Pipelines(device);
    this.#staging = new StagingPool(device);
    this.#paramsStride = Math.max(paramsBytes, device.limits.minUniformBufferOffsetAlignment);
    this.#params = new Uint32Array((paramsSlots * this.#paramsStride) / 4);
    device.lost.then(({ message, reason }) => {
      const why = message === '' ? reason : message;
      this.#fail('device_lost', `The GPU device was lost: ${why}`);
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      const code = error.constructor.name === 'GPUOutOfMemoryError' ? 'out_of_memory' : 'internal';
      this.#fail(code, `The GPU device reported an error: ${error.message}`);
    });
  }

  /** Buffers alive on the device, this player's own included. Without those of the lists there are
   * none. */
  get bufferCount(): number {
    return this.#buffers.size + this.#staging.count + (this.#paramsBuffer === undefined ? 0 : 1);
  }

  /** Runs a list, or keeps a copy until its kernels are compiled and the lists before it have run.
   * The payload is not looked at after this returns. */
  play(words: Uint32Array, payload: Uint8Array): void {
    if (this.#ended) return;
    if (this.#waiting.length === 0 && this.#pipelines.has(words)) {
      this.#run(words, payload);
      return;
    }
    this.#waiting.push({ words: words.slice(), payload: payload.slice() });
    if (this.#waiting.length === 1) this.#settled = this.#runWaiting();
  }

  /** Resolves when every list has run, every read was answered and every failed buffer told. */
  async settled(): Promise<void> {
    await this.#settled;
    await Promise.all(this.#open);
  }

  /** Resolves when little enough waits for the device to hand it more. */
  async room(): Promise<void> {
    if (this.#backlog < mostBacklogBytes || this.#ended) return;
    this.#backlog = 0;
    this.#device.queue.submit([]); // writes alone may lie there
    await this.#device.queue.onSubmittedWorkDone();
  }

  /** Frees the device. Nothing is reported any more. */
  close(): void {
    this.#end();
    this.#device.destroy();
  }

  async #runWaiting(): Promise<void> {
    for (let list = this.#waiting[0]; list !== undefined; list = this.#waiting[0]) {
      try {
        await this.#pipelines.prepare(list.words);
      } catch (thrown) {
        this.#fail('internal', `A kernel could not be compiled: ${String(thrown)}`);
      }
      if (this.#ended) return;
      this.#run(list.words, list.payload);
      this.#waiting.shift();
    }
  }

  #run(words: Uint32Array, payload: Uint8Array): void {
    try {
      for (let at = 0; at < words.length; at += recordWords) {
        this.#record(words.subarray(at, at + recordWords), payload);
      }
      this.#submit();
    } catch (thrown) {
      this.#fail('internal', `A command list could not be played: ${String(thrown)}`);
    }
    if (this.#buffers.size === 0) this.#releaseOwn();
  }

  #record(words: Uint32Array, payload: Uint8Array): void {
    switch (words[0]) {
      case createBuffer.kind:
        return this.#create(words[createBuffer.buffer]!, words[createBuffer.words]! * 4);
      case destroyBuffer.kind:
        return this.#destroy(words[destroyBuffer.buffer]!);
      case writeBuffer.kind:
        return this.#write(words, payload);
      case dispatch.kind:
        return this.#dispatch(words);
      case readBuffer.kind:
        return this.#read(words);
      case fence.kind:
        return this.#fence(words[fence.ticket]!);
    }
    throw new Error(`it has a record of the unknown kind ${words[0]}`);
  }

  #create(id: number, bytes: number): void {
    this.#device.pushErrorScope('out-of-memory');
    const gpu = this.#device.createBuffer({
      size: bytes,
      usage: bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget,
    });
    this.#buffers.set(id, { gpu, groups: new Set() });
    this.#await(this.#device.popErrorScope().then((error) => {
      if (error !== null && !this.#ended) this.#events.bufferFailed(id, bytes, error.message);
    }));
  }

  #destroy(id: number): void {
    this.#submit(); // what is encoded may use it
    const { gpu, groups } = this.#buffer(id);
    for (const key of groups) this.#groups.delete(key);
    gpu.destroy();
    this.#buffers.delete(id);
  }

  #buffer(id: number): Buffer {
    const buffer = this.#buffers.get(id);
    if (buffer === undefined) throw new Error(`it names the buffer ${id}, which is not there`);
    return buffer;
  }

  #write(words: Uint32Array, payload: Uint8Array): void {
    this.#submit(); // writes take effect at once, in the order of the queue
    const bytes = words[writeBuffer.words]! * 4;
    const first = words[writeBuffer.payloadWord]! * 4;
    const part = payload.subarray(first, first + bytes);
    // Node's package crashes on shared memory.
    const data = part.buffer instanceof ArrayBuffer ? (part as Uint8Array<ArrayBuffer>) : part.slice();
    this.#device.queue.writeBuffer(
      this.#buffer(words[writeBuffer.buffer]!).gpu, words[writeBuffer.firstWord]! * 4, data);
    this.#backlog += bytes;
  }

  #dispatch(words: Uint32Array): void {
    if (this.#paramsUsed === paramsSlots) this.#submit();
    const number = words[dispatch.kernel]!;
    const pipeline = this.#pipelines.get(words);
    const group = this.#group(number, words);
    const offset = this.#paramsUsed++ * this.#paramsStride;
    this.#params.set(words.subarray(dispatch.params, dispatch.params + paramsBytes / 4), offset / 4);
    this.#pass ??= this.#encode().beginComputePass();
    this.#pass.setPipeline(pipeline);
    this.#pass.setBindGroup(0, group);
    this.#pass.setBindGroup(1, this.#ownParams(), [offset]);
    const first = dispatch.workgroups;
    this.#pass.dispatchWorkgroups(words[first]!, words[first + 1]!, words[first + 2]!);
  }

  #group(number: number, words: Uint32Array): GPUBindGroup {
    const count = kernels[number]!.writable.length;
    const ids = words.subarray(dispatch.bindings, dispatch.bindings + count);
    const key = `${number}:${ids.join()}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      const buffers = Array.from(ids, (id) => this.#buffer(id));
      group = this.#device.createBindGroup({
        layout: this.#pipelines.layout(number),
        entries: buffers.map(({ gpu }, binding) => ({ binding, resource: { buffer: gpu } })),
      });
      this.#groups.set(key, group);
      for (const buffer of buffers) buffer.groups.add(key);
    }
    return group;
  }

  #ownParams(): GPUBindGroup {
    this.#paramsBuffer ??= this.#device.createBuffer({
      label: 'params',
      size: this.#params.byteLength,
      usage: bufferUsage.uniform | bufferUsage.copyTarget,
    });
    return (this.#paramsGroup ??= this.#device.createBindGroup({
      layout: this.#pipelines.paramsLayout,
      entries: [{ binding: 0, resource: { buffer: this.#paramsBuffer, size: paramsBytes } }],
    }));
  }

  #read(words: Uint32Array): void {
    this.#pass?.end();
    this.#pass = undefined;
    const ticket = words[readBuffer.ticket]!;
    let read = this.#reads.at(-1);
    if (read?.ticket !== ticket) {
      const bytes = words[readBuffer.answerWords]! * 4;
      read = { ticket, bytes, staging: this.#staging.take(bytes) };
      this.#reads.push(read);
    }
    this.#encode().copyBufferToBuffer(
      this.#buffer(words[readBuffer.buffer]!).gpu, words[readBuffer.firstWord]! * 4,
      read.staging, words[readBuffer.answerWord]! * 4, words[readBuffer.words]! * 4);
  }

  #fence(ticket: number): void {
    this.#submit();
    this.#await(this.#device.queue.onSubmittedWorkDone().then(() => {
      if (!this.#ended) this.#events.answer(ticket, new Uint8Array());
    }));
  }

  #encode(): GPUCommandEncoder {
    return (this.#encoder ??= this.#device.createCommandEncoder());
  }

  /** Hands what is encoded to the queue. */
  #submit(): void {
    if (this.#encoder === undefined) return;
    this.#pass?.end();
    this.#pass = undefined;
    if (this.#paramsUsed > 0 && this.#paramsBuffer !== undefined) {
      const used = (this.#paramsUsed * this.#paramsStride) / 4;
      this.#device.queue.writeBuffer(this.#paramsBuffer, 0, this.#params, 0, used);
      this.#paramsUsed = 0;
    }
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) this.#await(this.#answer(read));
  }

  async #answer({ ticket, bytes, staging }: Read): Promise<void> {
    await staging.mapAsync(mapModeRead, 0, bytes);
    if (this.#ended) return;
    const answer = new Uint8Array(staging.getMappedRange(0, bytes)).slice();
    staging.unmap();
    this.#staging.give(staging);
    this.#events.answer(ticket, answer);
  }

  /** Keeps count of what the device still has to say. */
  #await(work: Promise<void>): void {
    const open = work.catch((thrown: unknown) => {
      this.#fail('device_lost', `The GPU device no longer answers: ${String(thrown)}`);
    }).finally(() => {
      this.#open.delete(open);
      if (this.#buffers.size === 0) this.#releaseOwn();
    });
    this.#open.add(open);
  }

  /** Where no list's buffer is left, the player keeps none either. */
  #releaseOwn(): void {
    if (this.#open.size > 0) return;
    this.#staging.clear();
    this.#paramsBuffer?.destroy();
    this.#paramsBuffer = undefined;
    this.#paramsGroup = undefined;
  }

  #fail(code: RepriseErrorCode, message: string): void {
    if (this.#ended) return;
    this.#end();
    this.#device.destroy();
    this.#events.failed(code, message);
  }

  #end(): void {
    this.#ended = true;
    this.#buffers.clear();
    this.#groups.clear();
    this.#staging.clear();
    this.#paramsBuffer = undefined;
    this.#paramsGroup = undefined;
  }
}
