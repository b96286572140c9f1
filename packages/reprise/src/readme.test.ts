// The snippets of the README run as they stand.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { root } from './testing/material.js';

const text = readFileSync(join(root, 'packages/reprise/README.md'), 'utf8');
const snippets = [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map((match) => match[1] as string);
const entry = pathToFileURL(join(root, 'packages/reprise/dist/index.js')).href;

it('has snippets', () => expect(snippets).toHaveLength(4));

it.each(snippets.map((snippet, i) => [i + 1, snippet] as const))('snippet %i', async (_, snippet) => {
  const folder = await mkdtemp(join(tmpdir(), 'reprise-'));
  try {
    const file = join(folder, 'snippet.mjs');
    await writeFile(file, snippet.replace("from 'reprise'", `from ${JSON.stringify(entry)}`));
    const { stdout } = await promisify(execFile)(
      process.execPath, [file], { cwd: join(root, 'fixtures/models'), timeout: 30_000 });
    expect(stdout).not.toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});
