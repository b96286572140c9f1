// A store of checkpoints: which slot is the newest whole one, and how the other is replaced.
//
// Why a crash leaves one whole: the HEAD of the slot to be replaced is durably gone before anything
// in the slot is touched, and put in place after its files and their names are durable. The other
// slot is not touched, so it is what a reader finds until the new HEAD is there.
import { abortedError, RepriseError, repriseError } from '../errors.js';
import { jsonOf } from '../hash-json.js';
import { mainRuntime } from '../main-runtime.js';
import { checkArgument, checkOptions, isBoolean, isObject, longOptions, refuse } from '../options.js';
import { isNode } from '../platform.js';
import type { FileHashes } from '../protocol.js';
import { type Runtime, tell } from '../runtime.js';
import { report } from '../sources/reading.js';
import type {
  Checkpoint, CheckpointContent, CheckpointInfo, CheckpointState, CheckpointStore,
  OpenCheckpointsOptions,
} from '../types/checkpoints.js';
import type { LongOptions } from '../types/long-work.js';
import { piecesOf, sizeOf } from './content.js';
import { type CheckpointFolder, headName, type Lock, type Slot, slotName, slots } from './folder.js';
import { checkedPieces, checkSizes, fileOf, type Head, infoOf, readHead } from './head.js';

/** `openCheckpoints` of the main entry. */
export async function openCheckpoints(
  location: string | FileSystemDirectoryHandle, options: OpenCheckpointsOptions = {},
): Promise<CheckpointStore> {
  checkOptions(options, { readOnly: isBoolean });
  const isHandle = typeof location === 'object' && location !== null && !isNode() &&
    location.kind === 'directory';
  if (!isHandle && (typeof location !== 'string' || location === '')) {
    throw refuse('location', isNode() ? 'a path' : 'a name or the handle of a folder', location);
  }
  const isReadOnly = options.readOnly === true;
  const folder = isNode()
    ? await (await import('./node-folder.js')).openNodeFolder(location as string, isReadOnly)
    : await (await import('./browser-folder.js')).openBrowserFolder(location, isReadOnly);
  return openStore(folder, await mainRuntime.get(), isReadOnly);
}

/** A store in a folder. Errors: `busy`, `io`. */
export async function openStore(
  folder: CheckpointFolder, started: Runtime, isReadOnly = false,
): Promise<CheckpointStore> {
  await Promise.all(givenBack);
  return new FolderStore(folder, started, isReadOnly ? undefined : await folder.lock());
}

/** Locks of this module's that are being given back: whoever opens a store waits for them. */
const givenBack = new Set<Promise<unknown>>();

/** Whether an error tells that a slot is not whole, so that the other may serve. */
const isDamage = (thrown: unknown): thrown is RepriseError =>
  thrown instanceof RepriseError && thrown.code === 'hash_mismatch';

/** The newest whole checkpoint and what is not whole. */
interface Survey {
  readonly head?: Head;
  readonly passedOver: readonly RepriseError[];
  /** The highest of all HEADs that can be read. */
  readonly sequence: number;
}

type State = Pick<CheckpointState, 'step'> & Partial<CheckpointState>;

class FolderStore implements CheckpointStore {
  readonly name: string;
  readonly #folder: CheckpointFolder;
  readonly #started: Runtime;
  readonly #lock: Lock | undefined;
  /** Ends when the calls before do. */
  #queue: Promise<unknown> = Promise.resolve();
  #isDisposed = false;
  /** Ends the write or read that is under way. */
  #stop: ((error: RepriseError) => void) | undefined;
  /** Of the checkpoint that this store wrote or read whole last. */
  #knownWhole: string | undefined;

  constructor(folder: CheckpointFolder, started: Runtime, lock: Lock | undefined) {
    this.name = folder.name;
    this.#folder = folder;
    this.#started = started;
    this.#lock = lock;
  }

  head(): Promise<CheckpointInfo | undefined> {
    return this.#inTurn({}, async () => {
      const { head, passedOver } = await this.#survey((one) => checkSizes(this.#folder, one));
      return head === undefined ? undefined : infoOf(head, passedOver);
    });
  }

  async read(options: LongOptions = {}): Promise<Checkpoint | undefined> {
    checkOptions(options, longOptions);
    return this.#inTurn(options, async (stopped) => {
      const { head, passedOver } = await this.#survey((one) => this.#verify(one, options, stopped));
      if (head === undefined) return undefined;
      this.#knownWhole = head.sha256;
      const check = () => this.#check();
      const files = Object.fromEntries(head.files.map((file) =>
        [file.name, fileOf(this.#started.client, this.#folder, head.slot, file, check)]));
      return { ...infoOf(head, passedOver), files };
    });
  }

  async write(
    files: Readonly<Record<string, CheckpointContent>>, state: State, options: LongOptions = {},
  ): Promise<CheckpointInfo> {
    checkOptions(options, longOptions);
    checkArgument('files', files, isObject);
    checkArgument('state', state, isObject);
    const lock = this.#lock;
    if (lock === undefined) {
      throw repriseError('invalid_argument', `${this.name} was opened to read only.`,
        { argument: 'readOnly' });
    }
    const contents = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1));
    const sizes = contents.map(([name, content]) => sizeOf(content, `files.${name}`));
    const total = sizes.some((size) => size === undefined)
      ? undefined : (sizes as number[]).reduce((sum, size) => sum + size, 0);
    const json = jsonOf({ weightsHash: null, positions: {}, cursor: null, extra: {}, ...state },
      'state');
    return this.#inTurn(options, async (stopped) => {
      const begin = performance.now();
      await this.#checkParts(contents.map(([name]) => name), json);
      const before = await this.#trusted(options, stopped);
      const slot: Slot = before.head?.slot === 'a' ? 'b' : 'a';
      await lock.check();
      const head = await this.#replace(slot, async () => {
        const hashed = await this.#writeFiles(slot, contents, total, options, stopped);
        const parts = jsonParts(before.sequence + 1, json, hashed);
        const text = await this.#started.client.call('checkpointWrite', { parts });
        await Promise.race([stopped, lock.check()]);
        await this.#folder.writeHead(slot, new TextEncoder().encode(text));
        return { slot, ...JSON.parse(text) as Omit<Head, 'slot'> };
      });
      this.#knownWhole = head.sha256;
      const info = infoOf(head, before.passedOver);
      tell({ name: 'checkpoint', milliseconds: performance.now() - begin, bytes: info.bytes },
        this.#started.options.onTelemetry);
      return info;
    });
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#stop?.(this.#disposedError());
    const release = () => this.#lock?.release();
    // A lock that cannot be given back is found to be that of an ended process later.
    const done = this.#queue.then(release, release).catch(() => undefined)
      .finally(() => givenBack.delete(done));
    givenBack.add(done);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #disposedError(): RepriseError {
    return repriseError('disposed', `The store ${this.name} was disposed of.`);
  }

  #check(): void {
    if (this.#isDisposed) throw this.#disposedError();
  }

  /** Runs a call after those before it. `stopped` rejects where it is to end early. */
  async #inTurn<T>(
    { signal }: LongOptions, work: (stopped: Promise<never>) => Promise<T>,
  ): Promise<T> {
    this.#check();
    const before = this.#queue;
    const turn = (async () => {
      await before.catch(() => undefined);
      this.#check();
      const abort = () => this.#stop?.(abortedError(`The call on ${this.name}`));
      const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
      stopped.catch(() => undefined);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
      try {
        await Promise.race([stopped, undefined]);
        return await work(stopped);
      } finally {
        signal?.removeEventListener('abort', abort);
        this.#stop = undefined;
      }
    })();
    this.#queue = turn;
    turn.catch(() => undefined);
    return turn;
  }

  /** Looks at both slots, the newer one first. Errors: `hash_mismatch` where there were checkpoints and
   * none is whole. */
  async #survey(isWhole: (head: Head) => Promise<void>, isAgain = false): Promise<Survey> {
    const heads: Head[] = [];
    const faults: RepriseError[] = [];
    const unfinished: RepriseError[] = [];
    for (const slot of slots) {
      try {
        const head = await readHead(this.#started.client, this.#folder, slot);
        if (head !== undefined) heads.push(head);
        else if (await this.#folder.holdsFiles(slot)) unfinished.push(this.#headless(slot));
      } catch (thrown) {
        if (!isDamage(thrown)) throw thrown;
        faults.push(thrown);
      }
    }
    heads.sort((one, other) => other.sequence - one.sequence);
    const sequence = heads[0]?.sequence ?? 0;
    for (const head of heads) {
      try {
        await isWhole(head);
        return { head, passedOver: [...faults, ...unfinished], sequence };
      } catch (thrown) {
        if (!isDamage(thrown)) throw thrown;
        // Another writer may have replaced it while it was being read.
        if (await this.#isReplaced(head)) return this.#survey(isWhole);
        faults.push(thrown);
      }
    }
    if (faults[0] !== undefined) throw faults[0];
    if (unfinished.length === slots.length) {
      // Another writer may have changed slots between the two looks.
      if (this.#lock === undefined && !isAgain) return this.#survey(isWhole, true);
      throw this.#withoutHeads();
    }
    return { passedOver: unfinished, sequence };
  }

  async #isReplaced({ slot, sha256 }: Head): Promise<boolean> {
    if (this.#lock !== undefined) return false;
    const now = await readHead(this.#started.client, this.#folder, slot);
    return now?.sha256 !== sha256;
  }

  /** The second slot is touched only once the first has its HEAD, and that one is removed only where the
   * other has one. Files in one slot alone are also what the very first write leaves that is cut off. */
  #withoutHeads(): RepriseError {
    const file = `${this.name}/${headName('a')}`;
    return repriseError('hash_mismatch', `${this.name}: both slots hold files, and there is neither ` +
      `${headName('a')} nor ${headName('b')}: the checkpoints that were here lost them.`,
    { file, expected: 'a HEAD of one of the slots', found: 'nothing' });
  }

  #headless(slot: Slot): RepriseError {
    const file = `${this.name}/${headName(slot)}`;
    return repriseError('not_found', `${this.name}/${slotName(slot)} holds files, and there is no ` +
      `${file}: writing them was cut off, or it was removed.`, { file });
  }

  /** The checkpoint that a write leaves alone. It is read whole once, so that the other one is never
   * given up for it when it is damaged. */
  async #trusted(options: LongOptions, stopped: Promise<never>): Promise<Survey> {
    return this.#survey((head) => (head.sha256 === this.#knownWhole
      ? checkSizes(this.#folder, head) : this.#verify(head, options, stopped)));
  }

  /** Holds every file against a HEAD. Errors: `hash_mismatch`. */
  async #verify(head: Head, options: LongOptions, stopped: Promise<never>): Promise<void> {
    await checkSizes(this.#folder, head);
    const { bytes: total } = infoOf(head, []);
    let done = 0;
    for (const file of head.files) {
      const name = `${this.name}/${slotName(head.slot)}/${file.name}`;
      for await (const piece of checkedPieces(
        this.#started.client, this.#folder, head.slot, file)) {
        done += piece.byteLength;
        report(options, { phase: 'verify', done, total, unit: 'bytes', file: name });
        await Promise.race([stopped, undefined]);
      }
    }
  }

  /** Has the core look at names and state before anything is touched. */
  async #checkParts(names: readonly string[], state: string): Promise<void> {
    const none = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const files = names.map((name) => ({ name, bytes: 0, sha256: none, chunks: [] }));
    await this.#started.client.call('checkpointWrite', { parts: jsonParts(1, state, files) });
  }

  /** Empties a slot, has it filled, and empties it again where that fails. */
  async #replace<T>(slot: Slot, fill: () => Promise<T>): Promise<T> {
    try {
      await this.#folder.emptySlot(slot);
      return await fill();
    } catch (thrown) {
      // Where another writer has the store now, the slot is its own.
      if ((thrown as Partial<RepriseError>).code === 'busy') throw thrown;
      // Where this fails too, what is left has no HEAD or a whole one.
      await this.#folder.emptySlot(slot).catch(() => undefined);
      throw thrown;
    }
  }

  async #writeFiles(
    slot: Slot, contents: readonly (readonly [string, CheckpointContent])[],
    total: number | undefined, options: LongOptions, stopped: Promise<never>,
  ): Promise<({ name: string } & FileHashes)[]> {
    const hashed: ({ name: string } & FileHashes)[] = [];
    let done = 0;
    for (const [name, content] of contents) {
      const file = `${this.name}/${slotName(slot)}/${name}`;
      const tellBytes = (bytes: number) => {
        done += bytes;
        report(options, {
          phase: 'save', done, unit: 'bytes', file, ...(total === undefined ? {} : { total }),
        });
      };
      hashed.push({ name, ...await this.#writeFile(slot, name, content, tellBytes, stopped) });
    }
    await this.#folder.sealSlot(slot);
    return hashed;
  }

  async #writeFile(
    slot: Slot, name: string, content: CheckpointContent, tellBytes: (bytes: number) => void,
    stopped: Promise<never>,
  ): Promise<FileHashes> {
    const { client } = this.#started;
    const writer = await this.#folder.create(slot, name);
    const hash = await client.call('hashBegin', { parts: 'both' }).catch(async (thrown: unknown) => {
      await writer.abandon().catch(() => undefined);
      throw thrown;
    });
    const pieces = piecesOf(content, `files.${name}`);
    let isDone = false;
    try {
      for (;;) {
        const next = await Promise.race([stopped, pieces.next()]);
        if (next.done === true) break;
        const bytes = next.value;
        const size = bytes.byteLength;
        await writer.write(bytes);
        await client.call('hashPush', { hash, bytes }, { transfer: [bytes.buffer] });
        tellBytes(size);
      }
      isDone = true;
      await writer.close();
      return await client.call('hashEnd', { hash });
    } catch (thrown) {
      // Not awaited: a content that waits for something may not answer before that.
      if (!isDone) void pieces.return(undefined).catch(() => undefined);
      await writer.abandon().catch(() => undefined);
      await client.call('hashDrop', { hash }).catch(() => undefined);
      throw thrown;
    }
  }
}

/** A HEAD's parts as JSON, the state being JSON already. */
function jsonParts(sequence: number, state: string, files: readonly object[]): string {
  return `{"sequence":${sequence},"state":${state},"files":${JSON.stringify(files)}}`;
}
