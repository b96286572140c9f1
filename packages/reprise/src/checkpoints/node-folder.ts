// A folder of checkpoints in Node's file system. Files and folders are synced before what depends on
// them; a HEAD is renamed into place.
import { repriseError } from '../errors.js';
import { nodeModule } from '../platform.js';
import {
  busyError, type CheckpointFolder, type FileWriter, headName, ioError, type Lock, type Slot,
  slotName, type StoredFile,
} from './folder.js';

type NodeFs = typeof import('node:fs/promises');
type FileHandle = Awaited<ReturnType<NodeFs['open']>>;

/** What is used of Node's file system; tests put another in its place. */
export type FileSystem = Pick<NodeFs, 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'unlink'>;

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from others that had its number; null where the system does not say. */
  readonly start: string | null;
  readonly token: string;
}

const lockName = 'LOCK';
/** How long a lock may be without its content: its maker writes that at once. */
const emptyLockMs = 500;

const codeOf = (thrown: unknown): unknown => (thrown as { code?: unknown } | undefined)?.code;

/** Opens a folder by its path; makes it where it is to be written. Errors: `not_found`, `io`. */
export async function openNodeFolder(
  location: string, isReadOnly: boolean, fs?: FileSystem,
): Promise<CheckpointFolder> {
  const { dirname, resolve } = await nodeModule('path');
  const folder = new NodeFolder(resolve(location), fs ?? await nodeModule('fs/promises'));
  if (!isReadOnly) await folder.make(dirname);
  else if (!await folder.exists()) {
    throw repriseError('not_found', `There is no folder ${folder.name}.`, { file: folder.name });
  }
  return folder;
}

class NodeFolder implements CheckpointFolder {
  readonly name: string;
  readonly #fs: FileSystem;

  constructor(path: string, fs: FileSystem) {
    this.name = path;
    this.#fs = fs;
  }

  /** Makes the folder and those above it, durably. */
  async make(parentOf: (path: string) => string): Promise<void> {
    await this.#try(this.name, async () => {
      const first = await this.#fs.mkdir(this.name, { recursive: true });
      if (first === undefined) return;
      for (let made = this.name; ; made = parentOf(made)) {
        await this.#sync(parentOf(made));
        if (made === first || made === parentOf(made)) return;
      }
    });
  }

  async exists(): Promise<boolean> {
    return (await this.#ifThere(this.name, () => this.#fs.readdir(this.name))) !== undefined;
  }

  lock(): Promise<Lock> {
    const path = this.#path(lockName);
    return this.#try(path, () => takeLock(this.#fs, path, this.name));
  }

  async open(path: string): Promise<StoredFile | undefined> {
    const full = this.#path(path);
    const file = await this.#ifThere(full, () => this.#fs.open(full, 'r'));
    if (file === undefined) return undefined;
    const close = () => file.close();
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error('it is not a file');
      const read = (at: number, count: number) =>
        this.#try(full, () => readAt(file, at, count));
      return { bytes: stat.size, read, close };
    } catch (thrown) {
      await close();
      throw ioError(full, thrown);
    }
  }

  async holdsFiles(slot: Slot): Promise<boolean> {
    const path = this.#path(slotName(slot));
    const names = await this.#ifThere(path, () => this.#fs.readdir(path));
    return names !== undefined && names.length > 0;
  }

  async emptySlot(slot: Slot): Promise<void> {
    const head = this.#path(headName(slot));
    await this.#ifThere(head, () => this.#fs.unlink(head));
    const path = this.#path(slotName(slot));
    await this.#try(path, async () => {
      await this.#fs.mkdir(path, { recursive: true });
      // Also where nothing changed: an earlier process may have done it and ended.
      await this.#sync(this.name);
      for (const name of await this.#fs.readdir(path)) await this.#fs.unlink(`${path}/${name}`);
    });
  }

  async create(slot: Slot, name: string): Promise<FileWriter> {
    const path = this.#path(`${slotName(slot)}/${name}`);
    const file = await this.#try(path, () => this.#fs.open(path, 'wx'));
    return {
      write: (bytes) => this.#try(path, () => writeAll(file, bytes)),
      close: () => this.#try(path, async () => {
        await file.sync();
        await file.close();
      }),
      abandon: () => file.close(),
    };
  }

  async sealSlot(slot: Slot): Promise<void> {
    const path = this.#path(slotName(slot));
    await this.#try(path, () => this.#sync(path));
  }

  async writeHead(slot: Slot, content: Uint8Array): Promise<void> {
    const path = this.#path(headName(slot));
    const unfinished = `${path}.unfinished`;
    await this.#try(path, async () => {
      const file = await this.#fs.open(unfinished, 'w');
      try {
        await writeAll(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#fs.rename(unfinished, path);
      await this.#sync(this.name);
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
      if (codeOf(thrown) === 'ENOENT') return undefined;
      throw ioError(file, thrown);
    }
  }

  /** Makes a folder's names durable. Windows syncs no folders. */
  async #sync(path: string): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await this.#fs.open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

async function readAt(file: FileHandle, at: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await file.read(bytes, done, count - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += (await file.write(bytes, done, bytes.byteLength - done)).bytesWritten;
  }
}

/** Takes the lock file, also from a process that has ended without giving it back. */
async function takeLock(fs: FileSystem, path: string, store: string): Promise<Lock> {
  const me: Holder = {
    pid: process.pid,
    host: (await nodeModule('os')).hostname(),
    start: await startOf(process.pid),
    token: globalThis.crypto.randomUUID(),
  };
  const read = async () => fs.readFile(path, 'utf8').catch((thrown: unknown) => {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  });
  const mine = JSON.stringify(me);
  for (let emptySince: number | undefined; ;) {
    try {
      const file = await fs.open(path, 'wx');
      await writeAll(file, new TextEncoder().encode(mine));
      await file.close();
      break;
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
    }
    const text = await read();
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder === undefined) {
      emptySince ??= performance.now();
      if (performance.now() - emptySince < emptyLockMs) {
        await new Promise((resolve) => setTimeout(resolve, emptyLockMs / 10));
        continue;
      }
    } else if (await isAlive(holder, me)) {
      throw busyError(store, `process ${holder.pid} on ${holder.host} writes checkpoints here; where ` +
        `it does not run any more, remove ${path}.`, path);
    }
    // Moved and not removed, so that of two who find it one alone goes on with it.
    const aside = `${path}-${me.token}`;
    try {
      await fs.rename(path, aside);
      // The lock of somebody who was faster goes back, unless there is one again.
      const moved = await fs.readFile(aside, 'utf8');
      if (moved !== text) await putBack(fs, path, moved);
      await fs.unlink(aside);
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw thrown;
    }
  }
  return {
    check: async () => {
      if (await read() !== mine) {
        throw busyError(store, `another writer has taken ${path}.`, path);
      }
    },
    release: async () => {
      if (await read() === mine) await fs.unlink(path);
    },
  };
}

/** Writes a lock that was taken by mistake anew, unless there is another by now. */
async function putBack(fs: FileSystem, path: string, text: string): Promise<void> {
  try {
    const file = await fs.open(path, 'wx');
    await writeAll(file, new TextEncoder().encode(text));
    await file.close();
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isSafeInteger(holder.pid) && typeof holder.host === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a lock's process runs; one of another machine is taken to. */
async function isAlive(holder: Holder, me: Holder): Promise<boolean> {
  if (holder.host !== me.host) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (thrown) {
    return codeOf(thrown) !== 'ESRCH';
  }
  const start = await startOf(holder.pid);
  return start === null || holder.start === null || start === holder.start;
}

/** When a process started, in the words of Linux: containers give the same number again and again. */
async function startOf(pid: number): Promise<string | null> {
  const { readFile } = await nodeModule('fs/promises');
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which is in brackets and may hold anything: starttime is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}
