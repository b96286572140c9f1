// Reads open files, with progress and telemetry.
import { callbackError } from '../client.js';
import { tell } from '../runtime.js';
import type { LongOptions, Progress, TelemetryEvent } from '../types/long-work.js';
import type { OpenFile, Piece } from './files.js';

/** Who hears of the reading. */
export interface Listeners extends Pick<LongOptions, 'onProgress'> {
  readonly onTelemetry?: readonly (((event: TelemetryEvent) => void) | undefined)[];
}

/** Calls a progress callback; what it throws ends the call. */
export function report(listeners: Listeners, progress: Progress): void {
  try {
    listeners.onProgress?.(progress);
  } catch (thrown) {
    throw callbackError('onProgress', thrown);
  }
}

/** The pieces of a file, told of as they come. `size` may be filled in on the way. */
export async function* read(
  file: OpenFile, listeners: Listeners, size: { bytes: number | undefined } = file,
): AsyncGenerator<Piece> {
  const begin = performance.now();
  const { phase, name } = file;
  let done = 0;
  let told: number | undefined = 0;
  const onTelemetry = listeners.onTelemetry ?? [];
  const pieces = file.pieces((bytes, milliseconds) =>
    tell({ name: 'resume', milliseconds, bytes, file: name }, ...onTelemetry));
  for await (const piece of pieces) {
    done += piece.byteLength;
    told = size.bytes;
    const total = told === undefined ? {} : { total: told };
    report(listeners, { phase, done, ...total, unit: 'bytes', file: name });
    yield piece;
  }
  // At the end the size is known, even where one piece was all and came before it.
  if (told !== done) report(listeners, { phase, done, total: done, unit: 'bytes', file: name });
  if (phase === 'download') {
    const milliseconds = performance.now() - begin;
    tell({ name: 'download', milliseconds, bytes: done, file: name }, ...onTelemetry);
  }
}

/** A whole file, for those that are small or needed whole. */
export async function readWhole(file: OpenFile, listeners: Listeners): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  // What is here has the size that it says; the pieces are not kept then.
  const whole = file.phase === 'read' && file.bytes !== undefined
    ? new Uint8Array(file.bytes) : undefined;
  let at = 0;
  for await (const piece of read(file, listeners)) {
    if (whole === undefined) pieces.push(piece);
    else whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole ?? join(pieces);
}

/** Pieces one after the other. */
export function join(pieces: readonly Uint8Array[]): Piece {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
