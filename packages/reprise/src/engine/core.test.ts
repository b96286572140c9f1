// What becomes of an instance that trapped, was closed or has no memory left.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bareModule } from './bare-module.js';
import { type BuildFiles, loadModule } from './builds.js';
import { Core } from './core.js';

const built = (name: string): string => new URL(`../../dist/wasm/${name}`, import.meta.url).href;
const files: BuildFiles = {
  wasmUrl: () => built('tokenizer.wasm'),
  glue: async () => ({ default: bareModule }),
};
const machine = { hardwareThreads: 1, noThreads: undefined };

describe('a core', () => {
  it('that trapped says so, and that it is poisoned ever after', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    const core = new Core(module, 1, lines);
    expect(core.call('info')).toBe(0);
    // An address outside linear memory.
    expect(() => core.call('tokenizer_create', 0xfffffff0, 1000, 0, 0))
      .toThrow(expect.objectContaining({ code: 'internal' }));
    expect(core.isOpen).toBe(false);
    expect(() => core.call('info')).toThrow(expect.objectContaining({ code: 'poisoned' }));
  });

  it('that was closed says so', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    const core = new Core(module, 1, lines);
    core.close();
    core.close();
    expect(() => core.call('info')).toThrow(expect.objectContaining({ code: 'disposed' }));
  });

  it('without memory for an encoding says so, and goes on', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    const core = new Core(module, 1, lines);
    const file = '../../../../fixtures/tokenizers/gpt2-cut/tokenizer.json';
    const json = readFileSync(new URL(file, import.meta.url));
    const tokenizer = core.call('tokenizer_create', json, 'tokenizer.json');
    const text = 'It is all there. '.repeat(20_000) + 'x'.repeat(60_000);
    const options = JSON.stringify({ offsets: true });
    const encode = (): Uint32Array => {
      core.call('tokenizer_encode_with', tokenizer, text, options);
      return core.ids();
    };
    const expected = encode();
    // Pieces that are given back one by one, and all other memory.
    const pieces = Array.from({ length: 60 }, () => module._malloc(2 ** 20));
    for (let bytes = 2 ** 30; bytes >= 2 ** 14; bytes /= 2) while (module._malloc(bytes) !== 0);
    module._free(pieces.shift() as number);
    const refused: string[] = [];
    let found: Uint32Array | undefined;
    while (found === undefined && pieces.length > 0) {
      try {
        found = encode();
      } catch (error) {
        expect(error).toMatchObject({ code: 'out_of_memory' });
        refused.push((error as Error).message);
        module._free(pieces.shift() as number);
      }
    }
    expect(found?.join()).toBe(expected.join());
    expect(refused.filter((message) => message.startsWith('an array needs')).length)
      .toBeGreaterThan(3);
    core.close();
  });

  it('takes texts as their UTF-8, whatever they hold', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    const core = new Core(module, 1, lines);
    const file = '../../../../fixtures/tokenizers/gpt2-cut/tokenizer.json';
    const json = readFileSync(new URL(file, import.meta.url));
    const tokenizer = core.call('tokenizer_create', json, 'tokenizer.json');
    const ids = (text: string | Uint8Array): string => {
      core.call('tokenizer_encode', tokenizer, text, 0);
      return core.ids().join();
    };
    let state = 1;
    const below = (limit: number): number =>
      (state = (state * 48271) % 0x7fffffff) % limit;
    const parts = ['a', 'plain text of more than sixteen letters ', 'é', 'слово', '漢字', '\uffff', '😀',
      '\ud83d', '\ude00', '\0'];
    for (let round = 0; round < 2000; round++) {
      // The last ones are longer than what is kept for short calls.
      const count = round < 1990 ? below(30) : 20_000;
      const text = Array.from({ length: count }, () => parts[below(parts.length)]).join('');
      expect(ids(text)).toBe(ids(new TextEncoder().encode(text)));
    }
    // What is kept has room for their UTF-8, not for three bytes a unit.
    for (const count of [21_840, 21_845, 21_846, 30_000, 65_000]) {
      const text = 'story '.repeat(count / 6).padEnd(count, 'y');
      expect(ids(text), `${count}`).toBe(ids(new TextEncoder().encode(text)));
    }
    core.close();
  });

  it('that trapped leaves other instances alone', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    expect(new Core(module, 1, lines).call('info')).toBe(0);
  });
});
