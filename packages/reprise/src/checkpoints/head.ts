// What a slot's HEAD says, and whether its files are those that it names.
import type { Client } from '../client.js';
import { RepriseError, repriseError } from '../errors.js';
import type { CheckpointFile, CheckpointInfo, CheckpointState } from '../types/checkpoints.js';
import {
  type CheckpointFolder, headName, ioError, type Slot, slotName, type StoredFile,
} from './folder.js';

/** Bytes of a chunk, as HEADs have them. */
const chunkBytes = 8 << 20;
/** No HEAD is longer, so that a wrong file is not read whole. */
const mostHeadBytes = 64 << 20;

/** A file as schema/checkpoint.schema.json has it. */
export interface HeadFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chunks: readonly string[];
}

/** A HEAD that the core has checked. */
export interface Head {
  readonly slot: Slot;
  readonly sequence: number;
  readonly state: CheckpointState;
  readonly files: readonly HeadFile[];
  readonly sha256: string;
}

/** The error of what a HEAD tells otherwise. */
function damaged(
  file: string, expected: string | number, found: string | number, byte = 0,
): RepriseError {
  return repriseError('hash_mismatch', `${file}: the HEAD says ${expected}, found ${found}.`,
    { file, byte, expected, found });
}

/** A slot's HEAD; undefined where there is none, or an empty one: browsers make files before they
 * put anything in them. Errors: `hash_mismatch` where it is torn or damaged; `invalid_config`,
 * `unsupported`, `io`. */
export async function readHead(
  client: Client, folder: CheckpointFolder, slot: Slot,
): Promise<Head | undefined> {
  const path = headName(slot);
  const file = `${folder.name}/${path}`;
  const json = await wholeOf(await folder.open(path), file);
  if (json === undefined || json.byteLength === 0) return undefined;
  try {
    await client.call('checkpointCheck', { json, file });
  } catch (thrown) {
    if (!(thrown instanceof RepriseError) || thrown.code !== 'invalid_json') throw thrown;
    throw repriseError('hash_mismatch', `${thrown.message} It is torn or damaged.`,
      { ...thrown.fields, file, expected: 'a whole HEAD', found: `${json.byteLength} bytes` });
  }
  return { slot, ...JSON.parse(new TextDecoder().decode(json)) as Omit<Head, 'slot'> };
}

async function wholeOf(
  stored: StoredFile | undefined, file: string,
): Promise<Uint8Array | undefined> {
  if (stored === undefined) return undefined;
  try {
    if (stored.bytes > mostHeadBytes) {
      throw ioError(file, `it has ${stored.bytes} bytes, too many for a HEAD`);
    }
    return await stored.read(0, stored.bytes);
  } finally {
    await stored.close();
  }
}

/** Opens a file and compares its size. Errors: `hash_mismatch`, also where it is not there. */
async function openAsNamed(
  folder: CheckpointFolder, slot: Slot, { name, bytes }: HeadFile,
): Promise<StoredFile> {
  const path = `${slotName(slot)}/${name}`;
  const file = `${folder.name}/${path}`;
  const stored = await folder.open(path);
  if (stored === undefined) throw damaged(file, `${bytes} bytes`, 'no file');
  if (stored.bytes === bytes) return stored;
  await stored.close();
  throw damaged(file, `${bytes} bytes`, `${stored.bytes} bytes`, Math.min(bytes, stored.bytes));
}

/** Looks for a HEAD's files, by their sizes. Errors: `hash_mismatch`, `io`. */
export async function checkSizes(folder: CheckpointFolder, head: Head): Promise<void> {
  for (const file of head.files) await (await openAsNamed(folder, head.slot, file)).close();
}

/** A file's chunks, each given once its hash was compared. Errors: `hash_mismatch`, `io`. */
export async function* checkedPieces(
  client: Client, folder: CheckpointFolder, slot: Slot, file: HeadFile,
): AsyncGenerator<Uint8Array> {
  const stored = await openAsNamed(folder, slot, file);
  try {
    for (const [i, expected] of file.chunks.entries()) {
      const at = i * chunkBytes;
      const piece = await stored.read(at, Math.min(chunkBytes, file.bytes - at));
      const { sha256: found } = await client.call('hashBytes', { bytes: piece, parts: 'chunks' });
      if (found !== expected) {
        throw damaged(`${folder.name}/${slotName(slot)}/${file.name}`, expected, found ?? 'nothing', at);
      }
      yield piece;
    }
  } finally {
    await stored.close();
  }
}

/** A file as callers read it. */
export function fileOf(
  client: Client, folder: CheckpointFolder, slot: Slot, file: HeadFile, check: () => void,
): CheckpointFile {
  const { name, bytes, sha256 } = file;
  async function* pieces() {
    check();
    for await (const piece of checkedPieces(client, folder, slot, file)) {
      yield piece;
      check();
    }
  }
  return {
    name, bytes, sha256, pieces,
    whole: async () => {
      const whole = new Uint8Array(bytes);
      let at = 0;
      for await (const piece of pieces()) {
        whole.set(piece, at);
        at += piece.byteLength;
      }
      return whole;
    },
  };
}

/** What a caller is told of a checkpoint. */
export function infoOf(
  { sequence, slot, state, files, sha256 }: Head, passedOver: readonly RepriseError[],
): CheckpointInfo {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { sequence, slot, bytes, hash: sha256, state, passedOver };
}
