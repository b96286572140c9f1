// The snippets and commands of the READMEs, and the snippets of docs/, run as they stand.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { root } from './testing/material.js';

/** Code blocks of that language in a document of the checkout. */
function blocks(file: string, language: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter((match) => match[1] === language).map((match) => match[2] as string);
}
const dist = join(root, 'packages/reprise/dist');
const modules: Record<string, string> = {
  "'reprise'": join(dist, 'index.js'), "'reprise/tokenizer'": join(dist, 'tokenizer-entry.js'),
  "'apache-arrow'": join(root, 'node_modules/apache-arrow/Arrow.node.mjs'),
};
/** The program with the modules' addresses for their names. */
const resolved = (snippet: string): string => Object.entries(modules).reduce(
  (text, [name, file]) => text.replace(
    `from ${name}`, `from ${JSON.stringify(pathToFileURL(file).href)}`),
  snippet);
const timeout = 30_000;

// The package's name their models as a user would, the checkout's from where they stand.
describe.each([
  { file: 'packages/reprise/README.md', cwd: join(root, 'fixtures/models'), count: 14 },
  { file: 'README.md', cwd: root, count: 1 },
  { file: 'docs/datasets.md', cwd: join(root, 'fixtures/datasets'), count: 4 },
])('$file', ({ file, cwd, count }) => {
  const snippets = blocks(file, 'js');
  it('has snippets', () => expect(snippets).toHaveLength(count));

  it.each(snippets)('snippet %#', async (snippet) => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-'));
    try {
      const program = join(folder, 'snippet.mjs');
      await writeFile(program, resolved(snippet));
      const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd, timeout });
      expect(stdout).not.toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the commands of README.md', () => {
  const lines = blocks('README.md', 'sh').flatMap((block) => block.trimEnd().split('\n'));
  it('are twelve', () => expect(lines).toHaveLength(12));

  it.each(lines)('%s', async (line) => {
    const { stdout } = await promisify(execFile)('bash', ['-c', line], { cwd: root, timeout });
    expect(stdout).not.toBe('');
  });
});
