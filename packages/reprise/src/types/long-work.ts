// What every long call shares: progress, abort, telemetry, and the handles that calls give.
import type { BackendName } from './runtime.js';

/** How far a long call is. `total` is undefined where nobody knows it. */
export interface Progress {
  readonly phase:
    | 'download' | 'read' | 'load' | 'prefill' | 'decode' | 'score' | 'forward' | 'replay'
    | 'tokenize' | 'train' | 'save' | 'split' | 'verify';
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'tokens' | 'rows' | 'steps';
  /** File at hand, where there is one. */
  readonly file?: string;
}

/** Options of every call that may take long. */
export interface LongOptions {
  /** Aborting rejects with `aborted` within about 100 ms; what was there before is still there. */
  signal?: AbortSignal | undefined;
  /** Called between steps of work, never from inside one; what it throws ends the call, as the
   * `cause` of its `invalid_argument`. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** A measured event. It never influences a result. */
export interface TelemetryEvent {
  /** `resume`: a download that broke off goes on. */
  readonly name:
    | 'start' | 'download' | 'resume' | 'load' | 'prefill' | 'decode' | 'memory' | 'checkpoint';
  /** Duration; 0 for a momentary event. */
  readonly milliseconds: number;
  /** Bytes moved, held for `memory`, or there before for `resume`: the byte at which it goes on. */
  readonly bytes?: number;
  readonly tokens?: number;
  readonly backend?: BackendName;
  /** Address of a `download` or `resume`. */
  readonly file?: string;
}

/** Something that holds memory or a device. Disposing of it twice is fine; using it after is
 * `disposed`. */
export interface Handle {
  dispose(): void;
  [Symbol.dispose](): void;
}
