// `reprise metrics`: what a tokenizer makes of texts, in figures.
import type { TokenizerMetrics } from '../../index.js';
import { quoted } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { UsageError } from '../failure.js';
import { readStandardInput, readText, readTextLines } from '../text-input.js';
import { requiredTokenizer, openTokenizer, tokenizerOption } from '../tokenizer-option.js';

export const metricsCommand: Command = {
  summary: 'measure what a tokenizer makes of texts',
  usage: '--tokenizer T [FILE… | --text TEXT] [--by-line] [--json]',
  description:
    'Measures texts from files, an option or standard input: how much of them and of the ' +
    'vocabulary is covered, entropy, tokens per word and per character by Unicode script, bytes ' +
    'per token, and the longest and most frequent tokens. Special tokens are not added. ' +
    "The repository's docs/tokenizer-metrics.md defines each figure.",
  options: {
    ...tokenizerOption,
    text: { value: 'TEXT', help: 'a text, instead of files' },
    'by-line': { help: "each line is a text, without its line's end; default: each file" },
  },
  examples: [
    { line: 'reprise metrics --tokenizer my-model book.txt', does: 'a table for one text' },
    {
      line: 'reprise metrics --tokenizer tokenizer.json --by-line *.txt --json',
      does: 'a text for each line of the files, on all threads, as one JSON object',
    },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    if (args.text('text') !== undefined && args.words.length > 0) {
      throw new UsageError('expected either --text or files, found both');
    }
    requiredTokenizer(args);
    const texts = await givenTexts(invocation);
    const tokenizer = await openTokenizer(invocation, texts.length === 1 ? 1 : 'all');
    try {
      const metrics = await tokenizer.metrics(texts, { signal, onProgress: out.progress });
      if (args.flag('json')) await out.writeJson(metrics);
      else await out.write(inWords(metrics));
    } finally {
      tokenizer.dispose();
    }
  },
};

async function givenTexts({ args, signal }: Invocation): Promise<string[]> {
  const text = args.text('text');
  const byLine = args.flag('by-line');
  if (text !== undefined || args.words.length === 0) {
    const whole = text ?? (await readStandardInput('metrics', signal));
    return byLine ? linesOf(whole) : [whole];
  }
  const texts: string[] = [];
  for (const file of args.words) {
    if (!byLine) {
      texts.push(await readText(file, signal));
      continue;
    }
    for await (const line of readTextLines(file, signal)) texts.push(withoutEnd(line));
  }
  return texts;
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '').map(withoutEnd);
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}

type Row = readonly [name: string, ...figures: string[]];

function inWords(metrics: TokenizerMetrics): string {
  const { coverage, entropy, fertility, compression } = metrics;
  return [
    figures([
      ['texts', String(metrics.texts)],
      ['bytes', String(metrics.bytes)],
      ['characters', String(metrics.characters)],
      ['words', String(metrics.words)],
      ['tokens', String(metrics.tokens)],
    ]),
    'Coverage\n',
    figures([
      ['  text', percent(coverage.text)],
      ['  vocabulary', percent(coverage.vocabulary)],
      ['  unknown tokens', String(coverage.unknownTokens)],
      ['  byte fallback tokens', String(coverage.byteFallbackTokens)],
    ]),
    'Entropy\n',
    figures([
      ['  bits per token', ratio(entropy.bitsPerToken)],
      ['  normalized, 0 to 1', ratio(entropy.normalized)],
    ]),
    'Compression\n',
    figures([['  bytes per token', ratio(compression.bytesPerToken)]]),
    figures([['Fertility: tokens', 'per word', 'per character']]),
    figures([
      fertilityRow('all', fertility),
      ...Object.entries(fertility.byScript).map(([script, of]) => fertilityRow(script, of)),
    ]),
    'Longest tokens: id, token\n',
    tokens(metrics.longest.map(({ id, token }) => [token, String(id)])),
    'Most frequent tokens: number, share, id, token\n',
    tokens(
      metrics.mostFrequent.map(({ id, token, count }) => [
        token,
        String(count),
        percent(count / metrics.tokens),
        String(id),
      ]),
    ),
  ].join('');
}

type Fertility = TokenizerMetrics['fertility']['byScript'][string];

function fertilityRow(script: string, { tokensPerWord, tokensPerCharacter }: Fertility): Row {
  return [`  ${script}`, ratio(tokensPerWord), ratio(tokensPerCharacter)];
}

function figures(rows: readonly Row[]): string {
  const lineOf = ([name, ...values]: Row): string =>
    `${name.padEnd(22)}${values.map((value) => value.padStart(15)).join('')}\n`;
  return rows.map(lineOf).join('');
}

// Tokens come last, since their characters may take more or less than one place.
function tokens(rows: readonly Row[]): string {
  const lineOf = ([token, ...values]: Row): string =>
    `${values.map((value) => value.padStart(10)).join('')}  ${quoted(token)}\n`;
  return rows.map(lineOf).join('');
}

function ratio(value: number): string {
  return value.toFixed(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
