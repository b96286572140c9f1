// Measures what the built package makes a page load, and fails above schema/ceilings.json.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { minifySync } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'packages', 'reprise', 'dist');

/** Bytes of a text or buffer after brotli at its best level, as static hosting sends it. */
function compressed(content) {
  return brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  }).length;
}

/** Paths of the modules that a module names, at its start or on demand. */
function importsOf(file, code) {
  const named = /(?:\bfrom|\bimport|\bimport\()\s*(['"`])(\.{1,2}\/[^'"`]+)\1/g;
  return [...code.matchAll(named)].map((match) => resolve(dirname(file), match[2]));
}

/** Every module that can be reached from these, with its compressed size, but for `others`. */
function modulesFrom(entries, others) {
  const sizes = new Map();
  const open = [...entries];
  while (open.length > 0) {
    const file = open.pop();
    // A page loads the glue of one build: here that of the WebAssembly file that is counted.
    const isOtherGlue = file.startsWith(join(dist, 'wasm-threads/'));
    if (sizes.has(file) || others.has(file) || isOtherGlue) continue;
    // Without comments, which may name modules too.
    const { code } = minifySync(file, readFileSync(file, 'utf8'), { module: true });
    sizes.set(file, compressed(code));
    open.push(...importsOf(file, code));
  }
  return sizes;
}

const ceilings = JSON.parse(readFileSync(join(root, 'schema', 'ceilings.json'), 'utf8'));
const wasm = (name) => compressed(readFileSync(join(dist, 'wasm', `${name}.wasm`)));

/** The sum of an entry's modules, its worker's among them, without those that others count. */
function javascript(entries, others = []) {
  const inDist = (names) => names.map((name) => join(dist, name));
  const modules = modulesFrom(inDist(entries), new Set(inDist(others)));
  if (process.argv.includes('--list')) {
    console.log(entries.join(', '));
    for (const [file, bytes] of [...modules].sort((a, b) => b[1] - a[1])) {
      console.log(`${String(bytes).padStart(7)}  ${relative(dist, file)}`);
    }
  }
  return [...modules.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const main = ['index.js', 'worker.js'];
/** Chunks that are loaded at their first use, by name. */
const chunks = Object.entries(ceilings).filter(([, { modules }]) => modules !== undefined);
const lazy = chunks.flatMap(([, { modules }]) => modules);
const javascriptBytes = javascript(main, lazy);
/** What these modules add to the main entry's. */
const chunk = ({ modules }) =>
  javascript([...main, ...modules], lazy.filter((name) => !modules.includes(name))) - javascriptBytes;
const measured = {
  wasm: wasm('reprise'),
  javascript: javascriptBytes,
  ...Object.fromEntries(chunks.map(([name, one]) => [name, chunk(one)])),
  tokenizer: wasm('tokenizer') + javascript(['tokenizer-entry.js', 'tokenizer-worker.js']),
};
let passed = true;
for (const [name, bytes] of Object.entries(measured)) {
  const { ceiling, what } = ceilings[name];
  const verdict = bytes <= ceiling ? 'within' : 'ABOVE';
  console.log(`${name}: ${bytes} bytes, ${verdict} the ceiling of ${ceiling} (${what})`);
  passed &&= bytes <= ceiling;
}
process.exit(passed ? 0 : 1);
