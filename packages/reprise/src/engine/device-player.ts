// The seam between the engine and a device that works beside the core. The core records commands
// during its calls; a player takes them out of linear memory, has the device run them, and hands
// back what the device answers. A job that waits for an answer stands still meanwhile.
import type { Capabilities } from '../types/runtime.js';
import type { coreLimits } from '../webgpu/limits.js';
import type { Core } from './core.js';

/** Runs what the core records for one device. */
export interface DevicePlayer {
  /** Takes and submits what was recorded since the last time. Called after every call into the
   * core, so it returns at once where there is nothing. */
  play(): void;
  /** Resolves when the core has been told something new: an answer, or that the device failed, which
   * the core then says when it is asked to go on. */
  answered(): Promise<void>;
  /** Resolves when little enough waits for the device to hand it more weights. */
  room(): Promise<void>;
  /** Resolves when everything played so far has run and every read was answered. */
  settled(): Promise<void>;
  /** Whether the device is of no use any more; another may be opened. */
  readonly failed: boolean;
  /** Buffers alive on the device. */
  readonly bufferCount: number;
  /** Frees the device. */
  close(): void;
}

/** What probing for a device found. */
export type DeviceProbe =
  | {
      readonly capabilities: Extract<Capabilities['webgpu'], { available: true }>;
      /** Whether the adapter computes on the CPU, where our own kernels are far faster. */
      readonly isSoftware: boolean;
      /** Limits of the device that `open` gives. */
      readonly limits: ReturnType<typeof coreLimits>;
      /** Opens the device for this core, at the first model that uses it. */
      open(core: Core): Promise<DevicePlayer>;
    }
  | { readonly capabilities: Extract<Capabilities['webgpu'], { available: false }> };
