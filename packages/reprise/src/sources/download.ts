// Fetches one file as a stream, and names what can go wrong on the way.
import { abortedError, repriseError, type RepriseError } from '../errors.js';
import { isNode } from '../platform.js';
import type { Expected, OpenFile, Piece, Request, ResumeListener } from './files.js';
import { encodingOf, type Mismatch, totalOf, whyNoRest, whyNot } from './resume.js';

const accepted: Readonly<Record<Expected, string>> = {
  JSON: 'application/json',
  safetensors: 'application/octet-stream',
  data: '*/*',
};

/** What is asked for. */
export interface Wanted {
  readonly url: string;
  readonly expected: Expected;
  readonly request: Request;
}

/** Opens an address. Where its answer breaks off and is certain to have a rest, that is asked for
 * (resume.ts). Errors: `not_found`, `network` and `cors`, with the address as `file`, the status where a
 * server answered and the byte where it broke off; `aborted`. */
export async function download(
  url: string, expected: Expected, request: Request,
): Promise<OpenFile> {
  const wanted = { url, expected, request };
  return wholeOf(wanted, await checkedAnswer(wanted));
}

/** What an answer to a request for all of a file opens. */
export function wholeOf(wanted: Wanted, response: Response): OpenFile {
  // A compressed body is decoded on the way, so its length is not the file's.
  const length = encodingOf(response) === 'none' ? response.headers.get('content-length') : null;
  const bytes = length === null ? undefined : Number(length);
  const place = { at: 0, end: undefined, bytes, attempts: 0 };
  return {
    name: wanted.url, bytes, phase: 'download', headers: response.headers,
    pieces: (onResume) => piecesOf(wanted, response, place, onResume, response),
    close: async () => {
      if (response.body?.locked === false) await response.body.cancel();
    },
  };
}

/** The first answer, to a request with these headers besides. Errors: those of `download`. */
export async function checkedAnswer(wanted: Wanted, more?: Readonly<Record<string, string>>): Promise<Response> {
  const { url, expected } = wanted;
  const response = await answerOf(wanted, more);
  // An empty file has no range.
  if (!response.ok && !(more !== undefined && response.status === 416)) {
    await response.body?.cancel();
    throw statusError(url, response);
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw htmlError(url, expected, response.status);
  }
  return response;
}

async function answerOf(
  wanted: Wanted, more: Readonly<Record<string, string>> | undefined,
): Promise<Response> {
  try {
    return await ask(wanted, more);
  } catch (thrown) {
    const { url, request } = wanted;
    checkAbort(request, url);
    throw await refusedError(url, thrown, request);
  }
}

async function ask(
  { url, expected, request }: Wanted, more?: Readonly<Record<string, string>>,
): Promise<Response> {
  const { headers, credentials, signal, fetch = globalThis.fetch } = request;
  return fetch(url, {
    headers: { accept: accepted[expected], ...headers, ...more },
    ...(credentials === undefined ? {} : { credentials }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Throws where the caller has aborted. */
export function checkAbort({ signal }: Request, file: string): void {
  if (signal?.aborted === true) throw abortedError(`Reading ${file}`);
}

/** How far a download is. */
interface Place {
  at: number;
  /** Where a part of the file ends. */
  readonly end: number | undefined;
  /** The size of all, where it is known. */
  bytes: number | undefined;
  /** To go on, since the last byte. */
  attempts: number;
}

/** The bytes of a file from a place on, of an answer that is there or of one that is asked for, and where
 * one breaks off, of those that go on there. `first` is the file's first answer. */
export async function* piecesOf(
  wanted: Wanted, first: Response, place: Place, onResume: ResumeListener, begun?: Response,
): AsyncGenerator<Piece> {
  const { url, request } = wanted;
  let why: string | undefined;
  for (let answer = begun; ; answer = undefined) {
    if (answer === undefined) {
      const begin = performance.now();
      answer = await restOf(wanted, first, place, why);
      if (why !== undefined) onResume(place.at, performance.now() - begin);
    }
    const end = () => place.end ?? place.bytes;
    why = 'it has another length than it said';
    try {
      yield* readOf(wanted, answer, place);
      if (place.at === (end() ?? place.at)) return;
    } catch (thrown) {
      checkAbort(request, url);
      if ((thrown as Error).name === 'RepriseError') throw thrown;
      if (place.at === end()) return;
      why = reason(thrown);
    }
  }
}

async function* readOf(
  { url, expected, request }: Wanted, answer: Response, place: Place,
): AsyncGenerator<Piece> {
  const reader = (answer.body ?? new Response('').body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      checkAbort(request, url);
      if (done) return;
      if (place.at === 0 && isHtml(value)) throw htmlError(url, expected, answer.status);
      // A server may give more than it was asked for.
      const left = (place.end ?? Infinity) - place.at;
      place.at += Math.min(value.byteLength, left);
      if (value.byteLength > 0) place.attempts = 0;
      yield alone(value.byteLength > left ? value.slice(0, left) : value, request);
      if (value.byteLength >= left) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A chunk as a piece. Another's fetch may give views of more than they are, or what it still holds. */
function alone(chunk: Uint8Array, { fetch }: Request): Piece {
  const isAlone = fetch === undefined && chunk.byteLength === chunk.buffer.byteLength;
  return isAlone ? chunk as Piece : new Uint8Array(chunk);
}

/** Attempts to go on that may bring no byte one after the other. */
const mostAttempts = 3;

/** The answer that goes on where one broke off, or where one is to begin; `why` it broke off. */
async function restOf(
  wanted: Wanted, first: Response, place: Place, why: string | undefined,
): Promise<Response> {
  const { url: file, request } = wanted;
  const { at: byte, end, bytes } = place;
  const stop = ({ status }: Response, [name, must, found]: Mismatch) => repriseError('network',
    `${why === undefined ? `${file} is another than it was at first: from byte ${byte} on`
      : `${file} broke off after ${byte}${bytes === undefined ? '' : ` of ${bytes}`} bytes: ${why}. To go ` +
        'on there'}, its ${name} must be ${must}, found ${found}.`,
    { file, byte, status, expected: `${name} ${must}`, found });
  const mismatch = whyNot(first, first.status === 206 && end !== undefined ? 206 : 200);
  if (mismatch !== undefined) throw stop(first, mismatch);
  while (place.attempts < mostAttempts) {
    if (why !== undefined) await wait(200 * 4 ** place.attempts++, request);
    checkAbort(request, file);
    try {
      const rest = await ask(wanted, { range: `bytes=${byte}-${end === undefined ? '' : end - 1}` });
      const wrong = whyNoRest(rest, first, byte, bytes);
      if (wrong === undefined) {
        place.bytes = totalOf(rest);
        return rest;
      }
      await rest.body?.cancel();
      if (rest.status < 500) throw stop(rest, wrong);
      why = `it answered ${rest.status}`;
    } catch (thrown) {
      if ((thrown as Error).name === 'RepriseError') throw thrown;
      why = reason(thrown);
    }
    checkAbort(request, file);
  }
  throw stop(first, ['answer', 'a range', `none in ${mostAttempts} attempts`]);
}

/** Ends early where the signal is aborted. */
function wait(milliseconds: number, { signal }: Request): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}

/** Whether a file begins like a page. */
function isHtml(first: Uint8Array): boolean {
  const text = String.fromCharCode(...first.subarray(0, 64));
  return /^\s*<(!doctype\s+html|html)\b/i.test(text);
}

function htmlError(url: string, expected: Expected, status: number): RepriseError {
  return repriseError('network', `${url} answered with an HTML page where ${expected} was ` +
    'expected; some hosts do so for addresses that do not exist, others to ask for a login.',
  { file: url, status, expected, found: 'an HTML page' });
}

function statusError(url: string, { status, statusText }: Response): RepriseError {
  const missing = status === 404 || status === 410;
  const words = statusText === '' ? '' : ` ${statusText}`;
  const why = status === 403 ? ': it may not be read, or it is not there' : '';
  return repriseError(missing ? 'not_found' : 'network',
    `${url} answered ${status}${words}${why}.`, { file: url, status });
}

function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause instanceof Error ? ` (${thrown.cause.message})` : '';
  return `${thrown.message}${cause}`;
}

/** Why there was no answer. A browser does not tell a page why it may not read another origin's
 * answer, so an answer that may not be read is asked for: if there is one, the refusal is CORS. */
async function refusedError(url: string, thrown: unknown, request: Request): Promise<RepriseError> {
  const words = `${url} could not be fetched: ${reason(thrown)}.`;
  const crossOrigin = !isNode() && globalThis.location !== undefined &&
    new URL(url).origin !== globalThis.location.origin;
  if (!crossOrigin) return repriseError('network', words, { file: url });
  try {
    const get = request.fetch ?? globalThis.fetch;
    const { type } = await get(url, { method: 'HEAD', mode: 'no-cors', ...(
      request.signal === undefined ? {} : { signal: request.signal }) });
    if (type === 'opaque') {
      return repriseError('cors', `${url} answers, but its server does not allow this page ` +
        `(${globalThis.location.origin}) to read it: it must send the header ` +
        'Access-Control-Allow-Origin.', { file: url, expected: 'Access-Control-Allow-Origin' });
    }
  } catch {
    return repriseError('network', `${words} The server is not to be reached, or it allows no ` +
      'other origin to read it (CORS); the browser does not say which.', { file: url });
  }
  return repriseError('network', words, { file: url });
}
