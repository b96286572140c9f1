// Serves a folder of static files as any static hosting would, for ./dev demo and the browser tests.
//
//   node tools/serve.mjs FOLDER [--port N] [--host NAME] [--base /path/]
//     [--isolated] [--cors]
//
// --port: 8080 where it is not given, or a free one where that is taken; 0 takes a free one.
// --isolated sends the two headers that make a page cross-origin isolated (threads need that);
// --cors lets pages of other origins read the files; --base mounts the folder below a path.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** The headers of every answer. */
function headersOf({ isolated, cors }) {
  return {
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    ...(isolated && {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    }),
    // A page that is isolated itself may load only what says that it may be loaded.
    ...(cors && {
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }),
  };
}

/** The file that an address stands for, or undefined where none does. */
async function fileOf(address, { folder, base }) {
  let path;
  try {
    path = decodeURIComponent(new URL(address, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
  // URL has resolved '..' written plainly; written as %2e%2e or with %2f it would lead out.
  if (!path.startsWith(base) || path.split(/[\\/]/).includes('..') || path.includes('\0')) {
    return undefined;
  }
  const file = join(folder, path.slice(base.length), path.endsWith('/') ? 'index.html' : '');
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? { file, bytes: found.size } : undefined;
}

/**
 * Starts a server. Resolves once it listens, with its address and a function that ends it.
 * `port` 0 takes a free one.
 */
export async function serve({
  folder,
  port = 0,
  host = '127.0.0.1',
  base = '/',
  isolated = false,
  cors = false,
}) {
  const headers = headersOf({ isolated, cors });
  const place = { folder: resolve(folder), base };
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, Allow: 'GET, HEAD' }).end();
      return;
    }
    const found = await fileOf(request.url ?? '/', place);
    if (found === undefined) {
      response.writeHead(404, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('Not found\n');
      return;
    }
    const type = types[extname(found.file)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': found.bytes });
    if (request.method === 'HEAD') response.end();
    else pipeline(createReadStream(found.file), response, () => {});
  });
  await new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.address().port}${base}`,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      base: { type: 'string', default: '/' },
      isolated: { type: 'boolean', default: false },
      cors: { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  if (positionals.length !== 1 || !(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new Error(`expected one folder, found ${positionals.join(' ') || 'nothing'}`);
  }
  if (!/^\/(.*\/)?$/.test(values.base)) throw new Error('--base: expected a path such as /demo/');
  const { port: given, ...options } = values;
  if (given !== undefined && !(/^\d+$/.test(given) && Number(given) < 65536)) {
    throw new Error(`--port: expected 0 to 65535, found ${given}`);
  }
  const at = (port) => serve({ ...options, folder, port });
  const { url } = await at(Number(given ?? 8080)).catch((error) => {
    if (given !== undefined || error.code !== 'EADDRINUSE') throw error;
    return at(0);
  });
  console.log(url);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`serve: ${error.message}`);
    process.exitCode = 1;
  });
}
