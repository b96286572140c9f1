// Files over http whose answers break off where a test says, and go on by range as a good server's do.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { TestServer } from './server.js';

/** How one file is served. */
export interface BreakingFile {
  readonly bytes: Uint8Array;
  /** Where answers end before their end, one after the other. */
  readonly breaks?: readonly number[];
  readonly headers?: OutgoingHttpHeaders;
  /** Without a Content-Length. */
  readonly isChunked?: boolean;
  /** Answers a request for a range in place of the server; false where the server is to. */
  readonly rest?: (response: ServerResponse, start: number, request: IncomingMessage) => boolean;
}

/** A request, with what matters of its headers. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

/** Serves files by path. */
export class BreakingServer {
  readonly seen: Seen[] = [];
  files: Readonly<Record<string, BreakingFile>> = {};
  #server: TestServer | undefined;
  /** Breaks so far, by path. */
  readonly #broken = new Map<string, number>();

  static async start(): Promise<BreakingServer> {
    const made = new BreakingServer();
    made.#server = await TestServer.start((request, response) => made.#answer(request, response));
    return made;
  }

  get url(): string {
    return (this.#server as TestServer).url;
  }

  /** The ranges that were asked for, in order. */
  get ranges(): readonly string[] {
    return this.seen.flatMap(({ range }) => range ?? []);
  }

  /** Serves these, as if nothing had been asked for. */
  serve(files: Readonly<Record<string, BreakingFile>>): void {
    this.files = files;
    this.seen.splice(0);
    this.#broken.clear();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { url: path = '', method = '', headers } = request;
    this.seen.push({ method, path, range: headers.range, headers });
    const file = this.files[path];
    if (file === undefined) {
      response.writeHead(404, { 'access-control-allow-origin': '*' }).end();
      return;
    }
    // Browsers' caches ask for ranges with an end.
    const [, first = '0', last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    const { length } = file.bytes;
    const start = Number(first);
    const stop = Math.min(last === undefined || last === '' ? length : Number(last) + 1, length);
    if (headers.range !== undefined && file.rest?.(response, start, request) === true) return;
    const range = { 'content-range': `bytes ${start}-${stop - 1}/${length}` };
    response.writeHead(headers.range === undefined ? 200 : 206, {
      ...(file.isChunked === true ? {} : { 'content-length': stop - start }),
      ...(headers.range === undefined ? {} : range), ...file.headers,
    });
    const count = this.#broken.get(path) ?? 0;
    const end = file.breaks?.[count];
    if (end === undefined) {
      response.end(file.bytes.subarray(start, stop));
      return;
    }
    this.#broken.set(path, count + 1);
    response.flushHeaders();
    // A client that waits for them has all bytes before the break. One that is behind loses those that
    // it did not take yet, and goes on before them.
    response.write(file.bytes.subarray(start, end), () => setTimeout(() => response.socket?.end(), 20));
  }
}
