// Where the tests in JavaScript and TypeScript find the reference material of real peers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const home = process.env.REPRISE_REFERENCE ?? join(import.meta.dirname, '../../.reference');

/** The path of a part of the reference material, or undefined where it is not there; with
 * REPRISE_REQUIRE_REFERENCE=1 that is an error. */
export function referencePath(name) {
  const path = join(home, name);
  if (existsSync(path)) return path;
  if (process.env.REPRISE_REQUIRE_REFERENCE === '1') {
    throw new Error(`REPRISE_REQUIRE_REFERENCE=1, and there is no ${path}`);
  }
  return undefined;
}

/** The models that transformers continued: their folders by name, as far as they are there. */
export function referenceModels() {
  const found = ['llama', 'llama-tied-mha', 'mistral', 'gpt2'].map((name) =>
    ({ name, folder: referencePath(`models/${name}`) }));
  return found.filter(({ folder }) => folder !== undefined);
}
