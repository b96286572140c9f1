// SHA-256 of files whose bytes stream by: by the platform where it can, else by the core.
import type { FileHashes, HashParts } from '../protocol.js';
import type { Core } from './core.js';
import type { HashThread } from './hash-thread.js';

/** Bytes of a chunk, as manifests have them. */
const chunkBytes = 8 << 20;
/** Digests that may be under way, each with a copy of its chunk. */
const mostUnderWay = 2;
const [wholeOnly, chunksOnly] = [1, 2];

interface Hasher {
  update(bytes: Uint8Array): Promise<void> | void;
  finish(): Promise<Partial<FileHashes>> | Partial<FileHashes>;
  /** Lets go of what was not finished. */
  drop(): void;
}

/** A file's hashes; bytes come in order, in pieces of any size. */
export class FileHash implements Hasher {
  readonly #hashers: readonly Hasher[];
  #bytes = 0;

  private constructor(hashers: readonly Hasher[]) {
    this.#hashers = hashers;
  }

  /** `thread` hashes wholes in Node. */
  static create(core: Core, thread: HashThread | undefined, parts: HashParts): FileHash {
    const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
    const isWhole = parts === 'checked' ? thread !== undefined || subtle === undefined : parts !== 'chunks';
    const hashers: Hasher[] = [];
    if (isWhole) hashers.push(thread?.begin() ?? new CoreHasher(core, wholeOnly));
    if (!isWhole || parts === 'both') {
      hashers.push(subtle === undefined ? new CoreHasher(core, chunksOnly) : new ChunkDigests(subtle));
    }
    return new FileHash(hashers);
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.byteLength;
    for (const hasher of this.#hashers) await hasher.update(bytes);
  }

  async finish(): Promise<FileHashes> {
    const found = { bytes: this.#bytes, chunks: [] };
    for (const hasher of this.#hashers) Object.assign(found, await hasher.finish());
    return found;
  }

  drop(): void {
    for (const hasher of this.#hashers) hasher.drop();
  }
}

/** Hashes chunks beside this thread. */
class ChunkDigests implements Hasher {
  readonly #subtle: SubtleCrypto;
  readonly #digests: Promise<ArrayBuffer>[] = [];
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;

  constructor(subtle: SubtleCrypto) {
    this.#subtle = subtle;
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength;) {
      this.#chunk ??= new Uint8Array(chunkBytes);
      const piece = bytes.subarray(at, at + chunkBytes - this.#filled);
      this.#chunk.set(piece, this.#filled);
      this.#filled += piece.byteLength;
      at += piece.byteLength;
      if (this.#filled === chunkBytes) await this.#digest();
    }
  }

  /** WebCrypto takes a copy at once, so the chunk can be filled anew. */
  async #digest(): Promise<void> {
    const content = (this.#chunk ?? new Uint8Array()).subarray(0, this.#filled);
    this.#filled = 0;
    this.#digests.push(this.#subtle.digest('SHA-256', content));
    await this.#digests.at(-1 - mostUnderWay);
  }

  async finish(): Promise<Partial<FileHashes>> {
    const isEmpty = this.#digests.length === 0 && this.#filled === 0;
    if (this.#filled > 0 || isEmpty) await this.#digest();
    const chunks = (await Promise.all(this.#digests)).map(hexOf);
    const whole = chunks.length === 1 ? { sha256: chunks[0] as string } : {};
    return { ...whole, chunks: isEmpty ? [] : chunks };
  }

  drop(): void {
    this.#chunk = undefined;
  }
}

function hexOf(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Hashes where the platform cannot: pages that came over http have no WebCrypto, and that has no
 * hash of a whole in pieces; Node has one. */
class CoreHasher implements Hasher {
  readonly #core: Core;
  readonly #handle: number;
  readonly #parts: number;

  constructor(core: Core, parts: number) {
    this.#core = core;
    this.#parts = parts;
    this.#handle = core.call('hasher_create', parts);
  }

  update(bytes: Uint8Array): void {
    this.#core.call('hasher_push', this.#handle, bytes);
  }

  finish(): Partial<FileHashes> {
    this.#core.call('hasher_finish', this.#handle);
    const { sha256, chunks } = this.#core.json<FileHashes>();
    this.drop();
    const whole = sha256 === undefined ? {} : { sha256 };
    return this.#parts === wholeOnly ? whole : { ...whole, chunks };
  }

  drop(): void {
    if (this.#core.isOpen) this.#core.call('release', this.#handle);
  }
}
