// The reference material: found, linked or unpacked, and demanded where it is required.
import { spawnSync } from 'node:child_process';
import {
  existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { referencePath } from '../support/reference.mjs';

const script = join(import.meta.dirname, '../../tools/link-reference');
const parts = ['stories260K', 'tokenizers', 'conformance',
  ...['llama', 'llama-tied-mha', 'mistral', 'gpt2'].map((name) => `models/${name}`)];

let home: string;
let checkout: string;
let material: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'reprise-reference-')));
  checkout = join(home, 'checkout');
  material = join(home, 'material');
  mkdirSync(checkout);
  for (const part of parts) mkdirSync(join(material, part), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true }));

/** Runs the script in the checkout; with `from`, REPRISE_REFERENCE names that folder. */
function link(from: string | undefined, required = false): { code: number | null; words: string } {
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(script, {
    cwd: checkout,
    encoding: 'utf8',
    env: {
      PATH,
      ...(from === undefined ? {} : { REPRISE_REFERENCE: from }),
      ...(required ? { REPRISE_REQUIRE_REFERENCE: '1' } : {}),
    },
  });
  return { code: status, words: stdout + stderr };
}
const linked = () => realpathSync(join(checkout, '.reference'));

describe('tools/link-reference', () => {
  it('links to the folder that is named, and to another one later', () => {
    mkdirSync(join(home, 'other'));
    expect(link(join(home, 'other')).code).toBe(0);
    expect(linked()).toBe(join(home, 'other'));
    expect(link(material, true)).toEqual({ code: 0, words: '' });
    expect(linked()).toBe(material);
    expect(readdirSync(join(home, 'other'))).toEqual([]);
  });

  it('leaves a folder that was unpacked as it is, and says so', () => {
    mkdirSync(join(checkout, '.reference'));
    const { code, words } = link(material);
    expect(code).toBe(1);
    expect(words).toContain('.reference is a folder');
    expect(readdirSync(join(checkout, '.reference'))).toEqual([]);
    // Unless it is itself what is named.
    expect(link('.reference').code).toBe(0);
    expect(lstatSync(join(checkout, '.reference')).isDirectory()).toBe(true);
  });

  it('unpacks into a folder of its own, never through a link', () => {
    const unpack = join(home, 'shared/reference/unpack');
    mkdirSync(join(home, 'shared/reference'), { recursive: true });
    writeFileSync(unpack, '#!/bin/sh\nmkdir -p "$1/unpacked"\n', { mode: 0o755 });
    symlinkSync(material, join(checkout, '.reference'));
    expect(link(undefined).code).toBe(0);
    expect(linked()).toBe(join(checkout, '.reference'));
    expect(existsSync(join(material, 'unpacked'))).toBe(false);
  });

  it('fails where something required is missing, and says so where it is not', () => {
    expect(link(join(home, 'nowhere')).code).toBe(1);
    expect(link(undefined)).toMatchObject({ code: 0, words: expect.stringContaining('No reference') });
    expect(link(undefined, true).code).toBe(1);
    rmSync(join(material, 'models/gpt2'), { recursive: true });
    const { code, words } = link(material, true);
    expect(code).toBe(1);
    expect(words).toContain('models/gpt2');
  });
});

describe('a part that is missing', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('fails the test that asks for it where it is required', () => {
    vi.stubEnv('REPRISE_REQUIRE_REFERENCE', '0');
    expect(referencePath('models/nothing')).toBeUndefined();
    vi.stubEnv('REPRISE_REQUIRE_REFERENCE', '1');
    expect(() => referencePath('models/nothing')).toThrow(/models\/nothing/);
  });
});
