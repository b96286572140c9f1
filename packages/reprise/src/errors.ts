// The one error class, and how errors cross between the core, the engine and the caller.
import type { RepriseErrorCode } from './error-codes.js';
import type { GenerateResult } from './types/generate.js';

export type { RepriseErrorCode } from './error-codes.js';

/** Fields of an error, in camelCase. */
export type ErrorFields = Readonly<Record<string, string | number>>;

/** An error as a message between engine and client. */
export interface ErrorMessage {
  readonly code: RepriseErrorCode;
  readonly message: string;
  readonly fields: ErrorFields;
  readonly partial?: GenerateResult;
}

let construct: (error: ErrorMessage) => RepriseError;

/** The one error class. Its fields name place and expectation; absent ones are undefined. */
export class RepriseError extends Error {
  override readonly name = 'RepriseError';
  readonly code: RepriseErrorCode;
  /** File name or address the error is about. */
  declare readonly file?: string;
  /** JSON path, such as `$.hidden_size`. */
  declare readonly path?: string;
  /** Byte offset in the file, from 0. */
  declare readonly byte?: number;
  declare readonly tensor?: string;
  declare readonly argument?: string;
  declare readonly expected?: string | number;
  declare readonly found?: string | number;
  /** Bytes that `out_of_memory` lacked, and bytes there were. */
  declare readonly needsBytes?: number;
  declare readonly hasBytes?: number;
  /** HTTP status, where a server answered. */
  declare readonly status?: number;
  /** What `generate` had made before an abort or a failure. */
  declare readonly partial?: GenerateResult;
  /** Whatever else the error carries, all fields above included. */
  readonly fields: ErrorFields;

  /** Only Reprise makes these; `instanceof` works as usual. */
  private constructor(error: ErrorMessage) {
    super(error.message);
    this.code = error.code;
    this.fields = { ...error.fields };
    const own: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'code', 'fields']);
    for (const [key, value] of Object.entries(error.fields)) {
      if (!own.has(key)) Object.defineProperty(this, key, { value, enumerable: true });
    }
    if (error.partial !== undefined) {
      Object.defineProperty(this, 'partial', { value: error.partial, enumerable: true });
    }
  }

  static {
    construct = (error) => new RepriseError(error);
  }
}

/** Makes an error. */
export function repriseError(
  code: RepriseErrorCode, message: string, fields: ErrorFields = {}, partial?: GenerateResult,
): RepriseError {
  return construct({ code, message, fields, ...(partial === undefined ? {} : { partial }) });
}

/** Makes an error from a message of the engine. */
export function errorFromMessage(message: ErrorMessage): RepriseError {
  return construct(message);
}

/** Whatever was thrown, as an error of ours: other things become `internal` with their words. */
export function asRepriseError(thrown: unknown): RepriseError {
  if (thrown instanceof RepriseError) return thrown;
  const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return repriseError('internal', `Reprise met an unexpected error: ${words}`);
}

/** What crosses to the other side for this error. */
export function messageFromError(error: RepriseError): ErrorMessage {
  const { code, message, fields, partial } = error;
  return { code, message, fields, ...(partial === undefined ? {} : { partial }) };
}

/** The error that an aborted call rejects with. */
export function abortedError(what: string): RepriseError {
  return repriseError('aborted', `${what} was aborted by the caller.`);
}
