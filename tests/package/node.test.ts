// The installed tarball in Node: as it is, in a bundle, under TypeScript's eyes, and as a command.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { addArrow, type Installed, installTarball } from './installed.js';

const run = promisify(execFile);
const story = ', there was a little girl named Lily. She loved to';

const program = `
import { capabilities, configure, liveCounts, loadModel } from 'reprise';
await configure({ log: false, threads: Number(process.argv[2]) });
const model = await loadModel('node_modules/reprise/dist/models/stories-260k', { backend: 'cpu' });
const { text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 15 });
model.dispose();
const { build } = await capabilities();
console.log(JSON.stringify({ text, picked: build.picked, ...(await liveCounts()) }));
`;

let installed: Installed;
beforeAll(async () => {
  installed = await installTarball();
  writeFileSync(join(installed.folder, 'program.mjs'), program);
});
afterAll(() => rmSync(installed.folder, { recursive: true }));

const node = (...words: string[]) =>
  run(process.execPath, words, { cwd: installed.folder, timeout: 30_000 });

it('holds what it needs and nothing else', () => {
  for (const file of ['package.json', 'README.md', 'LICENSE', 'bin/reprise.js', 'dist/index.js',
    'dist/index.d.ts', 'dist/worker.js', 'dist/wasm/reprise.wasm',
    'dist/wasm-threads/reprise.wasm', 'dist/tokenizer-entry.js', 'dist/tokenizer-worker.js',
    'dist/wasm/tokenizer.wasm', 'dist/wasm-threads/tokenizer.wasm']) {
    expect(installed.files).toContain(file);
  }
  const strange = installed.files.filter((file) => /test|src\/|\.map$|tsconfig/.test(file));
  expect(strange).toEqual([]);
  for (const optional of ['webgpu', 'apache-arrow']) {
    expect(existsSync(join(installed.folder, 'node_modules', optional))).toBe(false);
  }
});

it.each([['1', 'wasm'], ['2', 'wasm-threads']])(
  'generates with %s thread(s)', async (threads, picked) => {
    const { stdout, stderr } = await node('program.mjs', threads);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ text: story, picked, handles: 0, gpuBuffers: 0 });
  });

it('generates from a bundle for servers', async () => {
  await build({
    root: installed.folder, configFile: false, logLevel: 'warn',
    build: { ssr: 'program.mjs', outDir: 'bundle', target: 'node20' },
  });
  const { stdout } = await node('bundle/program.js', '1');
  expect(JSON.parse(stdout)).toMatchObject({ text: story });
});

it('runs as a command', async () => {
  const { stdout } = await node('node_modules/.bin/reprise', 'generate', '--prompt',
    'Once upon a time', '--temperature', '0', '--max-tokens', '15', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ text: story });
});

it('makes tables where apache-arrow is installed, and says where it is not', async () => {
  writeFileSync(join(installed.folder, 'table.mjs'), `
    import { configure, loadDataset, RepriseError } from 'reprise';
    await configure({ log: false, threads: 1 });
    const data = await loadDataset([{ word: 'one' }, { word: 'two' }]);
    const answer = await data.toArrow().then((table) => table.getChild('word').toJSON(), (error) => ({
      isOurs: error instanceof RepriseError, code: error.code, message: error.message,
      package: error.fields.package, cause: error.cause.code }));
    console.log(JSON.stringify(answer));`);
  expect(JSON.parse((await node('table.mjs')).stdout)).toEqual({
    isOurs: true, code: 'unsupported', package: 'apache-arrow', cause: 'ERR_MODULE_NOT_FOUND',
    message: expect.stringMatching(/npm install apache-arrow.*Cannot find package 'apache-arrow'/),
  });
  using _ = addArrow(installed.folder);
  expect(JSON.parse((await node('table.mjs')).stdout)).toEqual(['one', 'two']);
});

it.each(['NodeNext', 'Bundler'])('has types for strict TypeScript (%s)', async (resolution) => {
  const { folder } = installed;
  writeFileSync(join(folder, 'table.ts'), `
    import { loadDataset } from 'reprise';
    import { type Table, tableToIPC } from 'apache-arrow';
    export async function write(): Promise<Uint8Array> {
      const table = await (await loadDataset('x')).toArrow();
      // @ts-expect-error It is no any.
      table.nothing;
      const same: Table = table;
      return tableToIPC(same);
    }`);
  writeFileSync(join(folder, 'use.ts'), `
    import { loadDataset, loadModel, RepriseError, type GenerateResult } from 'reprise';
    export const rows = async () => (await (await loadDataset('x')).toArrow()).numRows;
    export async function write(): Promise<GenerateResult> {
      using model = await loadModel('x', { onProgress: ({ done }) => void done.toFixed() });
      for await (const { text } of model.stream('a', { seed: 1 })) text.trim();
      return model.generate([1], { stop: 'b' }).catch((thrown: unknown) => {
        throw thrown instanceof RepriseError ? new Error(thrown.code) : thrown;
      });
    }`);
  const module = resolution === 'Bundler' ? 'ESNext' : 'NodeNext';
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const check = (file: string) => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, target: 'ES2022', module, moduleResolution: resolution,
        exactOptionalPropertyTypes: true, types: [],
        lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
      },
      files: [file],
    }));
    return node(join(typescript, 'bin/tsc'), '-p', folder);
  };
  await check('use.ts');
  using _ = addArrow(installed.folder);
  await check('use.ts');
  await check('table.ts');
});

it('says the same version as the core', async () => {
  const { version } = JSON.parse(readFileSync(
    join(installed.folder, 'node_modules/reprise/package.json'), 'utf8')) as { version: string };
  const { stdout } = await node('node_modules/.bin/reprise', 'capabilities', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ version });
});
