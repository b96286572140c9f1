// What the page shows of a dataset, part by part as each is known.
import type { DatasetSchema, DatasetStats, Row, Split } from 'reprise';

import { element } from '../page.js';
import { countInWords } from '../words.js';
import { histogramOf, lengthsInWords } from './histogram.js';
import type { LengthSummary } from './lengths.js';
import { tableOf } from './tables.js';
import { statsHeadings, statsInWords, typeInWords, valueInWords } from './values.js';

// A page with many more cells becomes slow.
const MOST_FIELDS = 50;

const parts = {
  result: element('dataset-result', HTMLDivElement),
  schema: element('dataset-schema', HTMLDivElement),
  rows: element('dataset-rows', HTMLDivElement),
  stats: element('dataset-stats', HTMLDivElement),
  splits: element('dataset-splits', HTMLDivElement),
  field: element('dataset-field', HTMLSelectElement),
  lengths: element('dataset-lengths', HTMLDivElement),
};

/** Shows a dataset of which nothing but the schema is known. */
export function showSchema(schema: DatasetSchema): void {
  const fields = schema.fields.slice(0, MOST_FIELDS);
  const more = schema.fields.length - fields.length;
  parts.schema.replaceChildren(
    tableOf('Schema', ['Field', 'Type', 'Optional'], fields.map((field) =>
      [field.name, typeInWords(field), field.optional === true ? 'yes' : 'no'])),
    ...(more === 0 ? [] : [note(`… and ${countInWords(more, 'field')} more, shown nowhere here.`)]),
  );
  for (const part of [parts.rows, parts.stats, parts.splits, parts.lengths]) part.replaceChildren();
  const texts = schema.fields.filter(({ type }) => type === 'string');
  parts.field.replaceChildren(...texts.map(({ name }) => new Option(name, name)));
  parts.field.disabled = texts.length === 0;
  parts.field.value = schema.text ?? texts[0]?.name ?? '';
  parts.result.hidden = false;
}

export function hideDataset(): void {
  parts.result.hidden = true;
}

export function showRows({ fields }: DatasetSchema, rows: readonly Row[]): void {
  const some = fields.slice(0, MOST_FIELDS);
  parts.rows.replaceChildren(
    tableOf('First rows', ['Row', ...some.map(({ name }) => name)], rows.map((row, i) =>
      [String(i), ...some.map((field) => valueInWords(row[field.name], field))])),
  );
}

export function showStats({ fields }: DatasetSchema, stats: DatasetStats): void {
  parts.stats.replaceChildren(
    tableOf(`Statistics of ${countInWords(stats.rows, 'row')}`, statsHeadings,
      fields.slice(0, MOST_FIELDS).flatMap((field) => {
        const of = stats.fields[field.name];
        return of === undefined ? [] : [statsInWords(field, of)];
      })),
  );
}

export function showSplits(splits: readonly Split[]): void {
  parts.splits.replaceChildren(
    tableOf('Splits', ['Split', 'Rows', 'Hash (SHA-256)'], splits.map(({ name, rows, hash }) =>
      [name, rows.toLocaleString('en'), hash])),
  );
}

export function showLengths(summary: LengthSummary): void {
  parts.lengths.replaceChildren(note(`${lengthsInWords(summary)}.`), ...histogramOf(summary));
}

/** Says why there are no splits, or what they wait for. */
export function tellOfSplits(words: string): void {
  parts.splits.replaceChildren(note(words));
}

/** Says why there is no histogram, or what it waits for. */
export function tellOfLengths(words: string): void {
  parts.lengths.replaceChildren(note(words));
}

function note(words: string): HTMLElement {
  const paragraph = document.createElement('p');
  paragraph.className = 'hint';
  paragraph.textContent = words;
  return paragraph;
}
