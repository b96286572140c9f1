// Fails on an include in core/ against the order of dependence. Each line below may include from
// the lines above it, and from its own folder.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const layers = [
  ['base'],
  ['numerics', 'hash', 'unicode'],
  ['random'],
  ['tokenizer', 'dataset', 'tensor'],
  ['precision'],
  ['backend'],
  ['ops'],
  ['model'],
  ['train', 'generate'],
  ['run'],
  ['capi'],
];
const rank = new Map(layers.flatMap((names, i) => names.map((name) => [name, i])));

let wrong = 0;
const complain = (text) => {
  console.error(text);
  wrong++;
};
const files = execFileSync('git', ['ls-files', 'core/*.h', 'core/*.cc'], { encoding: 'utf8' });
for (const file of files.trim().split('\n')) {
  const from = file.split('/')[1];
  if (!rank.has(from)) {
    complain(`${file}: core/${from} has no place in the order of dependence`);
    continue;
  }
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^\s*#include "([^"]+)"/gm)) {
    const to = path.split('/')[0];
    if (to === 'tests' && file.endsWith('_test.cc')) continue; // tests/support/
    if (!rank.has(to)) complain(`${file}: "${path}" is not named from core/`);
    else if (to !== from && rank.get(to) >= rank.get(from)) {
      complain(`${file}: ${from} may not include from ${to} ("${path}")`);
    }
  }
}
process.exit(wrong ? 1 : 0);
