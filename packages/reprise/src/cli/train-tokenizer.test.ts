// `reprise train-tokenizer`: files in, a tokenizer.json out.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { reprise, tokenizers } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-train-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string): string => join(folder, name);
const oz = join(tokenizers, 'training/oz.txt');
const trained = JSON.parse(
  readFileSync(join(tokenizers, 'training/trained.json'), 'utf8'),
) as { cases: { texts: string; options: string; sha256: string }[] };
const sha256 = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');
const bpe = ['train-tokenizer', '--model', 'bpe', '--vocab-size'];

describe('train-tokenizer', () => {
  it("writes Hugging Face's file from a text file", async () => {
    const expected = trained.cases[0]?.sha256;
    const output = inFolder('bpe.json');
    const words = [...bpe, '700', '--input', oz, '--output', output];
    const { code, stdout, stderr } = await reprise(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${output}: 700 tokens, SHA-256 ${expected}\n`);
    expect(sha256(output)).toBe(expected);
    const ids = await reprise(['tokenize', '--tokenizer', output, 'Toto the dog']);
    const text = await reprise(['detokenize', '--tokenizer', output, ids.stdout.trim()]);
    expect(text.stdout).toBe('Toto the dog\n');
  });

  it('takes several files, JSON Lines, standard input and every option', async () => {
    const lines = readFileSync(oz, 'utf8').split(/(?<=\n)/);
    const jsonl = (part: readonly string[]) => part.map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(inFolder('a.jsonl'), jsonl(lines.slice(0, 200)).join(''));
    writeFileSync(inFolder('b.jsonl'), jsonl(lines.slice(200, 400)).join(''));
    const output = inFolder('several.json');
    const options = ['--pre-tokenizer', 'metaspace', '--normalizer', 'nfkc', '--unk-token', '<unk>'];
    const special = ['<unk>', '<s>', '</s>'].flatMap((token) => ['--special-token', token]);
    const { code, stdout } = await reprise(
      [...bpe, '300', '--jsonl', '--input', inFolder('a.jsonl'), inFolder('b.jsonl'), '-',
        ...options, ...special, '-o', output, '--json'],
      { input: jsonl(lines.slice(400)).join('') },
    );
    expect(code).toBe(0);
    const { sha256: hash } = trained.cases[5] as { sha256: string };
    expect(JSON.parse(stdout)).toEqual({ file: output, vocabSize: 300, hash });
    expect(sha256(output)).toBe(hash);
  });

  it('says where the texts are too few', async () => {
    const output = inFolder('few.json');
    const words = ['--model', 'unigram', '--vocab-size', '5000', '--input', oz, '-o', output];
    const { code, stderr } = await reprise(['train-tokenizer', ...words]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The texts gave \d+ of the 5000 tokens asked for\.\n$/);
  });

  it('keeps what was there where it fails', async () => {
    const output = inFolder('kept.json');
    writeFileSync(output, 'before');
    const bad = inFolder('bad.txt');
    writeFileSync(bad, Uint8Array.of(0x61, 0x0a, 0xff));
    const cases: [string[], number, string][] = [
      [[...bpe, '10', '--input', oz, '-o', output], 2, 'vocabSize: expected at least 256'],
      [[...bpe, '300', '--input', bad, '-o', output], 1, 'bad.txt:2: expected UTF-8'],
      [[...bpe, '300', '--input', inFolder('none.txt'), '-o', output], 1, 'no such file'],
      [[...bpe, '300', '--input', oz, '-o', inFolder('no/x.json')], 1, 'could not be written'],
      [[...bpe, '300', '--input', oz], 2, 'expected --output FILE'],
      [[...bpe, '300', '-o', output], 2, 'expected --input FILE'],
      [['train-tokenizer', '--model', 'gpt', '--vocab-size', '9'], 2, 'expected bpe or unigram'],
      [['train-tokenizer', '--model', 'bpe', '--input', oz, '-o', output], 2, '--vocab-size N'],
    ];
    for (const [words, expectedCode, message] of cases) {
      const { code, stdout, stderr } = await reprise(words);
      expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr.split('\n')).toHaveLength(2);
    }
    expect(readFileSync(output, 'utf8')).toBe('before');
    expect(existsSync(`${output}.part`)).toBe(false);
  });
});
