// Files that commands write.
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { InputError } from './failure.js';

/** Where a result goes. */
interface Target {
  /** What a link leads to, so that it goes on leading there. */
  readonly file: string;
  /** Pipes and devices are written as they are, since they cannot be replaced. */
  readonly isReplaced: boolean;
}

async function targetOf(output: string): Promise<Target> {
  try {
    const found = await stat(output).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return { file: output, isReplaced: true };
    if (found.isDirectory()) {
      throw new InputError('io', `${output}: expected a file, found a folder`, { file: output });
    }
    return found.isFile() ? { file: await realpath(output), isReplaced: true }
      : { file: output, isReplaced: false };
  } catch (error) {
    throw error instanceof InputError ? error : writeError(output, error);
  }
}

/** Fails before the work where the result could not be written after it. */
export async function checkOutput(output: string): Promise<void> {
  const { file, isReplaced } = await targetOf(output);
  await access(isReplaced ? dirname(file) : file, constants.W_OK).catch((error: unknown) => {
    throw writeError(output, error);
  });
}

/** Writes a file so that what was there before stays until the new one is whole. */
export async function writeWhole(output: string, bytes: Uint8Array | string): Promise<void> {
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  await writeStream(output, new Blob([whole as Uint8Array<ArrayBuffer>]).stream());
}

/** Writes a stream so, as it comes; how many bytes it had. */
export async function writeStream(
  output: string, pieces: ReadableStream<Uint8Array>,
): Promise<number> {
  const { file: target, isReplaced } = await targetOf(output);
  const part = isReplaced ? `${target}.part` : target;
  let bytes = 0;
  const refuse = (error: unknown) => Promise.reject(writeError(output, error));
  const file = await open(part, 'w').catch(refuse);
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece).catch(refuse);
      bytes += piece.length;
    }
    await file.close();
    if (isReplaced) await rename(part, target).catch(refuse);
    return bytes;
  } catch (error) {
    await file.close().catch(() => undefined);
    if (isReplaced) await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

function writeError(output: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new InputError('io', `${output}: could not be written (${code})`, { file: output });
}
