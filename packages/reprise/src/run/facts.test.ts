// The place of a model as its record names it.
import { expect, it } from 'vitest';
import { placeOf } from './facts.js';

it.each<[unknown, string | null]>([
  ['models/a?b#c%20d é', 'models/a?b#c%20d é'],
  ['https://example.org/My%20Model/?token=x#y', 'https://example.org/My Model/'],
  [new URL('file:///models/%C3%A9'), 'file:///models/é'],
  ['https://example.org/100%', 'https://example.org/100%'],
  [{ 'config.json': '' }, null],
])('of %s is %s', (folder, place) => expect(placeOf(folder)).toBe(place));
