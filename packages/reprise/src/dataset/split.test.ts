// A long split leaves the event loop to others, says how far it is and ends at an abort.
import { liveCounts, loadDataset, type Progress } from 'reprise';
import { describe, expect, it } from 'vitest';
import { rejection } from '../testing/material.js';

/** So many rows, of which the first column has 10,000 values. */
function dataOf(rows: number) {
  const lines = Array.from({ length: rows }, (_, i) => `k${i * 7919 % 10_000},${i}`);
  return loadDataset(new TextEncoder().encode(lines.join('\n')), { format: 'csv', header: false });
}
const ratios = { train: 0.8, val: 0.1, test: 0.1 };

describe('a split of many rows', () => {
  it.each([
    ['shuffle', {}], ['content', { method: 'content' }], ['key', { key: 'column_1' }],
    ['stratify', { stratify: 'column_1' }],
    ['huggingface', { method: 'huggingface', ratios: { train: 0.8, test: 0.2 } }],
  ] as const)('by %s says how far it is', async (_, how) => {
    const rows = 2 ** 16;
    const told: Progress[] = [];
    const splits = await (await dataOf(rows)).split({
      ratios, seed: 1, ...how,
      onProgress: (progress) => {
        if (progress.phase === 'split') told.push(progress);
      },
    });
    expect(Object.values(splits).reduce((sum, split) => sum + split.rows, 0)).toBe(rows);
    expect(told.length).toBeGreaterThan(1);
    expect(told.every(({ unit, done, total = 0 }, i) =>
      unit === 'steps' && done <= total && done > (told[i - 1]?.done ?? 0))).toBe(true);
  });

  it('gives way to others, and ends at an abort', async () => {
    const data = await dataOf(2 ** 20);
    const how = { ratios, seed: 1, stratify: 'column_1' };
    let turns = -1;
    let turnsAtLast = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    await data.split({
      ...how,
      onProgress({ phase }) {
        if (phase !== 'split') return;
        if (turns < 0) turn();
        turnsAtLast = turns;
      },
    });
    isOver = true;
    expect(turnsAtLast).toBeGreaterThan(0);

    const controller = new AbortController();
    const split = data.split({
      ...how, signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'split') controller.abort();
      },
    });
    expect(await rejection(split)).toMatchObject({ code: 'aborted' });
    data.dispose();
    await expect.poll(async () => (await liveCounts()).handles).toBe(0);
  });
});
