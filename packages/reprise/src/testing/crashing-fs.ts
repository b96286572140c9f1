// A file system in memory that crashes after so many changes and loses what was not synced: of a
// file the writes since its last sync, of a folder the names since its own.
import type { FileSystem } from '../checkpoints/node-folder.js';

/** Changes a file's bytes or a folder's names. `share` is how much of a write came through, 0 to 1. */
type Change<T> = (before: T, share: number) => T;

class Stored<T> {
  now: T;
  synced: T;
  pending: Change<T>[] = [];

  constructor(empty: T) {
    this.now = empty;
    this.synced = empty;
  }

  apply(change: Change<T>): void {
    this.now = change(this.now, 1);
    this.pending.push(change);
  }

  sync(): void {
    this.synced = this.now;
    this.pending = [];
  }
}

type Names = ReadonlyMap<string, Entry>;
class MemoryFile extends Stored<Uint8Array> {}
class MemoryFolder extends Stored<Names> {}
type Entry = MemoryFile | MemoryFolder;

/** What becomes of changes that were not synced: each has a share from 0 (lost) to 1 (kept). */
export type Fate = () => number;

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** Errors of everything after the crash. */
export class Crash extends Error {}

export class CrashingFs {
  #root = new MemoryFolder(new Map());
  /** Changes until the crash. */
  changesLeft = Number.POSITIVE_INFINITY;
  /** Changes so far. */
  changes = 0;

  /** What is found after the crash. */
  afterCrash(fate: Fate): CrashingFs {
    const copies = new Map<Entry, Entry>();
    const survive = <T>({ synced, pending }: Stored<T>): T =>
      pending.reduce((value, change) => {
        const share = fate();
        return share === 0 ? value : change(value, share);
      }, synced);
    const copy = (entry: Entry): Entry => {
      const known = copies.get(entry);
      if (known !== undefined) return known;
      if (entry instanceof MemoryFile) {
        const file = new MemoryFile(survive(entry));
        copies.set(entry, file);
        return file;
      }
      const folder = new MemoryFolder(new Map());
      copies.set(entry, folder);
      folder.now = new Map([...survive(entry)].map(([name, one]) => [name, copy(one)]));
      folder.sync();
      return folder;
    };
    const found = new CrashingFs();
    found.#root = copy(this.#root) as MemoryFolder;
    return found;
  }

  /** As Node's. */
  get fs(): FileSystem {
    return {
      mkdir: async (path: string) => this.#mkdir(path),
      open: async (path: string, flags: string) => this.#open(path, flags),
      readdir: async (path: string) => [...this.#folder(path).now.keys()],
      readFile: async (path: string) => Buffer.from(this.#file(path).now).toString(),
      rename: async (from: string, to: string) => this.#rename(from, to),
      unlink: async (path: string) => this.#unlink(path),
    } as unknown as FileSystem;
  }

  /** Takes a file away as if it had never been. */
  remove(path: string): void {
    const [folder, name] = this.#place(path);
    folder.now = new Map([...folder.now].filter(([one]) => one !== name));
    folder.sync();
  }

  #alive(): void {
    if (this.changesLeft <= 0) throw new Crash('the machine crashed');
  }

  #change(): void {
    this.#alive();
    this.changes++;
    if (--this.changesLeft <= 0) throw new Crash('the machine crashed');
  }

  #find(path: string): Entry | undefined {
    this.#alive();
    let entry: Entry | undefined = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (!(entry instanceof MemoryFolder)) return undefined;
      entry = entry.now.get(name);
    }
    return entry;
  }

  #folder(path: string): MemoryFolder {
    const entry = this.#find(path);
    if (!(entry instanceof MemoryFolder)) throw failure('ENOENT', path);
    return entry;
  }

  #file(path: string): MemoryFile {
    const entry = this.#find(path);
    if (!(entry instanceof MemoryFile)) throw failure('ENOENT', path);
    return entry;
  }

  #place(path: string): [MemoryFolder, string] {
    const cut = path.lastIndexOf('/');
    return [this.#folder(path.slice(0, cut)), path.slice(cut + 1)];
  }

  #setName(path: string, entry: Entry | undefined): void {
    const [folder, name] = this.#place(path);
    folder.apply((names) => {
      const copy = new Map(names);
      if (entry === undefined) copy.delete(name);
      else copy.set(name, entry);
      return copy;
    });
  }

  #mkdir(path: string): string | undefined {
    let first: string | undefined;
    const parts = path.split('/').slice(1);
    for (let i = 1; i <= parts.length; i++) {
      const one = `/${parts.slice(0, i).join('/')}`;
      if (this.#find(one) !== undefined) continue;
      this.#change();
      this.#setName(one, new MemoryFolder(new Map()));
      first ??= one;
    }
    return first;
  }

  #rename(from: string, to: string): void {
    const entry = this.#find(from);
    if (entry === undefined) throw failure('ENOENT', from);
    this.#change();
    const [folder, fromName] = this.#place(from);
    const [, toName] = this.#place(to);
    folder.apply((names) => {
      const copy = new Map(names);
      copy.delete(fromName);
      return copy.set(toName, entry);
    });
  }

  #unlink(path: string): void {
    this.#file(path);
    this.#change();
    this.#setName(path, undefined);
  }

  #open(path: string, flags: string): unknown {
    let entry = this.#find(path);
    if (flags === 'r' && entry === undefined) throw failure('ENOENT', path);
    if (flags === 'wx' && entry !== undefined) throw failure('EEXIST', path);
    if (flags !== 'r' && entry === undefined) {
      this.#change();
      entry = new MemoryFile(new Uint8Array());
      this.#setName(path, entry);
    } else if (flags === 'w') {
      this.#change();
      (entry as MemoryFile).apply(() => new Uint8Array());
    }
    const opened = entry as Entry;
    const file = opened as MemoryFile;
    return {
      stat: async () => ({ size: file.now.length, isFile: () => opened instanceof MemoryFile }),
      read: async (buffer: Uint8Array, offset: number, length: number, at: number) => {
        this.#alive();
        const piece = file.now.subarray(at, at + length);
        buffer.set(piece, offset);
        return { bytesRead: piece.length };
      },
      write: async (bytes: Uint8Array, offset: number, length: number) => {
        this.#change();
        const at = file.now.length;
        const piece = bytes.slice(offset, offset + length);
        file.apply((before, share) => {
          const kept = piece.subarray(0, Math.floor(share * length));
          const grown = new Uint8Array(Math.max(before.length, at + kept.length));
          grown.set(before);
          grown.set(kept, at);
          return grown;
        });
        return { bytesWritten: length };
      },
      sync: async () => {
        this.#change();
        opened.sync();
      },
      close: async () => undefined,
    };
  }
}
