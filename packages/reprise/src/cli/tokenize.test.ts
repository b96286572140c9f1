// `reprise tokenize` and `reprise detokenize`: single texts, JSON Lines, and lines that are wrong.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { onceUponATime, reprise, shell, storyModel, tokenizers } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-tokenize-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
const parseLines = (text: string): unknown[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));

describe('one text', () => {
  const tokenize = ['tokenize', '--tokenizer', storyModel];
  const plain = onceUponATime.ids.slice(1);

  it('becomes ids between commas', async () => {
    const { code, stdout, stderr } = await reprise([...tokenize, onceUponATime.prompt]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${plain.join(',')}\n`,
      stderr: '',
    });
  });

  it('with special tokens, from standard input, as JSON, of a tokenizer.json', async () => {
    const file = join(storyModel, 'tokenizer.json');
    const words = ['tokenize', '--tokenizer', file, '--special', '--json'];
    const { stdout } = await reprise(words, { input: onceUponATime.prompt });
    expect(JSON.parse(stdout)).toEqual({ ids: onceUponATime.ids });
  });

  it('may begin with a dash', async () => {
    const { code, stdout } = await reprise([...tokenize, '--', '--json']);
    expect(code).toBe(0);
    const back = await reprise(['detokenize', '--tokenizer', storyModel, stdout.trim()]);
    expect(back.stdout.trim()).toBe('--json');
  });

  it('comes back from its ids', async () => {
    const words = ['detokenize', '--tokenizer', storyModel];
    const { stdout } = await reprise([...words, onceUponATime.ids.join(',')]);
    expect(stdout).toBe(`${onceUponATime.prompt}\n`);
    const special = await reprise([...words, '--special', '--json', onceUponATime.ids.join(' ')]);
    expect((JSON.parse(special.stdout) as { text: string }).text).toMatch(/^<s>/);
  });

  it('with offsets, a token a line', async () => {
    const words = [...tokenize, '--special', '--offsets'];
    const { stdout } = await reprise([...words, onceUponATime.prompt]);
    expect(stdout).toBe(
      '1\t0\t0\t""\n403\t0\t4\t"Once"\n407\t4\t9\t" upon"\n261\t9\t11\t" a"\n' +
        '378\t11\t16\t" time"\n',
    );
    const json = await reprise([...words, '--json', 'Once']);
    expect(JSON.parse(json.stdout)).toEqual({
      ids: [1, 403],
      removed: 0,
      offsets: { utf16: [0, 0, 0, 4], bytes: [0, 0, 0, 4] },
    });
  });

  it('truncated, padded, with special tokens as text', async () => {
    const short = await reprise([...tokenize, '--max-length', '2', onceUponATime.prompt]);
    expect(short.stdout).toBe(`${plain.slice(0, 2).join(',')}\n`);
    expect(short.stderr).toBe('2 tokens were removed\n');
    const left = ['--max-length', '2', '--truncate-left', '--pad-to', '3', '--pad-token', '<unk>'];
    const padded = await reprise([...tokenize, ...left, '--json', onceUponATime.prompt]);
    expect(JSON.parse(padded.stdout)).toEqual({
      ids: [...plain.slice(2), 0],
      removed: 2,
      attentionMask: [1, 1, 0],
    });
    const token = await reprise([...tokenize, '<s>']);
    expect(token.stdout).toBe('1\n');
    const allowed = await reprise([...tokenize, '--allow-special', '<s>', '<s>']);
    expect(allowed.stdout).toBe('1\n');
    const text = await reprise([...tokenize, '--allow-special', 'none', '<s>']);
    expect(text.stdout.split(',').length).toBeGreaterThan(2);
    const wrong = await reprise([...tokenize, '--allow-special', 'nope', '<s>']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('allowSpecial');
    const alone = await reprise([...tokenize, '--truncate-left', 'a']);
    expect(alone.stderr).toContain('--truncate-left needs --max-length');
  });

  it('that is not UTF-8 is refused', async () => {
    const { code, stderr } = await reprise(tokenize, { input: Uint8Array.of(0x61, 0xff) });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'reprise: standard input: expected UTF-8, found other bytes (invalid_argument)\n',
    );
  });
});

describe('JSON Lines', () => {
  const strings = JSON.parse(readFileSync(join(tokenizers, 'strings.json'), 'utf8')) as string[];
  const file = fileOf('strings.jsonl', lines(strings));

  it.each(['gpt2-cut', 'smollm-cut'])('%s gives every line its ids and text', async (name) => {
    const path = join(tokenizers, name, 'expected.json');
    const expected = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown[]>;
    const words = ['--tokenizer', join(tokenizers, name), '--jsonl'];
    const plain = await reprise(['tokenize', ...words, file]);
    expect(plain.code).toBe(0);
    expect(parseLines(plain.stdout)).toEqual(expected.ids);
    const special = await reprise(['tokenize', ...words, file, '--special']);
    expect(parseLines(special.stdout)).toEqual(expected.ids_special);

    const ids = fileOf(`${name}.jsonl`, special.stdout);
    const decoded = await reprise(['detokenize', ...words, ids, '--special']);
    expect(parseLines(decoded.stdout)).toEqual(expected.decoded);
    const skipped = await reprise(['detokenize', ...words, ids]);
    expect(parseLines(skipped.stdout)).toEqual(expected.decoded_skip);
  });

  const tokenizer = ['--tokenizer', storyModel, '--jsonl'];

  it('takes standard input, CRLF, a byte order mark, and a last line without an end', async () => {
    const input = '\ufeff"Once"\r\n"upon a"\r\n""\r\n"time"';
    const { code, stdout } = await reprise(['tokenize', ...tokenizer, '-'], { input });
    expect(code).toBe(0);
    expect(parseLines(stdout)).toHaveLength(4);
    expect(stdout).toMatch(/^\[403\]\n/);
    expect(parseLines(stdout)[2]).toEqual([]);
  });

  it('of an empty file is empty', async () => {
    const { code, stdout } = await reprise(['tokenize', ...tokenizer, fileOf('empty.jsonl', '')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it('takes a line of 4 MB', async () => {
    const text = 'Once upon a time there was a dog. '.repeat(4e6 / 34);
    const { code, stdout } = await reprise([
      'tokenize',
      ...tokenizer,
      fileOf('long', lines([text])),
    ]);
    expect(code).toBe(0);
    expect((parseLines(stdout)[0] as number[]).length).toBeGreaterThan(4e5);
  });

  const wrong: [string, string | Uint8Array, string, string][] = [
    ['what is not JSON', '"a"\n"b"\n"c\n', ':3: not JSON: "\\"c"', 'invalid_json'],
    [
      'an empty line',
      '"a"\n\n"b"\n',
      ':2: expected a JSON value, found an empty line',
      'invalid_json',
    ],
    ['another value', '"a"\n["b"]\n', ':2: expected a JSON string, found an array', 'invalid_json'],
    ['null', 'null\n', ':1: expected a JSON string, found null', 'invalid_json'],
    ['bytes', Buffer.from('"a"\n"\xff"\n', 'latin1'), ':2: expected UTF-8', 'invalid_argument'],
  ];
  it.each(wrong)('names the line of %s', async (name, content, message, code) => {
    const path = fileOf(`${name}.jsonl`, content);
    const found = await reprise(['tokenize', ...tokenizer, path, '--json']);
    expect(found.code).toBe(1);
    const { error } = JSON.parse(found.stderr) as {
      error: { code: string; message: string; fields: Record<string, unknown> };
    };
    expect(error.code).toBe(code);
    expect(error.message).toContain(`${path}${message}`);
    const line = Number(/^:(\d+)/.exec(message)?.[1]);
    expect(error.fields).toEqual({ file: path, line });
    // The lines before it were done.
    expect(parseLines(found.stdout)).toHaveLength(line - 1);
  });

  it('names the line of ids that are none, or outside the vocabulary', async () => {
    const ids = fileOf('ids.jsonl', '[1]\n[1, 2.5]\n');
    const form = await reprise(['detokenize', ...tokenizer, ids]);
    expect(form.code).toBe(1);
    expect(form.stderr).toContain(`${ids}:2: expected a JSON array of token ids`);
    const outside = fileOf('outside.jsonl', '[1]\n[1]\n[4, 99999]\n');
    const range = await reprise(['detokenize', ...tokenizer, outside]);
    expect(range.code).toBe(1);
    expect(range.stderr).toContain(`${outside}:3: `);
    expect(range.stderr).toContain('(token_out_of_range)');
  });

  it('that is a folder, or is not there', async () => {
    const isFolder = await reprise(['tokenize', ...tokenizer, folder]);
    expect(isFolder.code).toBe(1);
    expect(isFolder.stderr).toBe(`reprise: ${folder}: expected a file, found a folder (io)\n`);
    const absent = await reprise(['tokenize', ...tokenizer, '/nowhere']);
    expect(absent.code).toBe(1);
    expect(absent.stderr).toBe('reprise: /nowhere: no such file (not_found)\n');
  });

  it('Ctrl-C while standard input is still open ends with 130', async () => {
    const input = lines(Array<string>(20000).fill('Once upon a time'));
    const found = await reprise(['tokenize', ...tokenizer, '-'], {
      input,
      keepOpen: true,
      onOutput: (child) => child.kill('SIGINT'),
    });
    expect(found.code).toBe(130);
    expect(found.stderr).toBe('reprise: standard input: interrupted while it was read (aborted)\n');
  });

  it('ends quietly where its reader goes away', async () => {
    const many = fileOf('many.jsonl', lines(Array<string>(50000).fill('Once upon a time')));
    const { stdout, stderr } = await shell(
      `$REPRISE tokenize --tokenizer ${storyModel} --jsonl ${many} | head -n 1; ` +
        'echo "${PIPESTATUS[0]}"',
    );
    expect(stdout).toBe(`[${onceUponATime.ids.slice(1).join(',')}]\n0\n`);
    expect(stderr).toBe('');
  });
});

describe('a tokenizer that is not usable', () => {
  it('is not JSON', async () => {
    const file = fileOf('tokenizer.json', '{"model": ');
    const { code, stderr } = await reprise(['tokenize', '--tokenizer', file, 'a']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^reprise: [^\n]*tokenizer\.json[^\n]*\(invalid_json\)\n$/);
  });

  it('is not there', async () => {
    const { code, stderr } = await reprise(['tokenize', '--tokenizer', '/nowhere', 'a']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^reprise: [^\n]*\/nowhere[^\n]* \(not_found\)\n$/);
  });
});
