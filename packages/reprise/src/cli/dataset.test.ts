// `reprise dataset`: what it says of files and writes of them.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { reprise } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const table = fileOf('table.csv',
  `id,label,text\n${Array.from({ length: 100 }, (_, i) => `${i},${i % 4 === 0 ? 'a' : 'b'},"t ""${i}"""`).join('\n')}\n`);
const lines = fileOf('table.jsonl',
  Array.from({ length: 100 }, (_, i) => JSON.stringify({ id: i, label: i % 4 === 0 ? 'a' : 'b', text: `t "${i}"` })).join('\n'));
const bad = fileOf('bad.csv', 'n\n1\nx\n2\n');
const schema = fileOf('schema.json', '{"version": 1, "fields": [{"name": "n", "type": "int32"}]}');

async function json<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await reprise(['dataset', ...words, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

describe('dataset', () => {
  it('inspect says rows, fields and the hash, the same of both formats', async () => {
    type Found = { rows: number; fields: object[]; hash: string };
    const found = await json<Found>('inspect', table);
    expect(found).toMatchObject({
      file: table, rows: 100, skipped: 0, text: 'text',
      fields: [{ name: 'id', type: 'int64' }, { name: 'label', type: 'string' }, { name: 'text', type: 'string' }],
    });
    expect((await json<Found>('inspect', lines)).hash).toBe(found.hash);
    const { stdout } = await reprise(['dataset', 'inspect', table]);
    expect(stdout).toBe(`${table}: 100 rows\nsha256 of the rows ${found.hash}\n` +
      '  int64               "id"\n  string              "label"\n  string              "text", the text\n');
  });

  it('split writes each part and says rows and hashes', async () => {
    type Splits = { seed: number; splits: Record<string, { rows: number; hash: string }> };
    const out = join(folder, 'parts');
    const words = ['--seed', '7', '--ratios', 'train=0.8,val=0.1,test=0.1'];
    const found = await json<Splits>('split', table, ...words, '--out', out);
    expect(found.seed).toBe(7);
    expect(Object.entries(found.splits).map(([name, { rows }]) => [name, rows]))
      .toEqual([['train', 80], ['val', 10], ['test', 10]]);
    expect((await json<Splits>('split', lines, ...words)).splits).toEqual(found.splits);
    expect(readdirSync(out).sort()).toEqual(['test.jsonl', 'train.jsonl', 'val.jsonl']);
    const rows = Object.keys(found.splits).flatMap((name) =>
      readFileSync(join(out, `${name}.jsonl`), 'utf8').trimEnd().split('\n'));
    expect([...rows].sort()).toEqual(readFileSync(lines, 'utf8').split('\n').sort());
    // What was written is the part.
    const { hash } = await json<{ hash: string }>('inspect', join(out, 'val.jsonl'));
    expect(hash).toBe(found.splits['val']?.hash);
  });

  it('infer, head, stats and convert', async () => {
    expect(await json('infer', table)).toEqual({
      version: 1, text: 'text',
      fields: [{ name: 'id', type: 'int64' }, { name: 'label', type: 'string' }, { name: 'text', type: 'string' }],
    });
    expect(await json('head', table, '--rows', '2', '--columns', 'text,id'))
      .toEqual([{ text: 't "0"', id: 0 }, { text: 't "1"', id: 1 }]);
    expect(await json('stats', table)).toMatchObject({
      rows: 100, fields: { id: { count: 100, min: '0', max: '99', mean: 49.5 }, label: { distinct: 2 } },
    });
    const output = join(folder, 'again.csv');
    await json('convert', lines, output);
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(table, 'utf8'));
  });

  it('validate lists what does not fit and ends with 1', async () => {
    const { code, stdout } = await reprise(['dataset', 'validate', bad, '--schema', schema]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `${bad}: row 1, column "n" (byte 4): expected an int32, found "x"\n2 rows fit, 1 do not\n`,
    });
    const found = await reprise(['dataset', 'inspect', bad, '--schema', schema]);
    expect(found.code).toBe(1);
    expect(found.stderr).toBe(`reprise: ${bad}: row 1, column "n" (byte 4): expected an int32, ` +
      'found "x" (invalid_data)\n');
    expect(await json('inspect', bad, '--schema', schema, '--on-error', 'skip'))
      .toMatchObject({ rows: 2, skipped: 1 });
  });

  it('refuses what it does not know', async () => {
    const cases: [string[], string][] = [
      [['look', table], 'expected inspect, infer, validate, split, head, stats, convert, found "look"'],
      [['inspect'], 'dataset inspect: expected a file'],
      [['split', table, '--ratios', 'train'], '--ratios: expected NAME=NUMBER'],
      [['convert', table, 'x.xml'], 'expected a second file that ends in'],
      [['inspect', table, '--header', 'maybe'], '--header: expected yes or no'],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await reprise(['dataset', ...words]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
    }
  });
});
