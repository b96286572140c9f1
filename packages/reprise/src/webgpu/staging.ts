// Buffers that the CPU can read, lent out by size and used again.
import { bufferUsage } from './flags.js';

const smallestBytes = 4096;

/** The free staging buffers of one device. */
export class StagingPool {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();
  #count = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Buffers alive, lent out or not. */
  get count(): number {
    return this.#count;
  }

  /** A buffer of at least so many bytes. */
  take(bytes: number): GPUBuffer {
    let size = smallestBytes;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) return free;
    this.#count++;
    return this.#device.createBuffer({
      label: 'staging', size, usage: bufferUsage.mapRead | bufferUsage.copyTarget,
    });
  }

  /** Takes back a buffer that is not mapped. */
  give(buffer: GPUBuffer): void {
    const free = this.#free.get(buffer.size);
    if (free === undefined) this.#free.set(buffer.size, [buffer]);
    else free.push(buffer);
  }

  /** Destroys the buffers that nobody uses. */
  clear(): void {
    for (const buffers of this.#free.values()) {
      for (const buffer of buffers) buffer.destroy();
      this.#count -= buffers.length;
    }
    this.#free.clear();
  }
}
