// The command line's form: help, versions, wrong arguments, and how failures are reported.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { reprise, repository, shell, storyModel } from '../testing/run-command.js';

const commands = [
  'capabilities', 'generate', 'score', 'tokenize', 'detokenize', 'metrics', 'train-tokenizer',
  'config',
];

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await reprise(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(commands)('of %s has its options and examples', async (name) => {
    const [asOption, asCommand] = await Promise.all([
      reprise([name, '--help']),
      reprise(['help', name]),
    ]);
    expect(asOption.code).toBe(0);
    expect(asOption.stdout).toContain(`Usage: reprise ${name} `);
    expect(asOption.stdout).toContain('--json');
    expect(asOption.stdout).toMatch(/Examples:\n  reprise /);
    expect(asCommand.stdout).toBe(asOption.stdout);
    for (const line of asOption.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
  });

  it('tells the version of the package', async () => {
    const file = readFileSync(`${repository}/packages/reprise/package.json`, 'utf8');
    const { version } = JSON.parse(file) as { version: string };
    expect(await reprise(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong arguments end with code 2 and one line that names them', () => {
  const cases: [string[], string][] = [
    [[], 'expected a command'],
    [['frobnicate'], 'unknown command "frobnicate"'],
    [['toString'], 'unknown command "toString"'],
    [['help', 'frobnicate'], 'unknown command "frobnicate"'],
    [['generate'], 'expected --prompt or --prompt-ids'],
    [['generate', '--prompt', 'a', '--prompt-ids', '1'], 'found both'],
    [['generate', 'Once'], 'expected options only, found "Once"'],
    [['generate', '--prompt', 'a', '--frobnicate'], 'unknown option --frobnicate'],
    [['generate', '--prompt'], '--prompt needs a value'],
    [['generate', '--prompt', '--quiet'], '--prompt needs a value'],
    [['generate', '--prompt', 'a', '--json=yes'], '--json takes no value'],
    [['generate', '--prompt', 'a', '--seed', '-1'], '--seed: expected a whole number'],
    [['generate', '--prompt', 'a', '--seed', '1.5'], '--seed: expected a whole number'],
    [['generate', '--prompt', 'a', '--seed', '9007199254740992'], '--seed: expected a whole'],
    [['generate', '--prompt', 'a', '--temperature', 'warm'], '--temperature: expected a number'],
    [['generate', '--prompt', 'a', '--temperature', ''], '--temperature: expected a number'],
    [['generate', '--prompt', 'a', '--top-p', 'NaN'], '--top-p: expected a number'],
    [['generate', '--prompt', 'a', '--min-p', '1e999'], '--min-p: expected a number'],
    [['generate', '--prompt', 'a', '--logit-bias', '5'], '--logit-bias: expected ID=X'],
    [['generate', '--prompt', 'a', '--logprobs', '2'], '--logprobs needs --json'],
    [['generate', '--prompt-ids', '1,x,3'], 'found "x" as number 2'],
    [['generate', '--prompt-ids', '1,,3'], 'found "" as number 2'],
    [['generate', '--prompt-ids', '1,-2'], 'found "-2" as number 2'],
    [['generate', '--prompt', 'a', '--backend', 'abacus'], '--backend: expected cpu, webgpu'],
    [['generate', '--prompt', 'a', '--prompt', 'b'], '--prompt was given more than once'],
    [['generate', '--prompt', 'a', '--seed', '1', '--seed=2'], '--seed was given more than once'],
    [['train-tokenizer', '-o', 'a', '--output', 'b'], '--output was given more than once'],
    [['generate', '--prompt', 'a', '--model', 'http://'], 'folder must be an address or a path'],
    [['capabilities', 'extra'], 'expected options only, found "extra"'],
    [['score', 'extra'], 'expected options only, found "extra"'],
    [['score'], 'expected either --tokens or --text'],
    [['score', '--tokens', '1,2', '--logits'], '--logits needs --json'],
    [['tokenize', 'a'], 'expected --tokenizer'],
    [['tokenize', '--tokenizer', storyModel, 'a', 'b'], 'expected one text'],
    [['tokenize', '--tokenizer', storyModel, 'a', '--jsonl', 'f'], 'found both'],
    [['detokenize', '--tokenizer', storyModel, 'one'], 'expected token ids'],
    [['metrics', 'a.txt'], 'expected --tokenizer'],
    [['metrics', '--tokenizer', storyModel, '--text', 'a', 'b.txt'], 'found both'],
  ];
  it.each(cases)('%j', async (words, message) => {
    const { code, stdout, stderr } = await reprise(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^reprise: [^\n]* \(invalid_argument\)\n$/);
    expect(stderr).toContain(message);
  });

  it('a value out of the range that the package states', async () => {
    const { code, stderr } = await reprise(['generate', '--prompt', 'a', '--temperature', '-1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^reprise: [^\n]*temperature[^\n]* \(invalid_argument\)\n$/);
  });

  it('errors are JSON with --json', async () => {
    const { code, stdout, stderr } = await reprise(['score', '--json', '--tokens', '1,x']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'invalid_argument',
        message: expect.stringContaining('found "x" as number 2') as string,
        fields: { argument: '--tokens' },
      },
    });
  });
});

describe('failures end with code 1', () => {
  it('a folder that is not there', async () => {
    const words = ['generate', '--model', '/nowhere/at-all', '--prompt', 'a'];
    const { code, stdout, stderr } = await reprise(words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^reprise: [^\n]*\/nowhere\/at-all[^\n]* \(not_found\)\n$/);
  });

  it('ids outside the vocabulary, as JSON', async () => {
    const { code, stderr } = await reprise(['score', '--tokens', '1,512', '--json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(stderr) as { error: { code: string } };
    expect(error.code).toBe('token_out_of_range');
  });

  it('a disk that is full', async () => {
    const { code, stderr } = await shell('$REPRISE --help > /dev/full');
    expect(code).toBe(1);
    expect(stderr).toBe('reprise: standard output: could not be written (ENOSPC) (io)\n');
  });
});

describe('capabilities', () => {
  it('in words', async () => {
    // Without a driver Dawn itself complains on standard error.
    const driver = 'VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json';
    const { code, stdout, stderr } = await shell(`${driver} $REPRISE capabilities --threads 1`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^threads +1$/m);
    expect(stdout).toMatch(/^WebGPU +yes: \S/m);
  });

  it('as JSON', async () => {
    const { code, stdout } = await reprise(['capabilities', '--json', '--threads', '2']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      platform: 'node',
      threads: 2,
      build: { picked: 'wasm-threads' },
    });
  });
});

it('the root script runs the command from any folder', async () => {
  const { code, stdout } = await shell(`cd / && ${repository}/reprise --version`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
