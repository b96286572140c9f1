// node fuzz/seeds.mjs FOLDER
//
// Writes the seeds of the fuzz targets: the tokenizers and texts of fixtures/tokenizers/components.json,
// which have every component of the format, files of rows (dataset_seeds.mjs), and what fuzzing found,
// which is kept in finds/TARGET. A find of a tokenizer.json is one of the tokenizers of the target for
// texts, too, unless its name begins with refused-.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasetSeeds } from './dataset_seeds.mjs';

const folder = process.argv[2];
if (folder === undefined) throw new Error('node fuzz/seeds.mjs FOLDER');
const fixture = new URL('../fixtures/tokenizers/components.json', import.meta.url);
const shared = JSON.parse(readFileSync(fixture, 'utf8'));

function write(target, name, content) {
  mkdirSync(join(folder, target), { recursive: true });
  writeFileSync(join(folder, target, name), content);
}
shared.cases.forEach(({ tokenizer, results }, number) => {
  const name = String(number).padStart(3, '0');
  const { model } = tokenizer;
  const whole = { ...tokenizer, model: typeof model === 'string' ? shared[model] : model };
  write('tokenizer_json', `${name}.json`, JSON.stringify(whole));
  results.forEach(({ text }, i) => write('text', `${name}-${i}`, Buffer.concat([Buffer.from([number]), Buffer.from(text)])));
});
for (const [target, name, content] of datasetSeeds()) write(target, name, content);
// Behind the others in the order of names, so that these keep their numbers.
cpSync(new URL('finds', import.meta.url), folder, { recursive: true });
