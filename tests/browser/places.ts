// Where the tests find what they serve, and what the story model is known to write.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const packageFolder = pathOf('../../packages/reprise');
export const pageFolder = pathOf('../../apps/demo');
export const fixturesFolder = pathOf('../../fixtures');
export const modelsFolder = pathOf('../../fixtures/models');

interface Generation {
  readonly prompt: string;
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly text: string;
}

/** "Once upon a time", continued greedily by transformers: 120 tokens. */
export const known = (
  JSON.parse(readFileSync(pathOf('../../fixtures/generations/stories-260k.json'), 'utf8')) as {
    cases: readonly [Generation, ...Generation[]];
  }
).cases[0];
