// What becomes of calls where a connection breaks.
import { expect, it } from 'vitest';
import { Client } from './client.js';
import { connectInProcess } from './connections.js';
import type { EngineClass } from './engine/engine.js';
import type { ClientMessage, EngineMessage, Port } from './protocol.js';

it('rejects calls with what an engine in this thread throws, and closes it', async () => {
  let closed = 0;
  class ThrowingEngine {
    constructor(port: Port<EngineMessage, ClientMessage>) {
      port.receive = () => {
        throw new Error('odd message');
      };
    }

    close(): void {
      closed++;
    }
  }
  const connection = await connectInProcess({
    load: () => Promise.resolve(ThrowingEngine as unknown as EngineClass),
    startWorker: () => {
      throw new Error('no worker is asked for');
    },
    script: '', base: import.meta.url, usesGpu: false,
  });
  const client = new Client(connection);
  connection.onBreak = (error) => client.end(error);
  const expected = {
    code: 'poisoned', message: 'The engine ended by an error: Error: odd message',
  };
  const calls = [client.call('webgpu', {}), client.call('state', {})];
  for (const call of calls) await expect(call).rejects.toMatchObject(expected);
  await expect(client.call('state', {})).rejects.toMatchObject(expected);
  expect(closed).toBe(1);
});
