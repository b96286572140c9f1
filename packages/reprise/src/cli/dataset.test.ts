// `reprise dataset`: what it says of files and writes of them.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      .toMatchObject({ file: table, rows: [{ text: 't "0"', id: 0 }, { text: 't "1"', id: 1 }], report: { skipped: 0 } });
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

  it('says which rows are left out, whatever it makes of the others', async () => {
    const skip = [bad, '--schema', schema, '--on-error', 'skip'];
    const output = join(folder, 'kept.jsonl');
    const problem = { file: bad, row: 1, column: 'n', byte: 4, expected: 'an int32', found: '"x"' };
    const report = { rows: 2, skipped: 1, blankRows: 0, problems: [problem], complete: true };
    const told = `reprise: ${bad}: 1 of 3 rows that were read are left out:\n` +
      `${bad}: row 1, column "n" (byte 4): expected an int32, found "x"\n`;
    const commands: [string[], object][] = [
      [['inspect', ...skip], { rows: 2, skipped: 1 }],
      [['stats', ...skip], { rows: 2 }],
      [['head', ...skip], { rows: [{ n: 1 }, { n: 2 }] }],
      [['split', ...skip, '--counts', 'a=1,b=1', '--seed', '1', '--out', join(folder, 'kept')], { seed: 1 }],
      [['convert', bad, output, ...skip.slice(1)], { file: output }],
    ];
    for (const [words, found] of commands) {
      expect(await json(...words)).toMatchObject({ ...found, report });
      const plain = await reprise(['dataset', ...words, '--quiet']);
      expect([words[0], plain.code, plain.stderr]).toEqual([words[0], 0, told]);
    }
    expect(readFileSync(output, 'utf8')).toBe('{"n":1}\n{"n":2}\n');
  });

  it('writes the rows of head as they are, also integers that JavaScript has not', async () => {
    const large = fileOf('large.csv', 'n\n9007199254740993\n');
    expect((await reprise(['dataset', 'head', large, '--json'])).stdout).toContain('"rows":[{"n":9007199254740993}]');
    const none = fileOf('none.csv', 'n\n');
    expect(await json('head', none)).toMatchObject({ rows: [] });
  });

  it('refuses what it does not know', async () => {
    const cases: [string[], string][] = [
      [['infer', table, '--on-error', 'skip'], 'expected no --on-error, which says how rows are read'],
      [['look', table], 'expected inspect, infer, validate, split, head, stats, convert, found "look"'],
      [['inspect'], 'dataset inspect: expected a file'],
      [['split', table, '--ratios', 'train'], '--ratios: expected NAME=NUMBER'],
      [['split', table, '--ratios', 'a=1,a=1'], '--ratios: expected each name once, found "a" again'],
      [['convert', table, 'x.xml'], 'expected a file to write that ends in'],
      [['convert', table], 'expected a file to write that ends in'],
      [['inspect', table, bad, '--config', 'a.json'], `expected one file, found ${JSON.stringify(bad)}`],
      [['inspect', table, '--header', 'maybe'], '--header: expected yes or no'],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await reprise(['dataset', ...words]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
    }
  });
});

describe('dataset --config', () => {
  type Parts = { seed: number; splits: Record<string, { rows: number; hash: string }> };
  mkdirSync(join(folder, 'data'));
  const semicolons = join(folder, 'data/rows.dat');
  writeFileSync(semicolons, 'id;label;text\n' +
    Array.from({ length: 100 }, (_, i) => `${i};${i % 4 === 0 ? 'a' : 'b'};t "${i}"\n`).join(''));
  const fields = [
    { name: 'id', type: 'int32' }, { name: 'label', type: 'categorical', categories: ['a', 'b'] },
    { name: 'text', type: 'string' },
  ];
  const dataset = {
    source: 'data/rows.dat', format: 'csv', delimiter: ';', quote: '', schema: { version: 1, fields, text: 'text' },
    split: { ratios: { train: 0.8, test: 0.2 }, seed: 7, stratify: 'label' },
  };
  const configOf = (name: string, config: object) =>
    fileOf(name, JSON.stringify({ version: 1, dataset, ...config }));
  const config = configOf('reprise.json', {});

  it('takes file and options from it, for every command', async () => {
    const whole = await json<{ hash: string }>('inspect', table);
    expect(await json('inspect', '--config', config))
      .toMatchObject({ file: semicolons, rows: 100, fields, text: 'text', hash: whole.hash });
    expect(await json('validate', '--config', config)).toMatchObject({ rows: 100, skipped: 0 });
    expect(await json('stats', '--config', config)).toMatchObject({ fields: { label: { distinct: 2 } } });
    expect(await json('head', '--config', config, '--rows', '1'))
      .toMatchObject({ rows: [{ id: 0, label: 'a', text: 't "0"' }] });
    // The schema that the rows seem to have, not the one that is given.
    expect(await json('infer', '--config', config)).toMatchObject({ fields: [{ name: 'id', type: 'int64' }, {}, {}] });
    const output = join(folder, 'from-config.csv');
    await json('convert', output, '--config', config);
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(table, 'utf8'));
  });

  it('takes the split from it', async () => {
    const found = await json<Parts>('split', '--config', config, '--out', join(folder, 'config-parts'));
    const said = await json<Parts>('split', semicolons, '--format', 'csv', '--delimiter', ';', '--quote', '',
      '--ratios', 'train=0.8,test=0.2', '--seed', '7', '--stratify', 'label');
    expect(found).toEqual({ ...said, file: semicolons });
    expect(Object.values(found.splits).map(({ rows }) => rows)).toEqual([80, 20]);
    expect(readdirSync(join(folder, 'config-parts')).sort()).toEqual(['test.jsonl', 'train.jsonl']);
    const { stdout } = await reprise(['dataset', 'split', '--config', config]);
    expect(stdout).toMatch(/^seed 7\n/);
  });

  it('lets words come before its own', async () => {
    const other = fileOf('other.csv', 'id;label;text\n7;c;x\n');
    const own = await json<{ fields: object[] }>('inspect', other, '--config', config, '--schema',
      fileOf('plain.json', '{"version":1,"fields":[{"name":"id","type":"string"}],"otherFields":"ignore"}'));
    expect(own).toMatchObject({ file: other, rows: 1, fields: [{ name: 'id', type: 'string' }] });
    expect(await json('head', table, '--config', config, '--delimiter', ',', '--quote', '"', '--rows', '1',
      '--columns', 'text')).toMatchObject({ rows: [{ text: 't "0"' }] });
    const output = join(folder, 'other.jsonl');
    await json('convert', table, output, '--config', config, '--delimiter', ',', '--quote', '"');
    expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(101);
    // Counts take the place of ratios.
    const counts = await json<Parts>('split', '--config', config, '--counts', 'x=60,y=40', '--seed', '8');
    expect([counts.seed, Object.values(counts.splits).map(({ rows }) => rows)]).toEqual([8, [60, 40]]);
  });

  it('takes the seed of a split, else of the schema, else its own', async () => {
    const { seed: _, ...split } = dataset.split;
    const schema = { ...dataset.schema, seed: 5 };
    const seedOf = async (name: string, of: object) =>
      (await json<Parts>('split', '--config', configOf(name, { seed: 42, ...of }))).seed;
    expect(await seedOf('seed-1.json', {})).toBe(7);
    expect(await seedOf('seed-2.json', { dataset: { ...dataset, split, schema } })).toBe(5);
    expect(await seedOf('seed-3.json', { dataset: { ...dataset, split } })).toBe(42);
  });

  it('takes several files', async () => {
    const [header, ...lines] = readFileSync(semicolons, 'utf8').trimEnd().split('\n');
    const halves = [lines.slice(0, 50), lines.slice(50)].map((half, i) => {
      writeFileSync(join(folder, `data/half-${i}.dat`), [header, ...half].join('\n'));
      return `data/half-${i}.dat`;
    });
    const several = configOf('several.json', { dataset: { ...dataset, source: halves } });
    const files = halves.map((half) => join(folder, half));
    const { hash } = await json<{ hash: string }>('inspect', table);
    expect(await json('inspect', '--config', several)).toMatchObject({ files, rows: 100, hash });
    const { stdout } = await reprise(['dataset', 'stats', '--config', several]);
    expect(stdout).toMatch(new RegExp(`^${files.join(', ')}: 100 rows\n  "id": count 100, `));
    writeFileSync(files[1] as string, `${header}\nx;a;t\n`);
    const report = await reprise(['dataset', 'validate', '--config', several]);
    expect([report.code, report.stdout]).toEqual([1,
      `${files[1]}: row 0, column "id" (byte 14): expected an int32, found "x"\n50 rows fit, 1 do not\n`]);
  });

  it('says what is wrong in it', async () => {
    const wrong = configOf('wrong.json', { dataset: { ...dataset, columns: ['id', 'labels'] } });
    const modelOnly = fileOf('model.json', '{"version":1,"model":{"folder":"m"}}');
    const outside = configOf('outside.json', { dataset: { source: '../table.csv' } });
    const escaping = configOf('escaping.json',
      { dataset: { ...dataset, split: { ratios: { '../a': 0.5, b: 0.5 } } } });
    const cases: [string[], number, object][] = [
      [['--config', wrong], 1, { code: 'invalid_config', fields: { path: '$.dataset.columns[1]', file: wrong } }],
      [['--config', modelOnly], 1, { code: 'invalid_config', fields: { path: '$.dataset', file: modelOnly } }],
      [['--config', outside], 1, { code: 'invalid_config', fields: { path: '$.dataset.source' } }],
      [['--config', join(folder, 'nowhere.json')], 1, { code: 'not_found' }],
      [['--config', 'https://example.org/a.json'], 1, { code: 'unsupported' }],
      [['--config', escaping, '--out', join(folder, 'escaped')], 2, { code: 'invalid_argument' }],
    ];
    for (const [words, code, error] of cases) {
      const found = await reprise(['dataset', 'split', ...words, '--json']);
      expect([found.code, found.stdout]).toEqual([code, '']);
      expect(JSON.parse(found.stderr)).toMatchObject({ error });
    }
  });
});
