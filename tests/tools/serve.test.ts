// The static server as a command: which port it takes.
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../tools/serve.mjs');
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** What the server prints first on stdout or stderr. */
function serve(...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [script, import.meta.dirname, ...words]);
  open.push(() => child.kill());
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.once('data', (piece: Buffer) => resolve(String(piece).trim()));
    }
  });
}

/** Takes a port where it is free. */
async function take(port: number): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
  open.push(() => server.close());
  return server.listening ? (server.address() as AddressInfo).port : port;
}

describe('tools/serve.mjs', () => {
  it('takes a free port where 8080 is taken', async () => {
    await take(8080);
    const url = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(new URL(url).port).not.toBe('8080');
    expect((await fetch(`${url}serve.test.ts`)).status).toBe(200);
  });

  it('takes the port that is asked for, and no other', async () => {
    const port = await take(0);
    expect(await serve('--port', String(port))).toMatch(/^serve: .*EADDRINUSE/);
    expect(await serve('--port', 'high')).toBe('serve: --port: expected 0 to 65535, found high');
    expect(await serve('--port', '0')).toMatch(/^http:/);
  });
});
