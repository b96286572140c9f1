// What becomes of an instance that trapped or was closed.
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

  it('that trapped leaves other instances alone', async () => {
    const { module, lines } = await loadModule(files, machine, 1, undefined);
    expect(new Core(module, 1, lines).call('info')).toBe(0);
  });
});
