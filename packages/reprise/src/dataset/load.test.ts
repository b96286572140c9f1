// Datasets from files: every format gives the same rows, hashes and splits; what is wrong is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

import { inferSchema, loadDataset, type DatasetSchema, type Row } from 'reprise';
import { failure } from '../testing/material.js';

const encoder = new TextEncoder();
const csv = 'name,n,x,ok\n"a, b",1,0.5,true\n\u00e9,-2,1e3,false\n"say ""hi""",,2,true\n';
const rows: Row[] = [
  { name: 'a, b', n: 1n, x: 0.5, ok: true },
  { name: '\u00e9', n: -2n, x: 1000, ok: false },
  { name: 'say "hi"', n: null, x: 2, ok: true },
];
const jsonl = '{"name":"a, b","n":1,"x":0.5,"ok":true}\n' +
  '{"name":"\\u00e9","n":-2,"x":1e3,"ok":false}\n{"name":"say \\"hi\\"","n":null,"x":2,"ok":true}\n';

const bytes = (text: string) => encoder.encode(text);
function streamOf(text: string, piece: number): ReadableStream<Uint8Array> {
  const whole = bytes(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= whole.length) controller.close();
      else controller.enqueue(whole.slice(at, at += piece));
    },
  });
}

describe('loadDataset', () => {
  it('gives the same rows and hashes from every format and every kind of source', async () => {
    const json = `[${jsonl.trim().split('\n').join(',')}]`;
    const sources = [
      loadDataset(bytes(csv), { format: 'csv' }),
      loadDataset(new File([csv], 'rows.csv')),
      loadDataset(new Blob([jsonl]), { format: 'jsonl' }),
      loadDataset(bytes(json).buffer as ArrayBuffer, { format: 'json' }),
      loadDataset(gzipSync(csv), { format: 'csv' }),
      loadDataset(streamOf(csv, 3), { format: 'csv' }),
      loadDataset(bytes(`{"data":{"rows":${json}}}`), { format: 'json', rowsPath: 'data.rows' }),
      loadDataset(bytes(csv.replaceAll(',', ';').replace('a; b', 'a, b')), { format: 'csv', delimiter: ';' }),
      loadDataset(rows.map(({ name, n, x, ok }) => ({ name, n, x, ok }))),
    ];
    const hashes = new Set<string>();
    for (const [i, loading] of sources.entries()) {
      const data = await loading;
      expect(data.schema?.fields.map(({ name, type, optional = false }) => [name, type, optional]))
        .toEqual([['name', 'string', false], ['n', 'int64', true], ['x', 'float64', false],
          ['ok', 'bool', false]]);
      expect(await data.rows()).toEqual(rows);
      if (i !== 5) hashes.add(await data.hash());
    }
    expect(hashes.size).toBe(1);
  });

  it('tells the delimiter, which the schema keeps for a later reading', async () => {
    const semicolons = bytes('name;price\nx;1,5\ny;2,5\n');
    const data = await loadDataset(semicolons, { format: 'csv' });
    expect(data.schema).toMatchObject({ delimiter: ';' });
    expect(await data.rows()).toEqual([{ name: 'x', price: '1,5' }, { name: 'y', price: '2,5' }]);
    const schema = await inferSchema(semicolons, { format: 'csv' });
    const again = await loadDataset(bytes('name;price\nz;1\n'), { format: 'csv', schema });
    expect(await again.rows()).toEqual([{ name: 'z', price: '1' }]);
    expect(await data.columns()).toBeDefined();
    const tabs = await loadDataset(bytes('name\tprice\nz\t1\n'), { format: 'csv', schema, delimiter: '\t' });
    expect(await tabs.rows()).toEqual([{ name: 'z', price: '1' }]);
  });

  it('takes bad rows within the sample as onError says', async () => {
    const text = bytes('{"a":1}\n{"a":2,"b":\n{"a":3,"a":"x"}\n{"a":4}\n');
    const place = { code: 'invalid_data', row: 1, byte: 19, expected: 'a JSON value', found: 'the end' };
    expect(await failure(loadDataset(text, { format: 'jsonl' }))).toMatchObject(place);
    const skipped = await loadDataset(text, { format: 'jsonl', onError: 'skip' });
    expect(skipped.schema?.fields).toEqual([{ name: 'a', type: 'int64' }]);
    expect(await skipped.rows()).toEqual([{ a: 1n }, { a: 4n }]);
    expect(await skipped.validate()).toMatchObject({
      rows: 2, skipped: 2, problems: [{ row: 1 }, { row: 2, column: 'a' }] });
    const collected = await loadDataset(text, { format: 'jsonl', onError: 'collect' });
    expect(await failure(collected.rows())).toMatchObject({ code: 'invalid_data', row: 1 });
  });

  it('keeps every digit of integers beyond int64', async () => {
    for (const [format, text] of [
      ['jsonl', '{"n":9223372036854775808}\n{"n":9223372036854775809}\n'],
      ['csv', 'n\n9223372036854775808\n9223372036854775809\n'],
    ] as const) {
      const data = await loadDataset(bytes(text), { format });
      expect(await data.rows()).toEqual([{ n: '9223372036854775808' }, { n: '9223372036854775809' }]);
    }
  });

  it('reads a stream once, and says so', async () => {
    const data = await loadDataset(streamOf(csv, 10), { format: 'csv' });
    expect(await data.rows()).toHaveLength(3);
    expect(await failure(data.rows())).toMatchObject({ code: 'invalid_argument', argument: 'source' });
  });

  it('keeps only the columns asked for, in their order', async () => {
    const data = await loadDataset(bytes(csv), { format: 'csv', columns: ['ok', 'name'] });
    expect(await data.rows()).toEqual(rows.map(({ ok, name }) => ({ ok, name })));
    const named: DatasetSchema = {
      version: 1, fields: ['a', 'b', 'c'].map((name) => ({ name, type: 'string' })) };
    for (const columns of [['c', 'b', 'a'], ['b'], ['c', 'a']]) {
      const kept = await loadDataset(bytes('1,2,3\n4,5,6\n'), {
        format: 'csv', header: false, schema: named, columns });
      const values: Record<string, string> = { a: '1', b: '2', c: '3' };
      expect((await kept.rows())[0]).toEqual(
        Object.fromEntries(columns.map((name) => [name, values[name]])));
    }
    expect(await failure((await loadDataset(bytes(csv), { format: 'csv', columns: ['ok', 'ok'] })).rows()))
      .toMatchObject({ code: 'invalid_argument', argument: 'columns' });
    expect(await failure(loadDataset(bytes(csv), { format: 'csv', columns: ['no'] })))
      .toMatchObject({ code: 'invalid_argument', argument: 'columns' });
  });

  it('keeps the splits and the seed of its schema behind transformations', async () => {
    const schema = { ...await inferSchema(bytes(csv), { format: 'csv' }), splits: { a: 0.5, b: 0.5 }, seed: 3 };
    const data = await loadDataset(bytes(csv), { format: 'csv', schema });
    const hashes = async (of: typeof data) =>
      Object.values(await of.split()).map(({ name, seed, hash }) => ({ name, seed, hash }));
    expect(await hashes(data.filter(() => true))).toEqual(await hashes(data));
  });

  it('names file, row, column and byte of what does not fit', async () => {
    const text = `n\n${'1\n'.repeat(25000)}x\n`;
    const data = await loadDataset(new File([text], 'late.csv'));
    expect(await failure(data.rows())).toMatchObject({
      code: 'invalid_data', file: 'late.csv', row: 25000, column: 'n', byte: 50002,
      expected: 'an int64', found: '"x"',
    });
    const skipped = await loadDataset(new File([text], 'late.csv'), { onError: 'skip' });
    expect(await skipped.rows()).toHaveLength(25000);
    expect(await skipped.validate()).toEqual({
      rows: 25000, skipped: 1, blankRows: 0,
      problems: [{ file: 'late.csv', row: 25000, column: 'n', byte: 50002, expected: 'an int64', found: '"x"' }],
    });
  });

  it('gives the rows before a bad one', async () => {
    const data = await loadDataset(bytes('n\n1\n2\nx\n'), {
      format: 'csv', schema: { version: 1, fields: [{ name: 'n', type: 'int32' }] },
    });
    const seen: Row[] = [];
    const read = async () => {
      for await (const row of data) seen.push(row);
    };
    expect(await failure(read())).toMatchObject({ code: 'invalid_data', row: 2 });
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('refuses schemas, formats and options that are wrong', async () => {
    expect(await failure(loadDataset(bytes(csv)))).toMatchObject({ argument: 'format' });
    expect(await failure(loadDataset(bytes(csv), { format: 'csv', textRows: 'line' })))
      .toMatchObject({ argument: 'textRows' });
    expect(await failure(loadDataset(bytes(csv), { format: 'csv', schema: { version: 1, fields: [] } })))
      .toMatchObject({ code: 'invalid_config', path: '$.fields' });
    expect(await failure(loadDataset(5 as never))).toMatchObject({ argument: 'source' });
    expect(await failure(loadDataset('./nowhere.csv'))).toMatchObject({ code: 'not_found' });
  });

  it('keeps the sign of zero that a file has, and takes it for an integer in rows of JavaScript', async () => {
    const lines = await loadDataset(bytes('{"n":1}\n{"n":-0}\n'), { format: 'jsonl' });
    expect(await lines.rows()).toEqual([{ n: 1 }, { n: -0 }]);
    const table = await loadDataset(bytes('n\n1\n-0\n'), { format: 'csv' });
    expect(await table.rows()).toEqual([{ n: 1 }, { n: -0 }]);
    expect(await (await loadDataset([{ n: 1 }, { n: -0 }, { n: 2n }])).rows())
      .toEqual([{ n: 1n }, { n: 0n }, { n: 2n }]);
  });

  it('infers a schema from as many rows as asked for', async () => {
    const text = bytes('n\n1\n2\n0.5\n');
    const typeOf = async (sampleRows: number) =>
      (await inferSchema(text, { format: 'csv', sampleRows })).fields[0]?.type;
    expect(await typeOf(3)).toBe('int64');
    expect(await typeOf(10)).toBe('float64');
  });
});

describe('names of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-names-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['a#1.csv', 'what?.csv', '100%.csv', '#.csv', 'a%23b?c=d.csv'])('%s', async (name) => {
    writeFileSync(join(folder, name), 'n\n1\n');
    for (const source of [join(folder, name), new File(['n\n1\n'], name)]) {
      expect(await (await loadDataset(source)).rows()).toEqual([{ n: 1n }]);
    }
  });

  it('of addresses end before their query', async () => {
    const fetch = async () => new Response('n\n1\n');
    for (const source of ['https://example.org/a.csv?b=c.json', new URL('https://example.org/a.csv#x.json')]) {
      expect(await (await loadDataset(source, { fetch })).rows()).toEqual([{ n: 1n }]);
    }
  });
});

describe('split', () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ id: i, label: i % 3 === 0 ? 'a' : 'b' }));

  it('deals every row out once, the same in every format', async () => {
    const hashes: Record<string, string>[] = [];
    for (const data of [
      await loadDataset(many),
      await loadDataset(bytes(`id,label\n${many.map(({ id, label }) => `${id},${label}`).join('\n')}\n`),
        { format: 'csv' }),
    ]) {
      const splits = await data.split({ ratios: { train: 0.8, val: 0.1, test: 0.1 }, seed: 7 });
      expect(Object.values(splits).map(({ rows }) => rows)).toEqual([800, 100, 100]);
      const ids = (await Promise.all(Object.values(splits).map(({ data: part }) => part.rows()))).flat();
      expect(new Set(ids.map(({ id }) => id)).size).toBe(1000);
      for (const split of Object.values(splits)) expect(await split.data.hash()).toBe(split.hash);
      hashes.push(Object.fromEntries(Object.values(splits).map(({ name, hash }) => [name, hash])));
    }
    expect(hashes[0]).toEqual(hashes[1]);
  });

  it('gives a part the same rows in whatever order the parts are named, digits too', async () => {
    const data = await loadDataset(many.slice(0, 101).map((row) => ({ ...row, group: `g${row.id % 23}` })));
    const hashesOf = async (shares: object, how: object = {}) =>
      Object.fromEntries(Object.values(await data.split({ ...shares, seed: 7, ...how }))
        .map(({ name, hash }) => [name, hash]));
    for (const how of [{}, { method: 'content' }, { key: 'group' }, { stratify: 'label' }] as const) {
      const hashes = await hashesOf({ ratios: { b: 0.5, a: 0.25, c: 0.25 } }, how);
      expect(await hashesOf({ ratios: { c: 0.25, a: 0.25, b: 0.5 } }, how)).toEqual(hashes);
      // JavaScript puts 9 before 10, the text "10" comes before "9".
      const digits = await hashesOf({ ratios: { 9: 0.5, 10: 0.25, z: 0.25 } }, how);
      expect([digits['10'], digits['9'], digits['z']]).toEqual([hashes['a'], hashes['b'], hashes['c']]);
    }
    expect(await hashesOf({ counts: { b: 51, a: 50 } })).toEqual(await hashesOf({ counts: { a: 50, b: 51 } }));
  });

  it('keeps keys together and strata in proportion', async () => {
    const data = await loadDataset(many.map(({ id, label }) => ({ id, label, group: `g${id % 50}` })));
    const keyed = await data.split({ ratios: { train: 0.5, test: 0.5 }, seed: 1, key: 'group' });
    const groups = async (name: string) =>
      new Set((await keyed[name]?.data.rows() ?? []).map(({ group }) => group));
    const [train, test] = [await groups('train'), await groups('test')];
    expect([...train].filter((group) => test.has(group))).toEqual([]);
    const even = await data.split({ ratios: { train: 0.5, test: 0.5 }, seed: 1, stratify: 'label' });
    const count = (await even['test']?.data.rows() ?? []).filter(({ label }) => label === 'a').length;
    expect(Math.abs(count - 167)).toBeLessThanOrEqual(1);
  });

  it('refuses ratios that are none', async () => {
    const data = await loadDataset(many);
    expect(await failure(data.split())).toMatchObject({ argument: 'ratios' });
    expect(await failure(data.split({ ratios: { train: 0.5, test: 0.4 } })))
      .toMatchObject({ code: 'invalid_argument', argument: 'ratios' });
    expect(await failure(data.split({ ratios: { train: 1 }, key: 'no' })))
      .toMatchObject({ argument: 'key' });
  });
});

describe('what a dataset becomes', () => {
  it('columns in the layout of Arrow', async () => {
    const data = await loadDataset(bytes(csv), { format: 'csv' });
    const { name, n, x, ok } = await data.columns();
    expect(name?.offsets).toEqual(BigInt64Array.of(0n, 4n, 6n, 14n));
    expect(new TextDecoder().decode(name?.values as Uint8Array)).toBe('a, b\u00e9say "hi"');
    expect(n?.values).toEqual(BigInt64Array.of(1n, -2n, 0n));
    expect(n?.validity).toEqual(Uint8Array.of(0b011));
    expect(x?.values).toEqual(Float64Array.of(0.5, 1000, 2));
    expect(ok?.values).toEqual(Uint8Array.of(1, 0, 1));
    expect(x?.validity).toBeUndefined();
  });

  it('files that read as the same rows', async () => {
    const schema: DatasetSchema = {
      version: 1,
      fields: [
        { name: 's', type: 'string', optional: true }, { name: 'i', type: 'int32' },
        { name: 'l', type: 'int64' }, { name: 'f', type: 'float32' }, { name: 'd', type: 'float64' },
        { name: 'b', type: 'bool' }, { name: 't', type: 'timestamp' }, { name: 'y', type: 'bytes' },
        { name: 'c', type: 'categorical', categories: ['p', 'q'] }, { name: 'v', type: { list: 'int64' } },
      ],
    };
    const given = [
      { s: '', i: -1, l: 2n ** 62n, f: 0.5, d: -0, b: true, t: -1n, y: Uint8Array.of(0, 255), c: 'q', v: [1n, 2n] },
      { s: null, i: 0, l: -1n, f: Number.NaN, d: 1e300, b: false, t: 1_700_000_000_123_456n,
        y: new Uint8Array(), c: 'p', v: [] },
      { s: 'a,"b"\nc', i: 7, l: 0n, f: Number.NEGATIVE_INFINITY, d: 5e-324, b: true, t: 0n, y: Uint8Array.of(1), c: 'p', v: [-5n] },
    ];
    const data = await loadDataset(given, { schema });
    expect(await data.rows()).toEqual(given);
    for (const format of ['jsonl', 'csv'] as const) {
      const file = await new Response(data.write(format)).arrayBuffer();
      const again = await loadDataset(file, { format, schema });
      expect(await again.rows()).toEqual(given);
      expect(await again.hash()).toBe(await data.hash());
    }
  });

  it('statistics of its fields', async () => {
    const data = await loadDataset(bytes(csv), { format: 'csv' });
    expect((await data.stats()).fields).toEqual({
      name: { count: 3, absent: 0, distinct: 3, min: 'a, b', max: '\u00e9', meanLength: 14 / 3 },
      n: { count: 2, absent: 1, min: '-2', max: '1', mean: -0.5 },
      x: { count: 3, absent: 0, min: 0.5, max: 1000, mean: 1002.5 / 3 },
      ok: { count: 3, absent: 0, distinct: 2, mean: 2 / 3 },
    });
  });

  it('statistics of several files as of one', async () => {
    const [header, ...lines] = csv.trimEnd().split('\n');
    const files = lines.map((line, i) => new File([`${header}\n${line}\n`], `part-${i}.csv`));
    const { schema } = await loadDataset(bytes(csv), { format: 'csv' });
    const parts = await loadDataset(files, { schema });
    const whole = await loadDataset(bytes(csv), { format: 'csv' });
    expect(await parts.stats()).toEqual(await whole.stats());
    const bad = await loadDataset([...files, new File([`${header}\nd,x,0,true\n`], 'bad.csv')],
      { schema, onError: 'skip' });
    const { rows: count, report, fields } = await bad.stats();
    expect([count, report.skipped, report.problems[0]?.file]).toEqual([3, 1, 'bad.csv']);
    expect(fields).toEqual((await whole.stats()).fields);
  });

  it('the same behind transformations', async () => {
    const data = await loadDataset(bytes(csv), { format: 'csv' });
    const even = data.filter(({ ok }) => ok === true).select(['name', 'x']);
    expect((await even.columns())['x']?.values).toEqual(Float64Array.of(0.5, 2));
    const mapped = data.map(({ name }) => ({ length: (name as string).length }));
    expect((await mapped.columns())['length']?.values).toEqual(BigInt64Array.of(4n, 1n, 8n));
  });

  it('resumes where it was left', async () => {
    const data = (await loadDataset(bytes(`n\n${Array.from({ length: 500 }, (_, i) => i).join('\n')}\n`),
      { format: 'csv' })).filter(({ n }) => (n as bigint) % 3n === 0n);
    const all = await data.rows();
    for (const stop of [1, 64, 100]) {
      const iterator = data.iterate();
      for (let i = 0; i < stop; i++) await iterator.next();
      const from = iterator.cursor();
      await iterator.return();
      const rest: Row[] = [];
      for await (const row of data.iterate({ from })) rest.push(row);
      expect(rest).toEqual(all.slice(stop));
    }
  });
});
