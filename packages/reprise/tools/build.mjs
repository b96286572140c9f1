// Builds the package into dist/: tsc's ES modules, joined to as few as its entries need, the
// WebAssembly modules that `./dev build wasm wasm-threads` left in build/, and the built-in model.
// Fails where one is missing.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(home, '..', '..');
const dist = join(home, 'dist');

/** The WebAssembly files of the package, from build/ to dist/. */
const artefacts = ['wasm', 'wasm-threads'].flatMap((build) =>
  ['reprise.mjs', 'reprise.wasm', 'tokenizer.mjs', 'tokenizer.wasm'].map((file) => join(build, file)))
  // Tokenizers without threads need no JavaScript of Emscripten's.
  .filter((file) => file !== join('wasm', 'tokenizer.mjs'));

/** Emscripten's glue without the one import by name of a module that only Node has: bundlers for
 * browsers would look for it, and some fail. */
function glueForBundlers(text, file) {
  const named = 'import("node:module")';
  if (text.split(named).length !== 2) {
    throw new Error(`${file} does not hold ${named} once`);
  }
  const unnamed = 'import(/* @vite-ignore */ /* webpackIgnore: true */ "node:"+"module")';
  return text.replace(named, unnamed);
}

/** The modules that keep their names: the entries and their workers; the runtime that addresses the
 * worker beside it; the player, for what checks a device (tests/conformance); the store of
 * checkpoints with its folder, for what crashes them (src/checkpoints/crash.test.ts); and datasets
 * (src/dataset/), Parquet apart, with their defaults, which the command says. */
const entries = [
  'index', 'main-runtime', 'worker', 'tokenizer-entry', 'tokenizer-worker', 'webgpu/player',
  'checkpoints/store', 'checkpoints/node-folder', 'dataset/index', 'dataset/parquet', 'dataset/defaults',
];

/** Joins tsc's modules, the command's apart, to as few as the entries need: a page fetches each by
 * itself, and small ones compress badly. What several entries need is there once, in shared/, which
 * is one folder deep as the modules are that address files of wasm/ relative to themselves. */
async function joinModules() {
  const modules = readdirSync(dist, { recursive: true })
    .filter((name) => name.endsWith('.js') && !name.startsWith(`cli${sep}`));
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(dist, `${name}.js`)])),
    external: [/\/wasm(-threads)?\//, 'apache-arrow'],
    platform: 'neutral',
    // hyparquet-compressors says 'main' alone; hyparquet has other entries for Node, with its files.
    resolve: { mainFields: ['module', 'main'], conditionNames: ['browser', 'import'] },
    // It compiles a WebAssembly module when it is loaded, for a Snappy that is not used.
    treeshake: { moduleSideEffects: (id) => !/\/(hyparquet-compressors|hysnappy)\//.test(id) },
  });
  const { output } = await bundle.generate({
    entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js',
    // One module of what pages and workers load and of the little that only workers do, one of what pages
    // load, whichever the entry, and one of what datasets and their Parquet need: the modules named
    // here, with what these need.
    codeSplitting: {
      groups: [
        { name: 'base', test: /[\\/]dist[\\/](errors|platform|any-origin-worker|worker-port)\.js$/, priority: 2 },
        { name: 'tokenizer', test: /[\\/]dist[\\/]tokenizer\.js$/, priority: 1 },
        { name: 'fields', test: /[\\/]dist[\\/]dataset[\\/](fields|row-json|timestamp-text)\.js$/, priority: 1 },
      ],
    },
  });
  await bundle.close();
  for (const name of modules) rmSync(join(dist, name));
  for (const { fileName, code } of output) {
    mkdirSync(dirname(join(dist, fileName)), { recursive: true });
    writeFileSync(join(dist, fileName), code);
  }
}

const missing = artefacts.filter((file) => !existsSync(join(root, 'build', file)));
if (missing.length > 0) {
  console.error(
    `Missing in build/: ${missing.join(', ')}. Run: ./dev build wasm wasm-threads`);
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = join(dirname(typescript), 'bin/tsc');
execFileSync(process.execPath, [tsc, '-p', join(home, 'tsconfig.json')], { stdio: 'inherit' });
await joinModules();
for (const file of artefacts) {
  const [from, to] = [join(root, 'build', file), join(dist, file)];
  mkdirSync(dirname(to), { recursive: true });
  if (file.endsWith('.wasm')) copyFileSync(from, to);
  else writeFileSync(to, glueForBundlers(readFileSync(from, 'utf8'), from));
}
for (const file of readdirSync(join(root, 'schema')).filter((name) => name.endsWith('.schema.json'))) {
  mkdirSync(join(dist, 'schema'), { recursive: true });
  copyFileSync(join(root, 'schema', file), join(dist, 'schema', file));
}
// What is joined into the modules and is not ours: packages, the modules that they are in, and what they
// say of their own sources.
const joined = [
  ['fflate', 'shared/browser.js'],
  ['hyparquet', 'shared/src.js and dataset/parquet.js',
    'Snappy after snappyjs: Copyright (c) 2016 Zhipeng Jia, MIT License'],
  ['hyparquet-compressors', 'shared/gzip.js, shared/brotli.js and dataset/parquet.js',
    'Brotli after brotli.js: Copyright 2013 Google Inc., Apache License 2.0 (LICENSE)\n' +
    'gzip after fflate: Copyright (c) 2023 Arjun Barrett, MIT License'],
  ['hyparquet-writer', 'shared/write.js'],
  ['fzstd', 'shared/esm.js'],
  ['xxhash-wasm', 'shared/unzstd.js'],
];
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES'), joined.map(([name, file, ...more]) => {
  const folder = join(root, 'node_modules', name);
  const licence = readdirSync(folder).find((entry) => /^LICENSE(\.md)?$/.test(entry));
  const text = readFileSync(join(folder, licence), 'utf8');
  return [`${name} (${file})`, ...more, text].join('\n\n');
}).join('\n\n'));
// The model that the command and the page use where none is named.
cpSync(join(root, 'fixtures', 'models', 'stories-260k'), join(dist, 'models', 'stories-260k'), {
  recursive: true,
});
