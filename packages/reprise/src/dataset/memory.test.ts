// What a whole read keeps in memory, counted by the system in a process of its own.
import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

import { repository } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a file into columns; says the bytes that they keep, and by how many the process was larger at
 * its largest than before. A short file is read first, so that all code is there. */
const script = `
import { loadDataset } from ${JSON.stringify(join(repository, 'packages/reprise/dist/index.js'))};
const schema = { version: 1, fields: [{ name: 'n', type: 'int32' }, { name: 's', type: 'string' }] };
const options = { format: 'csv', schema };
await (await loadDataset(new TextEncoder().encode('n,s\\n1,a\\n'), options)).columns();
const before = process.memoryUsage.rss();
const columns = await (await loadDataset(process.argv[1], options)).columns();
const kept = Object.values(columns).flatMap(({ values, offsets }) => [values, offsets ?? new Uint8Array()])
  .reduce((sum, { byteLength }) => sum + byteLength, 0);
console.log(JSON.stringify({ kept, grown: 1024 * process.resourceUsage().maxRSS - before }));
process.exit();
`;

it('a file of known size needs no more than twice the columns that are kept', async () => {
  const rows = 150_000;
  const path = join(folder, 'rows.csv');
  const out = createWriteStream(path);
  out.write('n,s\n');
  const text = 'All work and no play makes a row of the length that rows have. '.repeat(16);
  for (let row = 0; row < rows; row++) out.write(`${row},${text}\n`);
  out.end();
  await finished(out);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, path]);
  const { kept, grown } = JSON.parse(stdout) as { kept: number; grown: number };
  expect(kept).toBe(rows * (4 + text.length) + 8 * (rows + 1));
  expect(grown / kept).toBeLessThan(2);
}, 60_000);
