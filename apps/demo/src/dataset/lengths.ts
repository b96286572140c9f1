// Lengths of texts, counted one by one and put into the bars of a histogram.

const MOST_BARS = 24;

/** Texts of `from` to `to` tokens; the last bar may have no end. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly texts: number;
}

export interface LengthSummary {
  readonly texts: number;
  readonly tokens: number;
  readonly least: number;
  /** The lower one where two are in the middle. */
  readonly median: number;
  readonly most: number;
  readonly bars: readonly Bar[];
}

/** Counts lengths, of which it keeps each different one once. */
export class LengthCounter {
  readonly #texts = new Map<number, number>();

  add(length: number): void {
    this.#texts.set(length, (this.#texts.get(length) ?? 0) + 1);
  }

  /** Undefined where nothing was counted. */
  summary(): LengthSummary | undefined {
    const sorted = [...this.#texts].sort(([a], [b]) => a - b);
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const texts = sorted.reduce((sum, [, count]) => sum + count, 0);
    return {
      texts,
      tokens: sorted.reduce((sum, [length, count]) => sum + length * count, 0),
      least: first[0],
      median: lengthOf(sorted, Math.ceil(texts / 2)),
      most: last[0],
      bars: barsOf(sorted, lengthOf(sorted, Math.ceil(0.99 * texts))),
    };
  }
}

type Counts = readonly (readonly [length: number, texts: number])[];

/** The length of the text of this rank, from 1. */
function lengthOf(sorted: Counts, rank: number): number {
  let seen = 0;
  return sorted.find(([, count]) => (seen += count) >= rank)?.[0] ?? 0;
}

/** Bars of one width, 1, 2 or 5 times a power of ten. A few texts that are far longer than the others,
 * past twice the `usual` length, share the last bar: they would leave the others only one. */
function barsOf(sorted: Counts, usual: number): Bar[] {
  const least = sorted[0]?.[0] ?? 0;
  const most = sorted.at(-1)?.[0] ?? 0;
  const hasTail = most > 2 * Math.max(usual, 1);
  const top = hasTail ? usual : most;
  const width = barWidth(least, top);
  const start = Math.floor(least / width) * width;
  const bars = Array.from({ length: Math.floor((top - start) / width) + 1 }, (_, i) => ({
    from: start + i * width, to: start + (i + 1) * width - 1, texts: 0,
  }));
  if (hasTail) bars.push({ from: (bars.at(-1)?.to ?? 0) + 1, to: Infinity, texts: 0 });
  for (const [length, count] of sorted) {
    const bar = bars[Math.min(Math.floor((length - start) / width), bars.length - 1)];
    if (bar !== undefined) bar.texts += count;
  }
  return bars;
}

function barWidth(least: number, top: number): number {
  for (let power = 1; ; power *= 10) {
    for (const width of [power, 2 * power, 5 * power]) {
      if (Math.floor(top / width) - Math.floor(least / width) < MOST_BARS) return width;
    }
  }
}
