// Refuses to test a dist/ that is older than what it is built from.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../..', import.meta.url));

/** When a file was last changed, 0 where there is none. */
const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export default function checkBuild(): void {
  const sources = readdirSync(join(home, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|^testing/.test(name))
    .map((name) => join(home, 'src', name));
  const built = ['wasm', 'wasm-threads'].flatMap((build) =>
    ['reprise.mjs', 'reprise.wasm', 'tokenizer.wasm'].map((file) =>
      join(home, '../../build', build, file)));
  const newest = [...sources, ...built].reduce(
    (one, other) => (changed(other) > changed(one) ? other : one));
  if (changed(join(home, 'dist/index.js')) < changed(newest)) {
    throw new Error(`packages/reprise/dist is older than ${newest}; ./dev build package builds it`);
  }
}
