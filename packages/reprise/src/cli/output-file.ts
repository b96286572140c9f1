// Files that commands write.
import { access, constants, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { InputError } from './failure.js';

/** Fails before the work where the result could not be written after it. */
export async function checkFolderOf(output: string): Promise<void> {
  await access(dirname(output), constants.W_OK).catch((error: unknown) => {
    throw writeError(output, error);
  });
}

/** Writes a file so that what was there before stays until the new one is whole. */
export async function writeWhole(output: string, bytes: Uint8Array | string): Promise<void> {
  const part = `${output}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw writeError(output, error);
  }
}

/** Writes a stream so, as it comes; how many bytes it had. */
export async function writeStream(
  output: string, pieces: ReadableStream<Uint8Array>,
): Promise<number> {
  const part = `${output}.part`;
  let bytes = 0;
  const file = await open(part, 'w').catch((error: unknown) => {
    throw writeError(output, error);
  });
  try {
    for await (const piece of pieces) {
      await file.write(piece).catch((error: unknown) => Promise.reject(writeError(output, error)));
      bytes += piece.length;
    }
    await file.close();
    await rename(part, output).catch((error: unknown) => Promise.reject(writeError(output, error)));
    return bytes;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

function writeError(output: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new InputError('io', `${output}: could not be written (${code})`, { file: output });
}
