// Fetches one file as a stream, and names what can go wrong on the way.
import { abortedError, repriseError, type RepriseError } from '../errors.js';
import { isNode } from '../platform.js';
import type { Expected, OpenFile, Piece, Request } from './files.js';

const accepted: Readonly<Record<Expected, string>> = {
  JSON: 'application/json',
  safetensors: 'application/octet-stream',
  data: '*/*',
};

/** Opens an address. Errors: `not_found`, `network` and `cors`, with the address as `file` and the
 * status where a server answered; `aborted`. */
export async function download(
  url: string, expected: Expected, request: Request,
): Promise<OpenFile> {
  const response = await answer(url, expected, request);
  if (!response.ok) {
    await response.body?.cancel();
    throw statusError(url, response);
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw htmlError(url, expected, response.status);
  }
  // A compressed body is decoded on the way, so its length is not the file's. To a page, another
  // origin's answer hides whether it is compressed.
  const mayBeCompressed = response.headers.has('content-encoding') ||
    (response.type === 'cors' && !isNode());
  const length = mayBeCompressed ? null : response.headers.get('content-length');
  const bytes = length === null ? undefined : Number(length);
  return {
    name: url, bytes, phase: 'download',
    pieces: pieces(url, expected, response, bytes, request),
    close: async () => {
      if (response.body?.locked === false) await response.body.cancel();
    },
  };
}

async function answer(url: string, expected: Expected, request: Request): Promise<Response> {
  const { headers, credentials, signal } = request;
  const get = request.fetch ?? globalThis.fetch;
  try {
    return await get(url, {
      headers: { accept: accepted[expected], ...headers },
      ...(credentials === undefined ? {} : { credentials }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (thrown) {
    if (signal?.aborted === true) throw abortedError(`Fetching ${url}`);
    throw await refusedError(url, thrown, request);
  }
}

async function* pieces(
  url: string, expected: Expected, response: Response, bytes: number | undefined,
  request: Request,
): AsyncGenerator<Piece> {
  const reader = (response.body ?? new Response('').body as ReadableStream<Uint8Array>).getReader();
  let received = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (request.signal?.aborted === true) throw abortedError(`Fetching ${url}`);
      if (done) break;
      if (received === 0 && isHtml(value)) throw htmlError(url, expected, response.status);
      received += value.byteLength;
      yield alone(value, request);
    }
    if (bytes !== undefined && received !== bytes) throw new Error('the body ended early');
  } catch (thrown) {
    if (request.signal?.aborted === true) throw abortedError(`Fetching ${url}`);
    if ((thrown as Error).name === 'RepriseError') throw thrown;
    const size = bytes === undefined ? '' : ` of ${bytes}`;
    throw repriseError('network', `${url} broke off after ${received}${size} bytes: ` +
      `${reason(thrown)}`, { file: url, byte: received, status: response.status });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A chunk as a piece. Another's fetch may give views of more than they are, or what it still holds. */
function alone(chunk: Uint8Array, { fetch }: Request): Piece {
  const isAlone = fetch === undefined && chunk.byteLength === chunk.buffer.byteLength;
  return isAlone ? chunk as Piece : new Uint8Array(chunk);
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
