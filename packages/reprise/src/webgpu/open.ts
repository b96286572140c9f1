// Opens a GPU device for a core and carries between the two: what the core records to the player,
// what the device answers and reports back to the core.
import type { Core } from '../engine/core.js';
import type { DevicePlayer } from '../engine/device-player.js';
import { errorCodes, type RepriseErrorCode } from '../error-codes.js';
import { repriseError } from '../errors.js';
import { coreLimits, raisedLimits } from './limits.js';
import { Player } from './player.js';

/** Opens a device for this core. Errors: `device_unavailable`. */
export async function openDevice(gpu: GPU, core: Core): Promise<DevicePlayer> {
  let device: GPUDevice;
  try {
    // An adapter gives one device only, so each device takes one of its own.
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) throw new Error('the adapter that was there is gone');
    const requiredLimits = Object.fromEntries(
      raisedLimits.map((name) => [name, adapter.limits[name]]));
    device = await adapter.requestDevice({ label: 'reprise', requiredLimits });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw repriseError('device_unavailable', `No GPU device: ${why}.`);
  }
  try {
    core.call('device_open', JSON.stringify(coreLimits(device.limits)));
    return new CorePlayer(device, core);
  } catch (thrown) {
    // The runtime may have been shut down meanwhile; nobody else knows of the device.
    device.destroy();
    throw thrown;
  }
}

interface Waiter {
  resolve(): void;
  reject(thrown: unknown): void;
}

class CorePlayer implements DevicePlayer {
  readonly #core: Core;
  readonly #player: Player;
  #waiters: Waiter[] = [];
  #failed = false;

  constructor(device: GPUDevice, core: Core) {
    this.#core = core;
    this.#player = new Player(device, {
      answer: (ticket, bytes) => this.#tell(() => core.call('device_answer', ticket, bytes)),
      bufferFailed: (buffer, bytes, message) =>
        this.#tell(() => core.call('device_buffer_failed', buffer, bytes, message)),
      failed: (code, message) => this.#fail(code, message),
    });
  }

  get failed(): boolean {
    return this.#failed;
  }

  get bufferCount(): number {
    return this.#player.bufferCount;
  }

  play(): void {
    const core = this.#core;
    const count = core.ask('device_take_commands');
    if (count === 0) return;
    const { buffer, byteOffset } = core.memory(core.ask('device_commands'), 4 * count);
    this.#player.play(new Uint32Array(buffer, byteOffset, count),
      core.memory(core.ask('device_payload'), core.ask('device_payload_size')));
  }

  answered(): Promise<void> {
    // The core itself says what failed when it is asked again.
    if (this.#failed) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  room(): Promise<void> {
    return this.#player.room();
  }

  settled(): Promise<void> {
    return this.#player.settled();
  }

  close(): void {
    this.#player.close();
  }

  #fail(code: RepriseErrorCode, message: string): void {
    this.#failed = true;
    this.#tell(() => this.#core.call('device_failed', errorCodes[code], message));
  }

  /** Tells the core something and wakes whoever waits. */
  #tell(call: () => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      call();
      for (const { resolve } of waiters) resolve();
    } catch (thrown) {
      for (const { reject } of waiters) reject(thrown);
    }
  }
}
