// Runs every generator beside this file. With --check it writes nothing and exits 1 where a
// committed file differs from what its generator gives.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const check = process.argv.includes('--check');
let stale = 0;
for (const name of readdirSync(here).filter((f) => f.endsWith('.mjs') && f !== 'run.mjs').sort()) {
  const { generate } = await import(join(here, name));
  for (const [path, text] of Object.entries(generate(root))) {
    let found = null;
    try {
      found = readFileSync(join(root, path), 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    if (found === text) continue;
    if (check) {
      console.error(`${path} is not what tools/gen/${name} gives; run ./dev gen`);
      stale++;
    } else {
      writeFileSync(join(root, path), text);
      console.log(`wrote ${path}`);
    }
  }
}
process.exit(stale ? 1 : 0);
