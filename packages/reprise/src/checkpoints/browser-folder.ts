// A folder of checkpoints in the origin's private files, or another that the page has a handle of.
// Browsers rename no folders; a file's writer puts what it wrote in place at its close, at once.
import { repriseError } from '../errors.js';
import { refuse } from '../options.js';
import {
  busyError, type CheckpointFolder, type FileWriter, headName, ioError, type Lock, type Slot,
  slotName, type StoredFile,
} from './folder.js';

const isAbsent = (thrown: unknown): boolean => (thrown as Error | undefined)?.name === 'NotFoundError';

/** Opens a folder by its name, with slashes where it lies deeper, or its handle. Errors: `not_found`,
 * `unsupported`, `io`. */
export async function openBrowserFolder(
  location: string | FileSystemDirectoryHandle, isReadOnly: boolean,
): Promise<CheckpointFolder> {
  if (navigator.storage?.getDirectory === undefined || navigator.locks === undefined ||
      globalThis.FileSystemFileHandle?.prototype.createWritable === undefined) {
    throw repriseError('unsupported', 'This browser has no private files that a page can write ' +
      'here; they need https.');
  }
  if (typeof location !== 'string') {
    const root = await navigator.storage.getDirectory();
    const path = await root.resolve(location);
    return new BrowserFolder(path === null ? location.name : path.join('/'), location);
  }
  const parts = location.split('/').filter((part) => part !== '');
  if (parts.length === 0) throw refuse('location', 'the name of a folder', location);
  try {
    let folder = await navigator.storage.getDirectory();
    for (const part of parts) {
      folder = await folder.getDirectoryHandle(part, { create: !isReadOnly });
    }
    return new BrowserFolder(parts.join('/'), folder);
  } catch (thrown) {
    if (!isAbsent(thrown)) throw ioError(location, thrown);
    throw repriseError('not_found', `There is no folder ${location}.`, { file: location });
  }
}

class BrowserFolder implements CheckpointFolder {
  readonly name: string;
  readonly #root: FileSystemDirectoryHandle;

  constructor(name: string, root: FileSystemDirectoryHandle) {
    this.name = name;
    this.#root = root;
  }

  /** Held by this page or worker, and given back by the browser when that ends. */
  lock(): Promise<Lock> {
    return new Promise((resolve, reject) => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((end) => (release = end));
      const name = `reprise checkpoints ${this.name}`;
      const done = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          throw busyError(this.name, 'another page or worker writes checkpoints here.');
        }
        resolve({
          check: () => Promise.resolve(),
          release: async () => {
            release();
            await done;
          },
        });
        return held;
      });
      done.catch((thrown: unknown) => reject(ioError(this.name, thrown)));
    });
  }

  async open(path: string): Promise<StoredFile | undefined> {
    const full = this.#path(path);
    const file = await this.#ifThere(full, async () => {
      const parts = path.split('/');
      const name = parts.pop() as string;
      const folder = parts[0] === undefined
        ? this.#root : await this.#root.getDirectoryHandle(parts[0]);
      return (await folder.getFileHandle(name)).getFile();
    });
    if (file === undefined) return undefined;
    const read = async (at: number, count: number) => {
      try {
        return new Uint8Array(await file.slice(at, at + count).arrayBuffer());
      } catch (thrown) {
        throw ioError(full, thrown);
      }
    };
    return { bytes: file.size, read, close: () => Promise.resolve() };
  }

  async holdsFiles(slot: Slot): Promise<boolean> {
    const names = await this.#ifThere(this.#path(slotName(slot)), async () =>
      (await this.#root.getDirectoryHandle(slotName(slot))).keys().next());
    return names?.done === false;
  }

  async emptySlot(slot: Slot): Promise<void> {
    await this.#ifThere(this.#path(headName(slot)), () => this.#root.removeEntry(headName(slot)));
    await this.#try(this.#path(slotName(slot)), async () => {
      const folder = await this.#root.getDirectoryHandle(slotName(slot), { create: true });
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      for (const name of names) await folder.removeEntry(name);
    });
  }

  async create(slot: Slot, name: string): Promise<FileWriter> {
    const path = this.#path(`${slotName(slot)}/${name}`);
    const writer = await this.#try(path, async () => {
      const folder = await this.#root.getDirectoryHandle(slotName(slot));
      return (await folder.getFileHandle(name, { create: true })).createWritable();
    });
    return {
      write: (bytes) => this.#try(path, () => writer.write(bytes as Uint8Array<ArrayBuffer>)),
      close: () => this.#try(path, () => writer.close()),
      abandon: () => writer.abort(),
    };
  }

  /** Names are as durable as their files: there is nothing more to ask for. */
  sealSlot(): Promise<void> {
    return Promise.resolve();
  }

  async writeHead(slot: Slot, content: Uint8Array): Promise<void> {
    await this.#try(this.#path(headName(slot)), async () => {
      const file = await this.#root.getFileHandle(headName(slot), { create: true });
      const writer = await file.createWritable();
      await writer.write(content as Uint8Array<ArrayBuffer>);
      await writer.close();
    });
  }

  #path(inside: string): string {
    return `${this.name}/${inside}`;
  }

  async #try<T>(file: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw ioError(file, thrown);
    }
  }

  async #ifThere<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      if (isAbsent(thrown)) return undefined;
      throw ioError(file, thrown);
    }
  }
}
