// What a store of checkpoints needs of a folder, whatever keeps it: two slots of files and a HEAD for
// each. "Durable" is what a crash of the machine cannot take back, as far as the platform can say.
import { RepriseError, repriseError } from '../errors.js';

export type Slot = 'a' | 'b';
export const slots: readonly Slot[] = ['a', 'b'];

export const headName = (slot: Slot): string => `HEAD-${slot}.json`;
export const slotName = (slot: Slot): string => `slot-${slot}`;

/** A file that is read in any order. */
export interface StoredFile {
  readonly bytes: number;
  /** `count` bytes from there, fewer only where the file ends before. */
  read(at: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A file that is being written. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it; its content is durable then, its name may not be. */
  close(): Promise<void>;
  /** Lets go of it. */
  abandon(): Promise<void>;
}

/** What keeps other writers out. */
export interface Lock {
  /** Errors: `busy` where another writer has taken it. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** A folder of checkpoints. Errors of all: `io`, with the file. */
export interface CheckpointFolder {
  /** Its name in messages. */
  readonly name: string;
  /** Errors: `busy`. */
  lock(): Promise<Lock>;
  /** Opens a HEAD or a slot's file by its path in the folder; undefined where there is none. */
  open(path: string): Promise<StoredFile | undefined>;
  /** Whether a slot holds anything. */
  holdsFiles(slot: Slot): Promise<boolean>;
  /** Durably takes away a slot's HEAD where there is one, then makes an empty slot, whatever was
   * there, whose own name is durable. */
  emptySlot(slot: Slot): Promise<void>;
  /** A new file of a slot. */
  create(slot: Slot, name: string): Promise<FileWriter>;
  /** Makes the names of a slot's files durable. */
  sealSlot(slot: Slot): Promise<void>;
  /** Puts a HEAD in place at once and durably: whoever reads finds all of it or what was there. */
  writeHead(slot: Slot, content: Uint8Array): Promise<void>;
}

/** What a platform threw about a file. */
export function ioError(file: string, thrown: unknown): RepriseError {
  if (thrown instanceof RepriseError) return thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return repriseError('io', `${file}: ${words}`, { file });
}

/** The error of a store that another writer has. */
export function busyError(store: string, words: string, file?: string): RepriseError {
  return repriseError('busy', `${store}: ${words}`, file === undefined ? {} : { file });
}
