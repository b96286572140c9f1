// What a reading tells of rows that do not fit, whoever reads, and of several files as of one.
import { describe, expect, it } from 'vitest';

import { type DatasetSchema, loadDataset, type LoadDatasetOptions, type ReadReport, type Row } from 'reprise';
import { failure } from '../testing/material.js';

const schema: DatasetSchema = {
  version: 1, fields: [{ name: 'n', type: 'int32' }, { name: 's', type: 'string' }],
};
const file = (name: string, text: string) => new File([text], name);
const problem = (name: string, row: number, byte: number, found: string) =>
  ({ file: name, row, column: 'n', byte, expected: 'an int32', found });

// Rows 0, 2 and 4 of the one and row 0 of the other fit.
const first = 'n,s\n1,a\nx,b\n2,c\n0.5,d\n3,e\n';
const second = 'n,s\n4,f\n,g\n';
const files = [file('a.csv', first), file('b.csv', second)];
const problems = [
  problem('a.csv', 1, 8, '"x"'), problem('a.csv', 3, 16, '"0.5"'), problem('b.csv', 1, 8, 'nothing'),
];
const whole: ReadReport = { rows: 4, skipped: 3, blankRows: 0, problems, complete: true };

/** The dataset and what it told so far. */
async function told(source: unknown, options: LoadDatasetOptions) {
  const reports: ReadReport[] = [];
  const data = await loadDataset(source as File, {
    schema, onReport: (report) => reports.push(report), ...options,
  });
  return { data, reports };
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new Blob([text]).stream().pipeThrough(new TransformStream());
}

describe('a reading', () => {
  it('says no byte of rows of JavaScript, however many are bad', async () => {
    const rows = [{ n: 1, s: 'a' }, { n: 'row 1 (byte 3): expected a', s: 'b' }, { n: 0.5, s: 'c' }];
    const skipped = await told(rows, { onError: 'skip' });
    expect(await skipped.data.rows()).toEqual([{ n: 1, s: 'a' }]);
    const [report] = skipped.reports;
    expect(report?.problems.map(({ byte, row }) => ({ byte, row })))
      .toEqual([{ byte: undefined, row: 1 }, { byte: undefined, row: 2 }]);
    const { data } = await told(rows, { onError: 'collect' });
    const error = await failure(data.rows());
    expect(error).toMatchObject({ code: 'invalid_data', row: 1 });
    expect(error).not.toHaveProperty('byte');
    expect(error['message']).toMatch(
      /row 1, column "n": expected .*"row 1 \(byte 3\): expected a"; row 2, column "n": expected/);
    // Nor of rows that nothing can be inferred from.
    const unknown = await failure(loadDataset([{}]));
    expect(unknown).toMatchObject({
      code: 'invalid_data', row: 0, message: 'the rows: row 0: expected rows with members, found none' });
    expect(unknown).not.toHaveProperty('byte');
  });

  it('tells of the rows that it leaves out, whoever reads', async () => {
    const { data, reports } = await told(files, { onError: 'skip' });
    expect(reports).toEqual([]);
    const readers: Record<string, () => Promise<unknown>> = {
      rows: () => data.rows(),
      columns: () => data.columns(),
      hash: () => data.hash(),
      stats: () => data.stats(),
      validate: () => data.validate(),
      arrow: () => data.toArrow(),
      split: () => data.split({ ratios: { a: 0.5, b: 0.5 }, seed: 1 }),
      write: () => new Response(data.write('csv')).text(),
      map: () => data.map(({ n }) => n).batch(2).rows(),
      shuffle: () => data.shuffle(1).rows(),
      'columns behind filter': () => data.filter(() => true).columns(),
    };
    for (const [name, read] of Object.entries(readers)) {
      await read();
      expect([name, reports.splice(0)]).toEqual([name, [whole]]);
    }
  });

  it('tells of a stream, which can be read once', async () => {
    const { data, reports } = await told(streamOf(first), { format: 'csv', onError: 'skip' });
    expect(await data.rows()).toHaveLength(3);
    expect(reports).toEqual([{
      rows: 3, skipped: 2, blankRows: 0, complete: true,
      problems: problems.slice(0, 2).map((one) => ({ ...one, file: 'the stream' })),
    }]);
  });

  it('tells of rows of JavaScript by their place', async () => {
    const { data, reports } = await told([{ n: 1, s: 'a' }, { n: 'x', s: 'b' }], { onError: 'skip' });
    expect(await data.rows()).toEqual([{ n: 1, s: 'a' }]);
    expect(reports).toMatchObject([{ rows: 1, skipped: 1, problems: [{ file: 'the rows', row: 1, column: 'n' }] }]);
  });

  it('tells what came before it was left, ended by an error or aborted', async () => {
    const { data, reports } = await told(files, { onError: 'skip' });
    expect(await data.take(2).rows()).toHaveLength(2);
    // The whole first file was read for them.
    const left: ReadReport = { rows: 3, skipped: 2, blankRows: 0, problems: problems.slice(0, 2), complete: false };
    expect(reports.splice(0)).toEqual([left]);
    for await (const _ of data) break;
    expect(reports.splice(0)).toEqual([left]);

    const open = await told([files[0], file('c.csv', 'n,s\n5,"h\n')], { onError: 'skip' });
    expect(await failure(open.data.rows())).toMatchObject({ code: 'invalid_data', file: 'c.csv' });
    expect(open.reports).toEqual([left]);

    const abort = new AbortController();
    const { data: aborted, reports: heard } = await told(files, { onError: 'skip' });
    await expect((async () => {
      for await (const _ of aborted.iterate({ signal: abort.signal })) abort.abort();
    })()).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => heard).toEqual([left]);
  });

  it('without a bad row tells that too', async () => {
    const { data, reports } = await told(file('a.csv', 'n,s\n1,a\n\n2,b\n'), {});
    await data.rows();
    expect(reports).toEqual([{ rows: 2, skipped: 0, blankRows: 1, problems: [], complete: true }]);
  });

  it('ends with what the listener throws', async () => {
    const data = await loadDataset(files, { schema, onError: 'skip', onReport: () => {
      throw new Error('no more');
    } });
    expect(await failure(data.rows())).toMatchObject({ code: 'invalid_argument', argument: 'onReport' });
  });
});

describe('several files', () => {
  it('have all their problems in one error', async () => {
    const { data, reports } = await told(files, { onError: 'collect' });
    for (const read of [() => data.rows(), () => data.columns(), () => data.hash()]) {
      expect(await failure(read())).toMatchObject({
        code: 'invalid_data', ...problems[0],
        message: '3 rows do not fit the schema: a.csv: row 1, column "n" (byte 8): expected an int32, ' +
          'found "x"; row 3, column "n" (byte 16): expected an int32, found "0.5"; b.csv: row 1, ' +
          'column "n" (byte 8): expected an int32, found nothing',
      });
      expect(reports.splice(0)).toEqual([{ ...whole, complete: false }]);
    }
  });

  it('have the rows before that error', async () => {
    const { data } = await told(files, { onError: 'collect' });
    const seen: Row[] = [];
    await failure((async () => {
      for await (const row of data) seen.push(row);
    })());
    expect(seen.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });

  it.each(['skip', 'collect'] as const)('are left at more than maxErrors of all of them: %s', async (onError) => {
    const enough = await told(files, { onError, maxErrors: 3 });
    if (onError === 'skip') expect(await enough.data.rows()).toHaveLength(4);
    else expect((await failure(enough.data.rows()))['message']).toMatch(/^3 rows do not fit the schema: /);
    for (const maxErrors of [1, 2]) {
      const { data, reports } = await told(files, { onError, maxErrors });
      expect(await failure(data.rows())).toMatchObject({
        code: 'invalid_data', ...problems[maxErrors],
        message: expect.stringContaining(`more than ${maxErrors} rows do not fit the schema; the last is row `),
      });
      // The one that was too much is among them.
      expect(reports).toMatchObject([{ skipped: maxErrors + 1, problems: problems.slice(0, maxErrors + 1) }]);
    }
  });

  it('are of one format, which their names or the options tell', async () => {
    const mixed = [file('a.csv', first), file('b.tsv', second.replaceAll(',', '\t'))];
    expect(await failure(loadDataset(mixed, { schema }))).toMatchObject({
      code: 'invalid_argument', argument: 'source', expected: 'files of one format', found: 'csv and tsv',
    });
    const asCsv = await loadDataset([mixed[0] as File, file('b', second)], { schema, format: 'csv', onError: 'skip' });
    expect(await asCsv.rows()).toHaveLength(4);
  });
});
