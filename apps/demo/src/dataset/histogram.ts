// The histogram of token lengths: an image with words for those who do not see it, and a table.
import { countInWords } from '../words.js';
import type { Bar, LengthSummary } from './lengths.js';
import { tableOf } from './tables.js';

// In units of the image, which is as wide as there is room.
const WIDTH = 600;
const HEIGHT = 170;
const BASE = 150;
const TOP = 18;
const GAP = 2;

/** The bars of a summary. */
export function histogramOf(summary: LengthSummary): HTMLElement[] {
  return [imageOf(summary), asTable(summary.bars)];
}

/** One line of figures. */
export function lengthsInWords({ texts, tokens, least, median, most }: LengthSummary): string {
  return `${countInWords(texts, 'text')}, ${countInWords(tokens, 'token')}: from ` +
    `${least.toLocaleString('en')} to ${countInWords(most, 'token')} a text, median ` +
    `${median.toLocaleString('en')}, mean ${(tokens / texts).toFixed(1)}`;
}

function imageOf(summary: LengthSummary): HTMLElement {
  const { bars } = summary;
  const tallest = Math.max(...bars.map(({ texts }) => texts));
  const step = WIDTH / bars.length;
  const image = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
  image.setAttribute('aria-label', `Histogram of token lengths. ${lengthsInWords(summary)}.`);
  image.append(shape('line', { x1: 0, y1: BASE, x2: WIDTH, y2: BASE }));
  bars.forEach((bar, i) => {
    const height = (bar.texts / tallest) * (BASE - TOP);
    const rect = shape('rect', {
      x: i * step + GAP / 2, y: BASE - height, width: step - GAP, height,
    });
    const title = shape('title', {});
    title.textContent = `${rangeOf(bar)} tokens: ${countInWords(bar.texts, 'text')}`;
    rect.append(title);
    image.append(rect);
  });
  // Every so many bars have room for the number that they begin with.
  const labelled = Math.ceil(bars.length / 8);
  bars.forEach((bar, i) => {
    if (i % labelled === 0) image.append(label(bar.from, i * step + step / 2, HEIGHT - 5));
  });
  const highest = bars.findIndex(({ texts }) => texts === tallest);
  image.append(label(tallest, highest * step + step / 2, TOP - 5));
  const box = document.createElement('div');
  box.className = 'histogram';
  box.append(image);
  return box;
}

function label(count: number, x: number, y: number): SVGElement {
  // Half of the longest label has room at both ends.
  const text = shape('text', { x: Math.min(Math.max(x, 20), WIDTH - 20), y });
  text.textContent = count.toLocaleString('en');
  return text;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function asTable(bars: readonly Bar[]): HTMLElement {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'The histogram as a table';
  details.append(summary, tableOf('Token lengths', ['Tokens', 'Texts'],
    bars.map((bar) => [rangeOf(bar), bar.texts.toLocaleString('en')])));
  return details;
}

function rangeOf({ from, to }: Bar): string {
  const [first, last] = [from.toLocaleString('en'), to.toLocaleString('en')];
  if (to === Infinity) return `${first} and more`;
  return from === to ? first : `${first}–${last}`;
}
