// Where tests find models and what other programs computed with them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LongOptions, liveCounts } from 'reprise';
import { expect } from 'vitest';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
export const storiesFolder = join(root, 'fixtures/models/stories-260k');
export const storiesFile = (name: string): string => join(storiesFolder, name);

/** What transformers continues prompts with, greedily. */
export interface Continuation {
  readonly prompt: string;
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly text: string;
}

export const storiesContinuations = (
  JSON.parse(readFileSync(join(root, 'fixtures/generations/stories-260k.json'), 'utf8')) as {
    cases: Continuation[];
  }
).cases;

/** Fails where an object was left alive. */
export async function expectNothingAlive(): Promise<void> {
  expect(await liveCounts()).toEqual({ handles: 0, gpuBuffers: 0 });
}

/** Gives what a promise rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (thrown: unknown) => thrown,
  );
}

/** Begins work on many texts, aborts it at its first progress, and expects that it ends then. */
export async function expectAbortOfBatch(
  work: (texts: string[], options: LongOptions) => Promise<unknown>,
): Promise<void> {
  const texts = Array.from({ length: 20_000 }, (_, i) => `Story number ${i}. `.repeat(20));
  const controller = new AbortController();
  const seen: number[] = [];
  const error = await rejection(work(texts, {
    signal: controller.signal,
    onProgress: ({ phase, done, total, unit }) => {
      expect([phase, total, unit]).toEqual(['tokenize', texts.length, 'rows']);
      seen.push(done);
      controller.abort();
    },
  }));
  expect(error).toMatchObject({ code: 'aborted' });
  expect(seen[0]).toBeLessThan(texts.length);
}

/** What is wrong, with the fields of the error; throws where nothing is. */
export async function failure(work: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await work;
  } catch (thrown) {
    const { code, message, fields } = thrown as { code: string; message: string; fields: object };
    return { code, message, ...fields };
  }
  throw new Error('nothing was thrown');
}
