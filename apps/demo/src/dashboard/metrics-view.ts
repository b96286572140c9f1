// The metrics of a text as a list of figures and a table of scripts.
import type { TokenizerMetrics } from 'reprise';

import { countInWords } from '../words.js';

const LISTED_TOKENS = 5;

/** Shows metrics in a description list and in the body of a table. */
export function showMetrics(
  list: HTMLElement,
  scripts: HTMLElement,
  metrics: TokenizerMetrics,
): void {
  list.replaceChildren(
    ...figuresOf(metrics).flatMap(([name, text]) => [cell('dt', name), cell('dd', text)]),
  );
  scripts.replaceChildren(
    ...Object.entries(metrics.fertility.byScript).map(([script, fertility]) => {
      const row = document.createElement('tr');
      const heading = cell('th', script);
      heading.setAttribute('scope', 'row');
      row.append(
        heading,
        cell('td', ratio(fertility.tokensPerWord)),
        cell('td', ratio(fertility.tokensPerCharacter)),
      );
      return row;
    }),
  );
}

function figuresOf(metrics: TokenizerMetrics): [string, string][] {
  const { coverage, entropy, fertility, compression } = metrics;
  const listed = <T>(tokens: readonly T[], words: (token: T) => string): string =>
    tokens.slice(0, LISTED_TOKENS).map(words).join(', ') || 'none';
  return [
    [
      'Tokens',
      `${metrics.tokens.toLocaleString('en')} for ${countInWords(metrics.words, 'word')}, ` +
        `${countInWords(metrics.characters, 'character')}, ${countInWords(metrics.bytes, 'byte')}`,
    ],
    ['Bytes per token', ratio(compression.bytesPerToken)],
    [
      'Entropy',
      `${ratio(entropy.bitsPerToken)} bits per token, ` +
        `${percent(entropy.normalized)} of what the vocabulary could carry`,
    ],
    [
      'Text covered',
      `${percent(coverage.text)}; ${countInWords(coverage.unknownTokens, 'unknown token')}, ` +
        countInWords(coverage.byteFallbackTokens, 'byte fallback token'),
    ],
    ['Vocabulary used', percent(coverage.vocabulary)],
    [
      'Fertility',
      `${ratio(fertility.tokensPerWord)} tokens per word, ` +
        `${ratio(fertility.tokensPerCharacter)} per character`,
    ],
    ['Longest', listed(metrics.longest, ({ token }) => token)],
    ['Most frequent', listed(metrics.mostFrequent, ({ token, count }) => `${token} ×${count}`)],
  ];
}

function cell(tag: 'dt' | 'dd' | 'th' | 'td', text: string): HTMLElement {
  const found = document.createElement(tag);
  found.textContent = text;
  return found;
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
