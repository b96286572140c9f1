// What the exact legs run on: the fixtures, 16-bit copies of the story model, a random model that
// crosses the borders of blocks, and the reference material where it is there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRandomLlama } from '../../packages/reprise/src/testing/random-llama.ts';
import { referenceModels } from '../support/reference.mjs';
import { borderContext, borderName, borderSizes } from './cases.mjs';
import { writeHalfModel } from './half_models.mjs';

/** Folders by name, tokenizer files by name, and texts; copies are written below `work`. */
export function gatherInputs(root, work) {
  const story = join(root, 'fixtures/models/stories-260k');
  const folders = { 'stories-260k': story };
  for (const dtype of ['F16', 'BF16']) {
    const name = `stories-260k-${dtype.toLowerCase()}`;
    folders[name] = join(work, name);
    writeHalfModel(story, folders[name], dtype);
  }
  folders[borderName] = join(work, borderName);
  writeRandomLlama(folders[borderName], borderContext, borderSizes);
  for (const { name, folder } of referenceModels()) folders[name] = folder;
  const tokenizers = { 'stories-260k': join(story, 'tokenizer.json') };
  for (const name of ['gpt2-cut', 'smollm-cut']) {
    tokenizers[name] = join(root, 'fixtures/tokenizers', name, 'tokenizer.json');
  }
  const texts = JSON.parse(readFileSync(join(root, 'fixtures/tokenizers/strings.json'), 'utf8'));
  return { folders, tokenizers, texts };
}
