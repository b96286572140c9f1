// Files that are being hashed: those of models as they load, and others.
import { repriseError } from '../errors.js';
import { isNode } from '../platform.js';
import type { FileHashes, HashParts } from '../protocol.js';
import type { Core } from './core.js';
import { FileHash } from './file-hash.js';
import { HashThread } from './hash-thread.js';

/** The calls that hash. */
export class HashCalls {
  readonly #core: Core;
  readonly #thread = isNode() ? new HashThread() : undefined;
  readonly #hashes = new Map<number, FileHash>();
  /** By model. */
  readonly #weights = new Map<number, FileHash>();
  #last = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  close(): void {
    this.#thread?.close();
  }

  begin(parts: HashParts): number {
    this.#hashes.set(++this.#last, this.#create(parts));
    return this.#last;
  }

  #create(parts: HashParts): FileHash {
    return FileHash.create(this.#core, this.#thread, parts);
  }

  async push(hash: number, bytes: Uint8Array): Promise<undefined> {
    await this.#find(hash).update(bytes);
  }

  end(hash: number): Promise<FileHashes> {
    const found = this.#find(hash);
    this.#hashes.delete(hash);
    return found.finish();
  }

  drop(hash: number): undefined {
    this.#hashes.get(hash)?.drop();
    this.#hashes.delete(hash);
  }

  async hashBytes(bytes: Uint8Array, parts: HashParts): Promise<FileHashes> {
    const hash = this.#create(parts);
    await hash.update(bytes);
    return hash.finish();
  }

  #find(hash: number): FileHash {
    const found = this.#hashes.get(hash);
    if (found === undefined) throw repriseError('internal', 'There is no such hash.');
    return found;
  }

  /** The weights file that comes next for a model; it is not hashed without `parts`. A file that
   * broke off before is forgotten. */
  beginWeights(model: number, parts: HashParts | undefined): void {
    this.#weights.get(model)?.drop();
    this.#weights.delete(model);
    if (parts !== undefined) this.#weights.set(model, this.#create(parts));
  }

  async pushWeights(model: number, bytes: Uint8Array): Promise<void> {
    await this.#weights.get(model)?.update(bytes);
  }

  async endWeights(model: number): Promise<FileHashes | undefined> {
    const hashes = await this.#weights.get(model)?.finish();
    this.#weights.delete(model);
    return hashes;
  }

  /** Forgets the file of a model that is released. */
  dropWeights(model: number): void {
    this.#weights.get(model)?.drop();
    this.#weights.delete(model);
  }
}
