// What can go wrong on the command line, as one line or one JSON object on stderr, and the exit
// code that belongs to it.
import { RepriseError, type RepriseErrorCode } from '../index.js';

export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Arguments that the command line does not take; exit code 2. */
export class UsageError extends Error {
  constructor(message: string, readonly argument?: string) {
    super(message);
  }
}

/** A file or stream that the command itself reads or writes; exit code 1. */
export class InputError extends Error {
  constructor(
    readonly code: RepriseErrorCode, message: string,
    readonly fields: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
  }
}

/** The reader of stdout has gone away, as `head` does. Nobody is left to be told. */
export class ReaderGone extends Error {}

/** An error in the form in which it is reported. */
export interface Failure {
  readonly exitCode: number;
  readonly code: RepriseErrorCode;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** The report of anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) {
    const fields: Record<string, string> =
      error.argument === undefined ? {} : { argument: error.argument };
    return { exitCode: exitCodes.usage, code: 'invalid_argument', message: error.message, fields };
  }
  if (error instanceof InputError) {
    const exitCode = error.code === 'aborted' ? exitCodes.interrupted : exitCodes.failed;
    return { exitCode, code: error.code, message: error.message, fields: error.fields };
  }
  if (error instanceof RepriseError) {
    const exitCode =
      error.code === 'invalid_argument'
        ? exitCodes.usage
        : error.code === 'aborted'
          ? exitCodes.interrupted
          : exitCodes.failed;
    return { exitCode, code: error.code, message: error.message, fields: error.fields };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: exitCodes.failed, code: 'internal', message, fields: {} };
}

/** One line for people: line breaks inside the message would look like several errors. */
export function failureLine(failure: Failure): string {
  return `reprise: ${failure.message.replace(/\s*[\r\n]+\s*/g, ' ')} (${failure.code})\n`;
}

/** One line for programs. */
export function failureJson({ code, message, fields }: Failure): string {
  return `${JSON.stringify({ error: { code, message, fields } })}\n`;
}

/** Turns an error of node:fs or a stream into one that names the file. */
export function fileError(error: unknown, file: string): unknown {
  if (error instanceof InputError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case 'ABORT_ERR':
      return new InputError('aborted', `${file}: interrupted while it was read`, { file });
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError('not_found', `${file}: no such file`, { file });
    case 'EISDIR':
      return new InputError('io', `${file}: expected a file, found a folder`, { file });
    case 'EACCES':
    case 'EPERM':
      return new InputError('io', `${file}: may not be read`, { file });
    case undefined:
      return error;
    default:
      return new InputError('io', `${file}: could not be read (${code})`, { file });
  }
}
