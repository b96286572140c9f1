// The runtime's options and what it says about itself.
import type { TelemetryEvent } from './long-work.js';

/** Where the operations run: CPU results are the same bits everywhere, WebGPU's are repeatable on
 * one device and close to the CPU's. */
export type BackendName = 'cpu' | 'webgpu';

/** Settings of the runtime, fixed when it starts (at the first call that needs it). */
export interface RuntimeOptions {
  /** Address of the .wasm file. Default: beside the package's module. */
  wasmUrl?: string | URL | undefined;
  /** Address of the worker script, also on another origin. Default: beside the package's module. */
  workerUrl?: string | URL | undefined;
  /** Run the core in a worker. Default: true in browsers, false in Node. */
  worker?: boolean | undefined;
  /** CPU threads, 1 to 64; more than 1 without shared memory is `device_unavailable`. Default: as
   * many as the machine has, at most 8, and 1 where shared memory is missing. */
  threads?: number | undefined;
  /** The `GPU` object to use. Default: `navigator.gpu`; in Node, that of the optional package
   * `webgpu`. */
  gpu?: unknown;
  /** Log one line of capabilities at start. Default: true. */
  log?: boolean | undefined;
  onTelemetry?: ((event: TelemetryEvent) => void) | undefined;
}

/** What runs here, what was picked, and why. */
export interface Capabilities {
  readonly version: string;
  /** Goes up whenever any bit of a CPU result changes. */
  readonly numericsVersion: number;
  readonly platform: 'browser' | 'node';
  readonly build: { readonly picked: 'wasm' | 'wasm-threads'; readonly reason: string };
  readonly worker: boolean;
  readonly simd: boolean;
  readonly threads: number;
  readonly crossOriginIsolated: boolean;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  readonly webgpu:
    | {
        readonly available: true;
        readonly adapter: string;
        readonly features: readonly string[];
        readonly limits: Readonly<Record<string, number>>;
      }
    | { readonly available: false; readonly reason: string };
  /** The same in one line of words. */
  readonly summary: string;
}

/** Objects alive now; both counts are 0 once everything was disposed of. */
export interface LiveCounts {
  readonly handles: number;
  readonly gpuBuffers: number;
}
