// Checkpoints: what training writes down so that it can go on after any end.
import type { RepriseError } from '../errors.js';
import type { Handle, LongOptions } from './long-work.js';

/** What goes into a file: bytes, or pieces of any size one after the other. */
export type CheckpointContent =
  | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>
  | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What belongs to the files of a checkpoint; JSON. */
export interface CheckpointState {
  /** Steps done. */
  readonly step: number;
  /** Of the weights after that step; null where they were not hashed. */
  readonly weightsHash: string | null;
  /** Next position of each random stream that was drawn from, by name. */
  readonly positions: Readonly<Record<string, number>>;
  /** Where the dataset stands; null without one. */
  readonly cursor: object | null;
  /** What else its writer keeps. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** One checkpoint of a store. */
export interface CheckpointInfo {
  /** Counts the checkpoints of a store, from 1. */
  readonly sequence: number;
  /** Which of the store's two places holds it. */
  readonly slot: 'a' | 'b';
  /** Of all its files. */
  readonly bytes: number;
  /** Its own: SHA-256 over its state and the names and hashes of its files. */
  readonly hash: string;
  readonly state: CheckpointState;
  /** What was found in the store and is no whole checkpoint, so that this may be an older one than the
   * newest that was written: `hash_mismatch` with file, expected and found for what is damaged,
   * `not_found` for files without a HEAD, which a write leaves that was cut off. Of a write: what it
   * replaced. */
  readonly passedOver: readonly RepriseError[];
}

/** A file of a checkpoint. */
export interface CheckpointFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Its bytes in order, in pieces of 8 MiB that are checked before they are given. Errors:
   * `hash_mismatch` where the file was changed meanwhile, `io`. */
  pieces(): AsyncIterable<Uint8Array>;
  /** All of it. Errors: likewise. */
  whole(): Promise<Uint8Array>;
}

/** A checkpoint that was read. Its files can be read until the store writes twice more. */
export interface Checkpoint extends CheckpointInfo {
  /** By name. */
  readonly files: Readonly<Record<string, CheckpointFile>>;
}

/** How a store is opened. */
export interface OpenCheckpointsOptions {
  /** Do not write: others may write meanwhile. Default: false. */
  readOnly?: boolean | undefined;
}

/** A folder of two alternating slots, each with a HEAD that is written last: a crash at any moment
 * leaves the older checkpoint or the newer one whole. Calls queue in order. Disposing of it ends a
 * write under way, which leaves the checkpoint before it. */
export interface CheckpointStore extends Handle {
  /** The folder. */
  readonly name: string;
  /** The newest checkpoint, by its HEAD and the sizes of its files; undefined where there is none. A
   * store whose only checkpoint lost its HEAD counts as one without: a first write that was cut off
   * leaves the same. Errors: `hash_mismatch` where none is whole, with file, expected and found; `invalid_config` and
   * `unsupported`, with file and path, for a HEAD that is none or of a later version; `io`. */
  head(): Promise<CheckpointInfo | undefined>;
  /** The newest checkpoint, every byte of it checked; an older whole one where that is damaged, which
   * `passedOver` says. Errors: as above; `aborted`. */
  read(options?: LongOptions): Promise<Checkpoint | undefined>;
  /** Writes a checkpoint and resolves once it would outlast a crash. The one before it is whole until
   * then, and stays where this fails or is aborted. What the state leaves out is null or empty. Names
   * are plain file names; contents may change only afterwards. Errors: `invalid_argument`,
   * `invalid_config` with the path in the state or the files; `busy` where another writer took the
   * store; `aborted`; `io`; `hash_mismatch` where the store holds checkpoints and none is whole; what
   * a content throws. */
  write(
    files: Readonly<Record<string, CheckpointContent>>,
    state: Pick<CheckpointState, 'step'> & Partial<CheckpointState>,
    options?: LongOptions,
  ): Promise<CheckpointInfo>;
}
