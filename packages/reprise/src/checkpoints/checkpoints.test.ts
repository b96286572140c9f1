// Stores of checkpoints in Node: what is written is read, damage is told, others are kept out. Long, since
// a store is tried against every kind of damage to every kind of its files.
import { spawnSync } from 'node:child_process';
import {
  access, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  type CheckpointStore, configure, createModel, hashJson, type ModelConfig, openCheckpoints,
  type Progress, RepriseError, shutdown, type TelemetryEvent,
} from 'reprise';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, root, storiesFile } from '../testing/material.js';

const events: TelemetryEvent[] = [];
await configure({ threads: 1, log: false, onTelemetry: (event) => events.push(event) });
afterEach(expectNothingAlive);
afterAll(shutdown);

const schema = new Ajv2020({ strict: true, formats: { sha256: true, 'file-name': true } }).compile(
  JSON.parse(await readFile(join(root, 'schema/checkpoint.schema.json'), 'utf8')) as object);

const bytes = (count: number, seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, i) => (i * 7 + seed * 31 + (i >> 8)) & 255);
const filesOf = (step: number) => ({
  'model.safetensors': bytes(5000, step), 'record.json': bytes(40, step + 1),
});

let folder: string;
let store: CheckpointStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reprise-checkpoints-'));
  store = await openCheckpoints(folder);
  return async () => {
    store.dispose();
    // The lock is given back a moment later.
    (await openCheckpoints(join(folder, 'other'))).dispose();
    await rm(folder, { recursive: true });
  };
});

const write = (step: number) => store.write(filesOf(step), { step });
const headOf = async (slot: 'a' | 'b') =>
  JSON.parse(await readFile(join(folder, `HEAD-${slot}.json`), 'utf8')) as Record<string, unknown>;

async function expectStep(step: number, whole = true): Promise<readonly RepriseError[]> {
  const checkpoint = await store.read();
  expect(checkpoint?.state.step).toBe(step);
  for (const [name, content] of Object.entries(whole ? filesOf(step) : {})) {
    expect(Buffer.compare(await checkpoint?.files[name]?.whole() as Uint8Array, content)).toBe(0);
  }
  return checkpoint?.passedOver ?? [];
}

describe('a store', () => {
  it('is empty, then holds the newest, in slots by turns', async () => {
    expect(await store.head()).toBeUndefined();
    expect(await store.read()).toBeUndefined();
    expect(store.name).toBe(folder);
    for (const [step, slot] of [[10, 'a'], [20, 'b'], [30, 'a']] as const) {
      const info = await write(step);
      expect(info).toMatchObject({ slot, sequence: step / 10, bytes: 5040, passedOver: [] });
      expect(info.state).toEqual({
        step, weightsHash: null, positions: {}, cursor: null, extra: {},
      });
      expect(await store.head()).toEqual(info);
      expect(await expectStep(step)).toEqual([]);
    }
    expect((await readdir(folder)).sort()).toEqual(
      ['HEAD-a.json', 'HEAD-b.json', 'LOCK', 'slot-a', 'slot-b']);
    expect(await readdir(join(folder, 'slot-a'))).toEqual(['model.safetensors', 'record.json']);
  });

  it('keeps its state, follows the published schema, and has the hash that anybody can compute', async () => {
    const state = {
      step: 7, weightsHash: 'ab'.repeat(32), positions: { dropout: 2 ** 53 - 1, shuffle: 0 },
      cursor: { version: 1, row: 5 }, extra: { losses: [0.1, 1e-300, -0], words: 'é\u2028' },
    };
    const { hash } = await store.write(filesOf(7), state);
    expect((await store.read())?.state).toEqual(
      { ...state, extra: { ...state.extra, losses: [0.1, 1e-300, 0] } });
    const head = await headOf('a');
    expect(schema(head)).toBe(true);
    const { sha256, ...others } = head;
    expect(await hashJson(others)).toBe(sha256);
    expect(hash).toBe(sha256);
  });

  it('takes bytes, blobs, streams and pieces, and gives what was meant when it was called', async () => {
    const large = bytes((8 << 20) + 5, 3);
    const view = large.subarray(7, 70_007);
    async function* pieces() {
      for (let at = 0; at < large.length; at += 999_983) yield large.subarray(at, at + 999_983);
    }
    const contents = {
      buffer: view.slice().buffer, view, blob: new Blob([view]), stream: new Blob([view]).stream(),
      list: [view.subarray(0, 9), new Uint8Array(), view.subarray(9)], pieces: pieces(),
      empty: new Uint8Array(), nothing: [],
    };
    const progress: Progress[] = [];
    events.length = 0;
    const info = await store.write(contents as never, { step: 1 }, {
      onProgress: (one) => progress.push(one),
    });
    const checkpoint = await store.read({ onProgress: (one) => progress.push(one) });
    for (const name of Object.keys(contents)) {
      const expected = name === 'pieces' ? large : ['empty', 'nothing'].includes(name)
        ? new Uint8Array() : view;
      const file = checkpoint?.files[name];
      expect(file?.bytes).toBe(expected.length);
      expect(Buffer.compare(await file?.whole() as Uint8Array, expected), name).toBe(0);
    }
    const saved = progress.filter(({ phase }) => phase === 'save');
    expect(saved.at(-1)).toMatchObject({ done: info.bytes, unit: 'bytes' });
    const last = progress.at(-1);
    expect(last).toMatchObject({ phase: 'verify', done: info.bytes, total: info.bytes });
    expect(events).toMatchObject([{ name: 'checkpoint', bytes: info.bytes }]);
  });

  it('gives models their weights back', async () => {
    const weights = new Uint8Array(await readFile(storiesFile('model.safetensors')));
    await store.write({ 'model.safetensors': weights }, { step: 1 });
    const checkpoint = await store.read();
    const config = JSON.parse(await readFile(storiesFile('config.json'), 'utf8')) as ModelConfig;
    using model = await createModel(
      config, await checkpoint?.files['model.safetensors']?.whole() as Uint8Array);
    expect(model.parameters).toBeGreaterThan(0);
  });

  it('refuses what it cannot keep before anything is touched', async () => {
    await write(1);
    await write(2);
    const cases: [unknown, unknown, object][] = [
      [{ '../a': new Uint8Array() }, { step: 3 }, { code: 'invalid_config', path: '$.files[0].name' }],
      [{ 'b/a': new Uint8Array() }, { step: 3 }, { code: 'invalid_config', path: '$.files[0].name' }],
      [{ a: new Uint8Array(), A: new Uint8Array() }, { step: 3 },
        { code: 'invalid_config', path: '$.files[1].name' }],
      [{}, { step: 3 }, { code: 'invalid_config', path: '$.files' }],
      [filesOf(3), { step: -1 }, { code: 'invalid_config', path: '$.state.step' }],
      [filesOf(3), {}, { code: 'invalid_config', path: '$.state.step' }],
      [filesOf(3), { step: 3, more: 1 }, { code: 'invalid_config', path: '$.state.more' }],
      [filesOf(3), { step: 3, cursor: { row: Number.NaN } }, { code: 'invalid_argument', argument: 'row' }],
      [{ a: 'text' }, { step: 3 }, { code: 'invalid_argument', argument: 'files.a' }],
      [{ a: 5 }, { step: 3 }, { code: 'invalid_argument', argument: 'files.a' }],
      [null, { step: 3 }, { code: 'invalid_argument', argument: 'files' }],
      [filesOf(3), 3, { code: 'invalid_argument', argument: 'state' }],
    ];
    for (const [files, state, expected] of cases) {
      expect(await rejection(store.write(files as never, state as never))).toMatchObject(expected);
    }
    expect((await headOf('a')).sequence).toBe(1);
    expect(await expectStep(2)).toEqual([]);
    for (const location of [5, null, '', {}]) {
      expect(await rejection(openCheckpoints(location as never)))
        .toMatchObject({ code: 'invalid_argument', argument: 'location' });
    }
  });

  it('goes on where it was opened again', async () => {
    await write(1);
    await write(2);
    store.dispose();
    store = await openCheckpoints(folder);
    expect(await write(3)).toMatchObject({ sequence: 3, slot: 'a' });
    expect(await expectStep(3)).toEqual([]);
  });

  it('is found by its folder alone, wherever that is moved', async () => {
    await write(1);
    await cp(folder, `${folder}-copy`, { recursive: true });
    const copy = await openCheckpoints(`${folder}-copy`, { readOnly: true });
    expect((await copy.read())?.state.step).toBe(1);
    copy.dispose();
    await rm(`${folder}-copy`, { recursive: true });
  });
});

describe('damage', () => {
  const changes: [string, (file: string) => Promise<void>][] = [
    ['a bit', async (file) => {
      const content = await readFile(file);
      const at = content.length - 30;
      content[at] = (content[at] as number) ^ 1;
      await writeFile(file, content);
    }],
    ['its end', async (file) => {
      const content = await readFile(file);
      await writeFile(file, content.subarray(0, content.length - 3));
    }],
    ['more at its end', async (file) => writeFile(file, '}', { flag: 'a' })],
    ['all', async (file) => writeFile(file, new Uint8Array((await stat(file)).size))],
    ['its being there', (file) => rm(file)],
  ];

  it.each(changes)('%s of every file in turn', async (what, change) => {
    await write(1);
    await write(2);
    for (const [slot, step, other] of [['b', 2, 1], ['a', 1, 2]] as const) {
      for (const path of [`HEAD-${slot}.json`, ...Object.keys(filesOf(1)).map((n) => `slot-${slot}/${n}`)]) {
        const file = join(folder, path);
        const before = await readFile(file);
        await change(file);
        const passedOver = await expectStep(other);
        // The older one is not looked into while the newer one is whole.
        if (step === 2 || path.startsWith('HEAD')) {
          expect(passedOver).toHaveLength(1);
          expect(passedOver[0]).toBeInstanceOf(RepriseError);
          const isLost = path.startsWith('HEAD') && what === 'its being there';
          expect(passedOver[0]).toMatchObject({ code: isLost ? 'not_found' : 'hash_mismatch', file });
          if (!isLost) {
            expect(passedOver[0]?.expected).toBeDefined();
            expect(passedOver[0]?.found).toBeDefined();
          }
        } else expect(passedOver).toEqual([]);
        await writeFile(file, before);
        expect(await expectStep(2)).toEqual([]);
      }
    }
  });

  it('of both slots is an error, and nothing is written over it', async () => {
    await write(1);
    await write(2);
    for (const slot of ['a', 'b']) {
      await changes[0]?.[1](join(folder, `slot-${slot}/model.safetensors`));
    }
    const expected = { code: 'hash_mismatch', file: join(folder, 'slot-b/model.safetensors') };
    const error = await rejection(store.read()) as RepriseError;
    expect(error).toMatchObject(expected);
    expect([error.expected, error.found].map(String)).toEqual(
      [expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    store.dispose();
    store = await openCheckpoints(folder);
    expect(await rejection(write(3))).toMatchObject(expected);
    expect((await headOf('a')).sequence).toBe(1);
  });

  it('that nobody had noticed is replaced by the next write, never the whole one', async () => {
    await write(1);
    await write(2);
    store.dispose();
    await changes[0]?.[1](join(folder, 'slot-b/model.safetensors'));
    store = await openCheckpoints(folder);
    const info = await write(3);
    expect(info).toMatchObject({ slot: 'b', sequence: 3 });
    expect(info.passedOver).toMatchObject(
      [{ code: 'hash_mismatch', file: join(folder, 'slot-b/model.safetensors') }]);
    expect(await expectStep(3)).toEqual([]);
    await rm(join(folder, 'HEAD-b.json'));
    expect(await expectStep(1)).toMatchObject([{ code: 'not_found' }]);
  });

  it('while a file is being read', async () => {
    await store.write({ large: bytes(20 << 20, 1) }, { step: 1 });
    const checkpoint = await store.read();
    const content = await readFile(join(folder, 'slot-a/large'));
    content[(9 << 20) + 1] = (content[(9 << 20) + 1] as number) ^ 1;
    await writeFile(join(folder, 'slot-a/large'), content);
    let given = 0;
    const error = await rejection((async () => {
      for await (const piece of checkpoint?.files.large?.pieces() ?? []) given += piece.length;
    })());
    expect(error).toMatchObject({ code: 'hash_mismatch', byte: 8 << 20 });
    expect(given).toBe(8 << 20);
  });

  it.each<[string, (head: Record<string, unknown>) => unknown, object]>([
    ['of a later version', (head) => ({ ...head, version: 2 }),
      { code: 'unsupported', path: '$.version', found: '2' }],
    ['of another program', () => ({ version: 1, model: 'x' }),
      { code: 'invalid_config', path: '$.format' }],
    ['that is a list', () => [], { code: 'invalid_config', path: '$' }],
    ['that leads out of the folder', (head) =>
      ({ ...head, files: [{ ...(head.files as object[])[0], name: '../secret' }] }),
    { code: 'invalid_config', path: '$.files[0].name' }],
    ['that leads to a drive', (head) =>
      ({ ...head, files: [{ ...(head.files as object[])[0], name: 'C:secret' }] }),
    { code: 'invalid_config', path: '$.files[0].name' }],
    ['with more than it may have', (head) => ({ ...head, source: 'https://example.org' }),
      { code: 'invalid_config', path: '$.source' }],
  ])('is not what a HEAD %s is', async (_, change, expected) => {
    await write(1);
    await write(2);
    const changed = change(await headOf('a'));
    const { sha256: __, ...others } = changed as Record<string, unknown>;
    const head = Array.isArray(changed) ? changed : { ...others, sha256: await hashJson(others) };
    expect(schema(head)).toBe(false);
    const text = JSON.stringify(head);
    await writeFile(join(folder, 'HEAD-a.json'), text);
    const file = join(folder, 'HEAD-a.json');
    for (const call of [() => store.head(), () => store.read(), () => write(3)]) {
      expect(await rejection(call())).toMatchObject({ ...expected, file });
    }
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

describe('without any HEAD', () => {
  it('two slots of files are lost checkpoints', async () => {
    await write(1);
    await write(2);
    for (const slot of ['a', 'b']) await rm(join(folder, `HEAD-${slot}.json`));
    const file = join(folder, 'HEAD-a.json');
    const reader = await openCheckpoints(folder, { readOnly: true });
    for (const call of [() => store.head(), () => store.read(), () => write(3), () => reader.read()]) {
      expect(await rejection(call())).toMatchObject({ code: 'hash_mismatch', file, found: 'nothing' });
    }
    reader.dispose();
    // Nothing of them was touched.
    for (const [slot, step] of [['a', 1], ['b', 2]] as const) {
      const found = await readFile(join(folder, `slot-${slot}`, 'model.safetensors'));
      expect(Buffer.compare(found, filesOf(step)['model.safetensors'])).toBe(0);
    }
  });

  it('one slot of files is a first write that was cut off', async () => {
    await write(1);
    await rm(join(folder, 'HEAD-a.json'));
    expect(await store.head()).toBeUndefined();
    expect(await write(1)).toMatchObject({ slot: 'a', sequence: 1, passedOver: [{ code: 'not_found' }] });
  });
});

describe('a write', () => {
  it('that is aborted leaves the one before it', async () => {
    await write(1);
    await write(2);
    for (const after of [0, 1, 4]) {
      const controller = new AbortController();
      let pieces = 0;
      const error = await rejection(store.write(
        { a: bytes(6 << 20, 1) }, { step: 3 }, {
          signal: controller.signal,
          onProgress: () => {
            if (++pieces === after) controller.abort();
          },
          ...(after === 0 ? { signal: AbortSignal.abort() } : {}),
        }));
      expect(error).toMatchObject({ code: 'aborted' });
      expect(await expectStep(2)).toEqual([]);
    }
    // The content may never come.
    const controller = new AbortController();
    const waiting = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
      }),
    };
    const writing = store.write({ waiting }, { step: 3 }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await rejection(writing)).toMatchObject({ code: 'aborted' });
    expect(await write(3)).toMatchObject({ sequence: 3, slot: 'a' });
  });

  it('whose content or progress throws leaves the one before it', async () => {
    await write(1);
    const broken = new Error('the optimizer is gone');
    const pieces = function* () {
      yield bytes(5, 1);
      throw broken;
    };
    expect(await rejection(store.write({ pieces: pieces() }, { step: 2 }))).toBe(broken);
    expect(await rejection(store.write({ pieces: [5] as never }, { step: 2 })))
      .toMatchObject({ code: 'invalid_argument', argument: 'files.pieces' });
    expect(await rejection(store.write(filesOf(2), { step: 2 }, {
      onProgress: () => {
        throw broken;
      },
    }))).toMatchObject({ code: 'invalid_argument', cause: broken });
    expect(await expectStep(1)).toEqual([]);
    expect(await readdir(join(folder, 'slot-b'))).toEqual([]);
  });

  it('waits for the calls before it', async () => {
    const calls = [write(1), store.read(), write(2), write(3), store.head()];
    const found = await Promise.all(calls);
    expect(found.map((one) => one?.state.step)).toEqual([1, 1, 2, 3, 3]);
  });

  it('that the disk refuses is io, with the file', async () => {
    await write(1);
    await rm(join(folder, 'slot-b'), { recursive: true, force: true });
    await writeFile(join(folder, 'slot-b'), 'a file');
    expect(await rejection(write(2))).toMatchObject({ code: 'io', file: join(folder, 'slot-b') });
    await rm(join(folder, 'slot-b'));
    await mkdir(join(folder, 'slot-b/own'), { recursive: true });
    expect(await rejection(write(2))).toMatchObject({ code: 'io' });
    await access(join(folder, 'slot-b/own'));
    expect((await store.head())?.state.step).toBe(1);
  });
});

describe('writers', () => {
  it('are one at a time, in a process', async () => {
    for (const path of [folder, `${folder}/`, join(folder, 'x/..')]) {
      const error = await rejection(openCheckpoints(path));
      expect(error).toMatchObject({ code: 'busy', file: join(folder, 'LOCK') });
    }
    await write(1);
    using reader = await openCheckpoints(folder, { readOnly: true });
    expect((await reader.head())?.state.step).toBe(1);
    expect(await rejection(reader.write(filesOf(1), { step: 1 })))
      .toMatchObject({ code: 'invalid_argument', argument: 'readOnly' });
    await write(2);
    expect((await reader.read())?.state.step).toBe(2);
    store.dispose();
    store = await openCheckpoints(folder);
    expect((await store.head())?.state.step).toBe(2);
  });

  it('also of a link to the folder', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    expect(await rejection(openCheckpoints(link))).toMatchObject({ code: 'busy' });
    await rm(link);
  });

  it('that ended without a word, or never wrote their names down, are not waited for', async () => {
    const lock = join(folder, 'LOCK');
    const mine = JSON.parse(await readFile(lock, 'utf8')) as Record<string, unknown>;
    store.dispose();
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    for (const text of [
      JSON.stringify({ ...mine, pid: ended }), '', '{"pid":', JSON.stringify({ ...mine, start: 'then' }),
    ]) {
      await writeFile(lock, text);
      store = await openCheckpoints(folder);
      store.dispose();
    }
    await writeFile(lock, JSON.stringify({ ...mine, host: `not-${hostname()}` }));
    expect(await rejection(openCheckpoints(folder))).toMatchObject({ code: 'busy', file: lock });
    await rm(lock);
  });

  it('whose lock was taken away are told before they harm anything', async () => {
    await write(1);
    await writeFile(join(folder, 'LOCK'), '{}');
    expect(await rejection(write(2))).toMatchObject({ code: 'busy' });
    expect((await store.head())?.state.step).toBe(1);
    store.dispose();
    // Another's lock stays.
    await rejection(openCheckpoints('/dev/null/x'));
    expect(await readFile(join(folder, 'LOCK'), 'utf8')).toBe('{}');
  });
});

it('a store that was disposed of says so, and ends a write under way', async () => {
  await write(1);
  const checkpoint = await store.read();
  const writing = store.write({ a: bytes(6 << 20, 1) }, { step: 2 }, {
    onProgress: () => store.dispose(),
  });
  expect(await rejection(writing)).toMatchObject({ code: 'disposed' });
  store.dispose();
  for (const call of [() => store.head(), () => store.read(), () => write(2),
    () => checkpoint?.files['record.json']?.whole() as Promise<unknown>]) {
    expect(await rejection(call())).toMatchObject({ code: 'disposed' });
  }
  store = await openCheckpoints(folder);
  expect(await expectStep(1)).toEqual([]);
});

it('what is not there is not made to be read', async () => {
  const path = join(folder, 'nowhere');
  expect(await rejection(openCheckpoints(path, { readOnly: true })))
    .toMatchObject({ code: 'not_found', file: path });
  expect(await rejection(access(path))).toBeDefined();
  expect(await rejection(openCheckpoints('/dev/null/x'))).toMatchObject({ code: 'io' });
});

it('version 1 is read', async () => {
  using old = await openCheckpoints(join(root, 'fixtures/runs/checkpoint-v1'), { readOnly: true });
  const checkpoint = await old.read();
  expect(checkpoint).toMatchObject({ sequence: 2, slot: 'b', passedOver: [] });
  expect(checkpoint?.state).toEqual({
    step: 20, weightsHash: 'ab'.repeat(32), positions: { dropout: 640, shuffle: 20 },
    cursor: { version: 1, position: 160 }, extra: { note: 'of version 1' },
  });
  const text = await checkpoint?.files['record.json']?.whole();
  expect(JSON.parse(new TextDecoder().decode(text))).toEqual({ losses: [3.5, 3.25] });
});
