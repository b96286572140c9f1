// The cases through reprise_native at one SIMD level.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextOf, generateFields, modelCases } from './cases.mjs';

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function run([program, ...before], simd, words) {
  const env = simd ? { ...process.env, REPRISE_SIMD: simd } : process.env;
  return execFileSync(program, [...before, ...words], { encoding: 'utf8', env, maxBuffer: 1 << 28 });
}

/** What the binary is and has: SIMD levels, version. `command` is how it is called, as a list of words. */
export const nativeInfo = (command, simd) => JSON.parse(run(command, simd, ['capabilities']));

/** Computes every field; `work` is a folder for a temporary file. */
export function computeFields(command, { simd, backend = 'cpu', threads = 1 }, { folders, tokenizers, texts }, work) {
  if (simd && nativeInfo(command, simd).simd !== simd) throw new Error(`REPRISE_SIMD=${simd} did not run ${simd}`);
  const fields = {};
  for (const [name, folder] of Object.entries(folders)) {
    const { vocab_size: vocabSize } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    const common = ['--model', folder, '--backend', backend, '--threads', String(threads), '--context-length', String(contextOf(name)), '--json'];
    for (const test of modelCases(name, vocabSize)) {
      const made = test.kind === 'score' ? score(test) : generate(test);
      for (const [field, values] of Object.entries(made)) fields[`${name}/${test.name}/${field}`] = values;
    }
    function score({ tokens }) {
      const { loss, logprobs, logits } = JSON.parse(run(command, simd, ['score', ...common, '--tokens', tokens.join(','), '--logits']));
      return { loss: [loss], logprobs, logits };
    }
    function generate({ prompt, options }) {
      const words = Object.entries(options).flatMap(([key, value]) => [`--${kebab(key)}`, String(value)]);
      return generateFields(JSON.parse(run(command, simd, ['generate', ...common, '--prompt-ids', prompt.join(','), '--stop-ids', '', ...words])));
    }
  }
  const lines = join(work, 'texts.jsonl');
  writeFileSync(lines, texts.map((text) => JSON.stringify(text) + '\n').join(''));
  for (const [name, file] of Object.entries(tokenizers)) {
    const out = run(command, undefined, ['tokenize', '--tokenizer', file, '--jsonl', lines, '--special']);
    fields[`${name}/ids`] = out.trimEnd().split('\n').flatMap((line) => [...JSON.parse(line), -1]);
  }
  return fields;
}
