// Run records on the page: the last one to save, and others to replay.
import { replay, type ReplayOptions, type ReplayResult, type RunRecord } from 'reprise';

import type { ChosenSource } from './model-source.js';
import { page } from './page.js';
import { countInWords } from './words.js';

let last: RunRecord | undefined;

/** The record that can be saved; undefined for none. */
export function offerRecord(record: RunRecord | undefined): void {
  last = record;
  page.saveRecord.hidden = record === undefined;
}

/** Saves the last record as a file, named by its run. */
export function saveRecord(): void {
  if (last === undefined) return;
  const address = URL.createObjectURL(
    new Blob([`${JSON.stringify(last)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `run-${last.runId.slice(0, 12)}.json`;
  link.click();
  // The download begins after this turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Replays a record on the chosen model, and says what came of it. */
export async function replayRecord(
  file: File,
  source: ChosenSource,
  options: Pick<ReplayOptions, 'signal' | 'onProgress'>,
): Promise<string> {
  return inWords(await replay(file, { model: source.folder, ...options }));
}

function inWords(result: ReplayResult): string {
  const compared = countInWords(result.compared, 'token');
  const reasons = result.reasons.map(({ text }) => text).join('; ');
  const why = reasons === '' ? '' : ` ${reasons}.`;
  if (result.verdict === 'identical') return `Identical: ${compared} came out the same.${why}`;
  const { firstDifference, drift, withinTolerance } = result;
  const place = firstDifference === undefined ? 'in no token'
    : `first at token ${firstDifference.at}: recorded ${firstDifference.recorded}, found ${
      firstDifference.found}`;
  const tolerance = withinTolerance === undefined ? ''
    : `, ${withinTolerance ? 'inside' : 'outside'} the tolerance between backends`;
  return `Differs: ${place}; |Δlogprob| ${drift.max.toPrecision(3)} at most, ${
    drift.mean.toPrecision(3)} on average${tolerance}.${why}`;
}
