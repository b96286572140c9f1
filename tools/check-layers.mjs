// Fails on an include or import against the order of dependence: core, wasm, packages, apps, and
// inside core/ the order below. Each of its lines may include from the lines above it, and from its
// own folder.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

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
// A folder that is built into the module of tokenizers too, where its subfolder is not: it includes
// from no higher line than this.
const highest = { capi: { line: rank.get('tokenizer'), without: 'capi/models' } };

// Above the backends everything speaks to backend.h; only this folder makes devices, and tests.
const makesDevices = 'core/capi/models/';

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
    const isDevice = /^backend\/.*\//.test(path) && from !== 'backend';
    if (isDevice && !file.startsWith(makesDevices) && !file.endsWith('_test.cc')) {
      complain(`${file}: only ${makesDevices} and tests may include from a device ("${path}")`);
    }
    const { line, without } = highest[from] ?? {};
    const isBound = without !== undefined && !file.startsWith(`core/${without}/`);
    if (!isBound || file.endsWith('_test.cc')) continue;
    if (path.startsWith(`${without}/`) || (to !== from && rank.get(to) > line)) {
      complain(`${file}: what stands outside ${without}/ may not include "${path}"`);
    }
  }
}

// A package or an app imports files of its own and other packages by name, never their insides.
const sources = execFileSync('git', ['ls-files', 'packages/*.ts', 'apps/*.ts'], { encoding: 'utf8' });
for (const file of sources.trim().split('\n').filter(Boolean)) {
  const home = file.split('/').slice(0, 2).join('/');
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
    if (path.startsWith('.')) {
      const target = posix.join(posix.dirname(file), path);
      const isTestTool = file.endsWith('.test.ts') && /^(tools|tests)\//.test(target);
      if (!target.startsWith(`${home}/`) && !isTestTool) complain(`${file}: "${path}" leads out of ${home}`);
    } else if (/^reprise\/(?!tokenizer$)/.test(path)) {
      complain(`${file}: "${path}" is not an entry of the package`);
    }
  }
}
process.exit(wrong ? 1 : 0);
