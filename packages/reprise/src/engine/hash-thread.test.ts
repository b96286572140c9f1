// Whole hashes of the thread: those of Node's own hash, whatever the sizes, also of several files at once.
import { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import workers from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { HashThread } from './hash-thread.js';

const thread = new HashThread();
afterAll(() => thread.close());

const content = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 7 + (i >> 8) * 13 + (i >> 16)) & 255;
  return bytes;
};
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function hashOf(bytes: Uint8Array, piece: number): Promise<string> {
  const file = thread.begin();
  for (let at = 0; at < bytes.byteLength; at += piece) {
    const part = bytes.slice(at, at + piece);
    await file.update(part);
    // What was given may be filled anew.
    part.fill(0);
  }
  return (await file.finish()).sha256;
}

describe('the thread that hashes', () => {
  const mib = 1 << 20;
  it.each([
    0, 1, mib - 1, mib, 8 * mib - 1, 8 * mib, 8 * mib + 1, 9 * mib, 16 * mib, 17 * mib + 12345,
  ])('%i bytes', async (size) => {
    const bytes = content(size);
    for (const piece of [mib, 777_777, 20 * mib]) expect(await hashOf(bytes, piece)).toBe(expected(bytes));
  });

  it('several files at once, one of which is dropped', async () => {
    const files = [content(10 * mib), content(12 * mib + 5)];
    const dropped = thread.begin();
    await dropped.update(content(11 * mib));
    const found = files.map((bytes) => hashOf(bytes, 500_000));
    dropped.drop();
    expect(await Promise.all(found)).toEqual(files.map(expected));
  });

  it('fails what is under way where it is closed', async () => {
    const other = new HashThread();
    const file = other.begin();
    await file.update(content(9 * mib));
    const end = file.finish();
    other.close();
    await expect(end).rejects.toMatchObject({ code: 'disposed' });
  });

  it.each([9, 20, 38, 41])('fails a file whose thread ends at %i MiB, and hashes the next one', async (at) => {
    const started: workers.Worker[] = [];
    const { Worker } = workers;
    workers.Worker = class extends Worker {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        started.push(this);
      }
    };
    syncBuiltinESMExports();
    const other = new HashThread();
    try {
      const file = other.begin();
      const rest = async () => {
        for (let done = 0; done < 41; done++) {
          if (done === at) await started[0]?.terminate();
          await file.update(content(mib));
        }
        if (at === 41) await started[0]?.terminate();
        await file.finish();
      };
      await expect(rest()).rejects.toMatchObject({ code: 'internal' });
      expect(started).toHaveLength(1);
      const next = other.begin();
      const bytes = content(12 * mib);
      await next.update(bytes);
      expect((await next.finish()).sha256).toBe(expected(bytes));
    } finally {
      workers.Worker = Worker;
      syncBuiltinESMExports();
      other.close();
    }
  });
});
