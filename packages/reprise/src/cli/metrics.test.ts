// `reprise metrics`: texts from files, an option and standard input, as a table and as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { TokenizerMetrics } from '../index.js';
import { reprise, storyModel } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-metrics-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const metrics = ['metrics', '--tokenizer', storyModel];
async function measured(words: readonly string[], input?: string): Promise<TokenizerMetrics> {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await reprise([...metrics, '--json', ...words], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as TokenizerMetrics;
}

const text = 'Once upon a time\n\n日本\r\nlast';
const book = fileOf('book.txt', text);

describe('metrics --json', () => {
  it('measures a file, the option and standard input alike', async () => {
    const found = await measured([book]);
    expect(found).toMatchObject({ texts: 1, bytes: 30, characters: 26, words: 6 });
    expect(found.coverage).toMatchObject({ unknownTokens: 0, byteFallbackTokens: 10 });
    expect(Object.keys(found.fertility.byScript)).toEqual(['Han', 'Latin']);
    expect(found.longest[0]).toEqual({ id: 378, token: '▁time' });
    expect(await measured(['--text', text])).toEqual(found);
    expect(await measured([], text)).toEqual(found);
    expect(await measured(['-'], text)).toEqual(found);
  });

  it('takes each line as a text, without its end', async () => {
    const found = await measured(['--by-line', book]);
    expect(found).toMatchObject({ texts: 4, bytes: 26, characters: 22, words: 6 });
    expect(await measured(['--by-line', '--text', text])).toEqual(found);
    expect(await measured(['--by-line'], text)).toEqual(found);
  });

  it('adds files up', async () => {
    const once = await measured([book]);
    const twice = await measured([book, fileOf('again.txt', text)]);
    expect(twice).toMatchObject({ texts: 2, bytes: 60, tokens: 2 * once.tokens });
    expect(twice.entropy).toEqual(once.entropy);
    expect(twice.mostFrequent[0]?.count).toBe(2 * (once.mostFrequent[0]?.count ?? 0));
  });
});

describe('metrics', () => {
  it('writes a table', async () => {
    const { code, stdout, stderr } = await reprise([...metrics, '--text', 'Once upon a time, 日']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'texts                               1',
        'bytes                              21',
        'characters                         19',
        'words                               5',
        'tokens                              9',
        'Coverage',
        '  text                        85.71 %',
        '  vocabulary                   1.76 %',
        '  unknown tokens                    0',
        '  byte fallback tokens              3',
        'Entropy',
        '  bits per token                3.170',
        '  normalized, 0 to 1            0.352',
        'Compression',
        '  bytes per token               2.333',
        'Fertility: tokens            per word  per character',
        '  all                           1.800          0.474',
        '  Han                           3.000          3.000',
        '  Latin                         1.250          0.357',
        'Longest tokens: id, token',
        '       378  "▁time"',
        '       403  "▁Once"',
        '       407  "▁upon"',
        '       261  "▁a"',
        '       154  "<0x97>"',
        '       168  "<0xA5>"',
        '       233  "<0xE6>"',
        '       410  "▁"',
        '       432  ","',
        'Most frequent tokens: number, share, id, token',
        '         1   11.11 %       154  "<0x97>"',
        '         1   11.11 %       168  "<0xA5>"',
        '         1   11.11 %       233  "<0xE6>"',
        '         1   11.11 %       261  "▁a"',
        '         1   11.11 %       378  "▁time"',
        '         1   11.11 %       403  "▁Once"',
        '         1   11.11 %       407  "▁upon"',
        '         1   11.11 %       410  "▁"',
        '         1   11.11 %       432  ","',
        '',
      ].join('\n'),
    );
  });

  it('ends with code 130 where it is interrupted', async () => {
    const lines = 'Once upon a time there was a dog. \n'.repeat(400_000);
    const file = fileOf('many.txt', lines);
    const { code, stdout, stderr } = await reprise(
      [...metrics, '--by-line', '-', file, file, file],
      { input: lines, onInputRead: (child) => setTimeout(() => child.kill('SIGINT'), 200) },
    );
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^reprise: [^\n]* \(aborted\)\n$/);
  });

  it('refuses what it cannot read', async () => {
    const cases: [string[], number, string][] = [
      [[join(folder, 'none.txt')], 1, 'none.txt: no such file (not_found)'],
      [[fileOf('bad.txt', Uint8Array.of(0x61, 0x0a, 0xff))], 1, 'bad.txt: expected UTF-8'],
      [['--by-line', join(folder, 'bad.txt')], 1, 'bad.txt:2: expected UTF-8'],
      [[folder], 1, 'expected a file, found a folder'],
    ];
    for (const [words, expectedCode, message] of cases) {
      const { code, stdout, stderr } = await reprise([...metrics, ...words]);
      expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr.split('\n')).toHaveLength(2);
    }
  });
});
