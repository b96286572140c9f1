// A crash at every step of a write: what is read afterwards is the older checkpoint or the newer one,
// whole; and the newer one where the write had said that it is done.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, configure, openCheckpoints, shutdown } from 'reprise';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Crash, CrashingFs, type Fate } from '../testing/crashing-fs.js';

// Of dist/, where the package is that the import above gives.
const built = (name: string): string => new URL(`../../dist/${name}`, import.meta.url).href;
const { openStore } = await import(built('checkpoints/store.js')) as typeof import('./store.js');
const { openNodeFolder } =
  await import(built('checkpoints/node-folder.js')) as typeof import('./node-folder.js');
const { mainRuntime } = await import(built('main-runtime.js')) as typeof import('../main-runtime.js');

await configure({ threads: 1, log: false });
afterAll(shutdown);

/** The same in every process: content of one file at one step. */
const contentOf = (step: number, name: string, bytes: number): Uint8Array => {
  const content = new Uint8Array(bytes);
  let state = step * 1000 + name.length;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    content[i] = state >>> 24;
  }
  return content;
};

const sizes = { 'model.safetensors': 70_000, 'optimizer.safetensors': 9000, 'record.json': 70 };

/** Files of a step, which come in several pieces. */
function filesOf(step: number, scale = 1): Record<string, Iterable<Uint8Array>> {
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => {
    const bytes = contentOf(step, name, size * scale);
    return [name, [bytes.subarray(0, 50_000), bytes.subarray(50_000)]];
  }));
}

/** Fails where a checkpoint is not wholly that of its step. */
async function expectWhole(checkpoint: Checkpoint, scale = 1): Promise<number> {
  const { step } = checkpoint.state;
  expect(checkpoint.state.positions).toEqual({ dropout: 10 * step });
  expect(Object.keys(checkpoint.files)).toEqual(Object.keys(sizes));
  for (const [name, size] of Object.entries(sizes)) {
    const whole = await checkpoint.files[name]?.whole();
    expect(Buffer.compare(whole as Uint8Array, contentOf(step, name, size * scale))).toBe(0);
  }
  return step;
}

const stateOf = (step: number) => ({ step, positions: { dropout: 10 * step } });

/** Numbers from a small generator, so that what fails can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe('a machine that crashes, in a file system that loses what was not synced', () => {
  const path = '/data/run/checkpoints';
  const open = async (fs: CrashingFs) =>
    openStore(await openNodeFolder(path, false, fs.fs), await mainRuntime.get());

  /** A file system with so many checkpoints, all of it synced. */
  async function after(count: number): Promise<CrashingFs> {
    const fs = new CrashingFs();
    if (count === 0) return fs;
    const store = await open(fs);
    for (let step = 1; step <= count; step++) await store.write(filesOf(step), stateOf(step));
    const found = fs.afterCrash(() => 1);
    found.remove(`${path}/LOCK`);
    return found;
  }

  const fates: [string, (seed: number) => Fate][] = [
    ['all of it', () => () => 0],
    ['nothing', () => () => 1],
    ['any of it', (seed) => {
      const next = random(seed);
      return () => (next() < 0.5 ? 0 : 1);
    }],
    ['any of it, and parts of writes', (seed) => {
      const next = random(seed);
      return () => [0, 1, next()][Math.floor(3 * next())] as number;
    }],
  ];

  it.each([0, 1, 2])('write after %i others', async (count) => {
    const base = await after(count);
    let isDone = false;
    let crashes = 0;
    for (let change = 1; !isDone; change++) {
      const fs = base.afterCrash(() => 1);
      fs.changesLeft = change;
      try {
        const store = await open(fs);
        await store.write(filesOf(count + 1), stateOf(count + 1));
        isDone = true;
        // Only what was synced by now may be counted on.
        fs.changesLeft = 0;
      } catch (thrown) {
        expect(String(thrown)).toContain('the machine crashed');
        crashes++;
      }
      for (const [lost, fate] of fates) {
        for (let seed = 1; seed <= (lost.startsWith('any') ? 2 : 1); seed++) {
          const where = `crash at change ${change}, losing ${lost}, seed ${seed}`;
          const found = fs.afterCrash(fate(seed));
          try {
            found.remove(`${path}/LOCK`);
          } catch (thrown) {
            if (thrown instanceof Crash) throw thrown;
          }
          const store = await open(found);
          const checkpoint = await store.read();
          const step = checkpoint === undefined ? 0 : await expectWhole(checkpoint);
          expect([isDone ? count + 1 : count, count + 1], where).toContain(step);
          if (!isDone) {
            for (const fault of checkpoint?.passedOver ?? []) {
              expect(fault.code, where).toBe('not_found');
            }
          }
          // And it goes on from there.
          await store.write(filesOf(step + 1), stateOf(step + 1));
          expect(await expectWhole(await store.read() as Checkpoint), where).toBe(step + 1);
          store.dispose();
        }
      }
    }
    expect(crashes).toBeGreaterThan(15);
  }, 120_000);
});

describe('a process that is killed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reprise-checkpoints-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A process that writes checkpoints from a step on and says when each is done; it kills itself at
   * that change of the file system. */
  function writer(from: number, until: number, killAt: number, scale: number): ChildProcess {
    const program = `
      import fs from 'node:fs/promises';
      const { openStore } = await import(${JSON.stringify(built('checkpoints/store.js'))});
      const { openNodeFolder } = await import(${JSON.stringify(built('checkpoints/node-folder.js'))});
      const { mainRuntime, configure } = await import(${JSON.stringify(built('main-runtime.js'))});
      const contentOf = ${contentOf.toString()};
      const sizes = ${JSON.stringify(sizes)};
      const filesOf = ${filesOf.toString()};
      const stateOf = ${stateOf.toString()};
      await configure({ threads: 1, log: false });
      let left = ${killAt};
      const counted = (object, names) => new Proxy(object, { get: (target, name) => {
        const value = target[name];
        if (typeof value !== 'function') return value;
        return async (...args) => {
          if (names.includes(name) && --left === 0) process.kill(process.pid, 'SIGKILL');
          const result = await value.apply(target, args);
          return name === 'open' ? counted(result, ['write', 'sync']) : result;
        };
      } });
      const watched = counted(fs, ['mkdir', 'open', 'rename', 'unlink']);
      const folder = await openNodeFolder(${JSON.stringify(folder)}, false, watched);
      const store = await openStore(folder, await mainRuntime.get());
      console.log('ready');
      for (let step = ${from}; step <= ${until}; step++) {
        await store.write(filesOf(step, ${scale}), stateOf(step));
        console.log(step);
      }`;
    return spawn(process.execPath, ['--input-type=module', '-e', program],
      { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Runs it to its end; gives the last step that it said was done, and whether it was killed. */
  function end(child: ChildProcess, onReady: () => void = () => undefined): Promise<[number, boolean]> {
    return new Promise((resolve, reject) => {
      let output = '';
      child.stdout?.on('data', (piece: Buffer) => {
        if (output === '') onReady();
        output += String(piece);
      });
      child.on('error', reject);
      child.on('close', (_, signal) => {
        const lines = output.trim().split('\n').slice(1);
        resolve([Number(lines.at(-1) ?? 0), signal === 'SIGKILL']);
      });
    });
  }

  it('at every change of a write', async () => {
    let step = 0;
    let kills = 0;
    for (let change = 1; ; change++) {
      const [told, wasKilled] = await end(writer(step + 1, step + 1, change, 1));
      using store = await openCheckpoints(folder);
      const checkpoint = await store.read();
      const found = checkpoint === undefined ? 0 : await expectWhole(checkpoint);
      if (told !== 0) expect(found).toBe(told);
      expect([step, step + 1]).toContain(found);
      step = found;
      if (!wasKilled) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(15);
  }, 120_000);

  it('at random', async () => {
    const seed = 7;
    const next = random(seed);
    let step = 0;
    // More often where the machine is too busy to finish a few of them first.
    for (let run = 0; run < 12 || step <= 3; run++) {
      const child = writer(step + 1, 1_000_000, 0, 130);
      const [told, wasKilled] = await end(child, () => {
        setTimeout(() => child.kill('SIGKILL'), 1500 * next());
      });
      expect(wasKilled).toBe(true);
      using store = await openCheckpoints(folder);
      const checkpoint = await store.read();
      const found = checkpoint === undefined ? 0 : await expectWhole(checkpoint, 130);
      expect(found, `seed ${seed}, run ${run}`).toBeGreaterThanOrEqual(Math.max(told, step));
      step = found;
    }
  }, 120_000);
});
