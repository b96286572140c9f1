// Fetches one file as a stream, and names what can go wrong on the way.
import { abortedError, repriseError, type RepriseError } from '../errors.js';
import { isNode } from '../platform.js';
import type { Expected, OpenFile, Piece, Request, ResumeListener } from './files.js';
import { encodingOf, type Mismatch, totalOf, versionOf, whyNoRest, whyNot } from './resume.js';

const accepted: Readonly<Record<Expected, string>> = {
  JSON: 'application/json',
  safetensors: 'application/octet-stream',
  data: '*/*',
};

/** What is asked for. */
interface Wanted {
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
  const response = await answerOf(wanted);
  if (!response.ok) {
    await response.body?.cancel();
    throw statusError(url, response);
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw htmlError(url, expected, response.status);
  }
  // A compressed body is decoded on the way, so its length is not the file's.
  const length = encodingOf(response) === 'none' ? response.headers.get('content-length') : null;
  const bytes = length === null ? undefined : Number(length);
  return {
    name: url, bytes, phase: 'download', version: versionOf(response),
    pieces: (onResume) => piecesOf(wanted, response, bytes, onResume),
    close: async () => {
      if (response.body?.locked === false) await response.body.cancel();
    },
  };
}

async function answerOf(wanted: Wanted): Promise<Response> {
  try {
    return await ask(wanted);
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
  /** The size of all, where it is known. */
  bytes: number | undefined;
  /** To go on, since the last byte. */
  attempts: number;
}

/** The bytes of a first answer, and where one breaks off, of those that go on there. */
async function* piecesOf(
  wanted: Wanted, first: Response, bytes: number | undefined, onResume: ResumeListener,
): AsyncGenerator<Piece> {
  const { url, request } = wanted;
  const place = { at: 0, bytes, attempts: 0 };
  for (let answer = first; ;) {
    let why = 'it has another length than it said';
    try {
      yield* readOf(wanted, answer, place);
      if (place.at === (place.bytes ?? place.at)) return;
    } catch (thrown) {
      checkAbort(request, url);
      if ((thrown as Error).name === 'RepriseError') throw thrown;
      if (place.at === place.bytes) return;
      why = reason(thrown);
    }
    const begin = performance.now();
    answer = await restOf(wanted, first, place, why);
    onResume(place.at, performance.now() - begin);
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
      place.at += value.byteLength;
      if (value.byteLength > 0) place.attempts = 0;
      yield alone(value, request);
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

/** The answer that goes on where one broke off. */
async function restOf(
  wanted: Wanted, first: Response, place: Place, why: string,
): Promise<Response> {
  const { url: file, request } = wanted;
  const { at: byte, bytes } = place;
  const stop = ({ status }: Response, [name, must, found]: Mismatch) => repriseError('network',
    `${file} broke off after ${byte}${bytes === undefined ? '' : ` of ${bytes}`} bytes: ${why}. To go ` +
    `on there, its ${name} must be ${must}, found ${found}.`,
    { file, byte, status, expected: `${name} ${must}`, found });
  const mismatch = whyNot(first);
  if (mismatch !== undefined) throw stop(first, mismatch);
  while (place.attempts < mostAttempts) {
    await wait(200 * 4 ** place.attempts++, request);
    checkAbort(request, file);
    try {
      const rest = await ask(wanted, { range: `bytes=${byte}-` });
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
