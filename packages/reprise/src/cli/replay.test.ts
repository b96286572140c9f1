// `reprise generate --record`, `replay`, `manifest` and `verify` as a user runs them.
import { execFileSync } from 'node:child_process';
import {
  cp, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { reprise, storyModel } from '../testing/run-command.js';

let work: string;
let record: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'reprise-replay-'));
  record = join(work, 'run.json');
  const made = await reprise(['generate', '--prompt', 'Once upon a time', '--seed', '42',
    '--max-tokens', '20', '--record', record]);
  expect(made.code).toBe(0);
});
afterAll(() => rm(work, { recursive: true }));

/** The record with some of it replaced, in a file of that name. */
async function altered(name: string, change: (record: Record<string, unknown>) => void) {
  const json = JSON.parse(await readFile(record, 'utf8')) as Record<string, unknown>;
  change(json);
  const file = join(work, name);
  await writeFile(file, JSON.stringify(json));
  return file;
}

describe('reprise replay', () => {
  it('says identical, with the built-in model, a folder, and other threads', async () => {
    for (const words of [[], ['--model', storyModel], ['--threads', '3'], ['--threads', '1']]) {
      const { code, stdout } = await reprise(['replay', record, ...words]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^identical: 20 tokens of run /)]);
    }
  });

  it('finds the model beside the record', async () => {
    const folder = join(work, 'beside');
    await cp(storyModel, join(folder, 'stories-260k'), { recursive: true });
    await cp(record, join(folder, 'run.json'));
    expect((await reprise(['replay', join(folder, 'run.json'), '--json'])).code).toBe(0);
    const other = await altered('other.json', (json) => {
      (json.inputs as { model: string }).model = 'nowhere';
    });
    expect(await reprise(['replay', other])).toMatchObject({
      code: 1, stderr: expect.stringContaining('name its folder with --model') as string,
    });
  });

  it('takes no config.json of something else for the model', async () => {
    const folder = join(work, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'config.json'), '{"name":"my app"}');
    await cp(record, join(folder, 'run.json'));
    expect(await reprise(['replay', join(folder, 'run.json')])).toMatchObject({
      code: 0, stdout: expect.stringMatching(/^identical/) as string,
    });
  });

  it('tells what of an identical run was not compared', async () => {
    const file = join(work, 'unverified.json');
    await reprise(['generate', '--model', storyModel, '--verify', 'off', '--seed', '1', '--max-tokens', '3',
      '--prompt', 'Tom', '--record', file]);
    expect(await reprise(['replay', file, '--model', storyModel])).toMatchObject({
      code: 0, stdout: expect.stringMatching(/^identical.*\n {2}.*weights were not hashed/) as string,
    });
  });

  it('writes through a link and into a pipe, and refuses a folder before the work', async () => {
    const words = ['generate', '--prompt', 'Tom', '--seed', '1', '--max-tokens', '3', '--record'];
    const [link, target, pipe] = ['link.json', 'target.json', 'pipe'].map((name) => join(work, name)) as
      [string, string, string];
    await writeFile(target, 'before');
    await symlink(target, link);
    expect((await reprise([...words, link])).code).toBe(0);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const made = await readFile(target, 'utf8');
    expect(JSON.parse(made)).toMatchObject({ kind: 'generate' });
    execFileSync('mkfifo', [pipe]);
    const [{ code }, piped] = await Promise.all([reprise([...words, pipe]), readFile(pipe, 'utf8')]);
    expect(code).toBe(0);
    expect(JSON.parse(piped)).toMatchObject({ kind: 'generate' });
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect(await reprise([...words, work])).toMatchObject({
      code: 1, stdout: '', stderr: expect.stringContaining('found a folder') as string,
    });
  });

  it('takes a bundle, which has the model in it', async () => {
    const file = join(work, 'run.zip');
    const made = await reprise(['generate', '--model', storyModel, '--prompt', 'Tom', '--seed', '1',
      '--max-tokens', '9', '--bundle', file]);
    expect(made.code).toBe(0);
    const { code, stdout } = await reprise(['replay', file]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^identical: 9 tokens of run /)]);
  });

  it('says where it differs, and exits with 1', async () => {
    const file = await altered('changed.json', (json) => {
      (json.outputIds as number[])[4] = 7;
    });
    const plain = await reprise(['replay', file]);
    expect(plain.code).toBe(1);
    expect(plain.stdout).toMatch(/^differs: 20 tokens.*\n {2}first at token 4: recorded 7, found /);
    const { code, stdout } = await reprise(['replay', file, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'differs', firstDifference: { at: 4, unit: 'token', recorded: 7 },
    });
  });

  it('refuses other weights, and runs them where it is told to', async () => {
    const folder = join(work, 'other');
    await cp(storyModel, folder, { recursive: true });
    const file = join(folder, 'model.safetensors');
    const weights = await readFile(file);
    weights[weights.length - 2] = 0x41;
    await writeFile(file, weights);
    const verified = await reprise(['replay', record, '--model', folder, '--json']);
    expect(JSON.parse(verified.stderr)).toMatchObject({
      error: { code: 'hash_mismatch', fields: { file: 'model.safetensors' } },
    });
    await rm(join(folder, 'manifest.json'));
    const refused = await reprise(['replay', record, '--model', folder, '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { code: 'hash_mismatch', fields: { argument: 'weights' } },
    });
    const told = await reprise(
      ['replay', record, '--model', folder, '--allow-other-inputs', '--json']);
    expect(JSON.parse(told.stdout)).toMatchObject({
      compared: 20, reasons: [{ kind: 'weights' }],
    });
  });

  it.each([
    [[], 'expected one record'],
    [['a', 'b'], 'expected one record'],
    [['absent.json'], 'There is no file'],
  ])('refuses %j', async (words, text) => {
    const { code, stderr } = await reprise(['replay', ...words]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(text);
  });

  it('writes the record only where it can', async () => {
    const { code, stderr } = await reprise(
      ['generate', '--prompt', 'x', '--record', join(work, 'no/where.json')]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('could not be written')]);
  });
});

describe('reprise manifest and verify', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(work, 'model');
    await cp(storyModel, folder, { recursive: true });
    await rm(join(folder, 'manifest.json'));
  });

  it('write down a folder and hold it against that', async () => {
    expect(await reprise(['verify', folder])).toMatchObject({ code: 1 });
    const { code, stdout } = await reprise(['manifest', folder, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
      .toEqual(JSON.parse(stdout));
    const verified = await reprise(['verify', folder]);
    expect(verified.stdout).toMatch(/^[0-9a-f]{64} {2}config\.json[^]*verified: 5 files\n$/);
    const file = join(folder, 'tokenizer.json');
    await writeFile(file, `${await readFile(file, 'utf8')} `);
    const changed = await reprise(['verify', folder, '--json']);
    expect(changed.code).toBe(1);
    expect(JSON.parse(changed.stderr)).toMatchObject({ error: {
      code: 'hash_mismatch',
      fields: {
        file: 'tokenizer.json', expected: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        found: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    } });
    const generate = await reprise(['generate', '--model', folder, '--prompt', 'x', '--json']);
    expect(JSON.parse(generate.stderr)).toMatchObject({ error: { code: 'hash_mismatch' } });
    const off = ['--verify', 'off', '--max-tokens', '2'];
    expect((await reprise(['generate', '--model', folder, '--prompt', 'x', ...off])).code).toBe(0);
  });

  it('can write elsewhere, and take a manifest from there', async () => {
    const { stdout } = await reprise(['manifest', storyModel, '-o', '-']);
    const file = join(work, 'm.json');
    await writeFile(file, stdout);
    expect((await reprise(['verify', storyModel, '--manifest', file])).code).toBe(0);
    expect((await reprise(['verify', storyModel, '--manifest', record])).stderr)
      .toContain('$.format must be');
    // The same strict reader as for the folder's own.
    await writeFile(file, stdout.replace('"sha256"', '"sha256":"","sha256"'));
    expect((await reprise(['verify', storyModel, '--manifest', file])).stderr).toContain('m.json');
    expect((await reprise(['verify', storyModel, '--manifest', file, '--json'])).stderr)
      .toContain('invalid_json');
    expect((await reprise(['manifest', 'https://example.org/model'])).stderr).toContain('needs -o');
    expect((await reprise(['manifest', join(work, 'absent')])).code).toBe(1);
  });
});
