// `reprise train-tokenizer`: a tokenizer.json from text files.
import {
  configure,
  trainTokenizer,
  type Tokenizer,
  type TrainTokenizerOptions,
} from '../../index.js';
import { quoted, type Arguments } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { InputError, UsageError } from '../failure.js';
import { checkOutput, writeWhole } from '../output-file.js';
import { inputName, readJsonLines, readTextLines } from '../text-input.js';

export const trainTokenizerCommand: Command = {
  summary: 'train a tokenizer on text files',
  usage: '--model M --vocab-size N --input FILE… -o FILE [OPTIONS]',
  description:
    'Trains a tokenizer and writes it as a tokenizer.json that Reprise and Hugging Face load. ' +
    'Each line of the files is a text. The same texts and options give the same bytes on every ' +
    "machine; the merges of bpe are those of Hugging Face's BpeTrainer.",
  options: {
    model: { value: 'M', help: 'bpe or unigram' },
    'vocab-size': { value: 'N', help: 'size of the vocabulary, special tokens included' },
    input: {
      value: 'FILE',
      multiple: true,
      help: 'a text file, also without --input; - is standard input',
    },
    jsonl: { help: 'the files hold a JSON string a line' },
    output: { value: 'FILE', short: 'o', help: 'where the tokenizer.json goes' },
    'special-token': {
      value: 'TEXT',
      multiple: true,
      help: 'a special token; the first one gets id 0; may be repeated',
    },
    'pre-tokenizer': {
      value: 'P',
      help: 'byte_level (default of bpe), metaspace (default of unigram) or whitespace',
    },
    normalizer: { value: 'FORM', help: 'nfc, nfd, nfkc or nfkd; default none' },
    'min-frequency': { value: 'N', help: 'take no pair or piece seen less often; default 0' },
    'max-token-length': {
      value: 'N',
      help: 'longest token in characters; default none for bpe, 16 for unigram',
    },
    'unk-token': {
      value: 'TEXT',
      help: 'token for what cannot be written otherwise; default <unk> for unigram',
    },
    'initial-alphabet': {
      value: 'TEXT',
      help: 'characters that become tokens in any case; default all bytes with byte_level',
    },
    'limit-alphabet': { value: 'N', help: 'bpe: at most so many single characters' },
  },
  examples: [
    {
      line: 'reprise train-tokenizer --model bpe --vocab-size 8000 --input *.txt -o bpe.json',
      does: 'byte-level BPE, as GPT-2 has it',
    },
    {
      line: 'reprise train-tokenizer --model unigram --vocab-size 4000 --jsonl a.jsonl -o u.json',
      does: 'Unigram on JSON Lines, as SentencePiece has it',
    },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    const options = trainingOptions(args);
    const files = [...(args.texts('input') ?? []), ...args.words];
    if (files.length === 0) throw new UsageError('expected --input FILE', '--input');
    const output = args.text('output');
    if (output === undefined) throw new UsageError('expected --output FILE', '--output');
    await checkOutput(output);
    await configure({ log: false, threads: 1 });
    const tokenizer = await trainTokenizer(textsOf(invocation, files), {
      ...options,
      signal,
      onProgress: out.progress,
    });
    try {
      await writeWhole(output, await tokenizer.save());
      await tell(invocation, output, tokenizer);
    } finally {
      tokenizer.dispose();
    }
  },
};

function trainingOptions(args: Arguments): TrainTokenizerOptions {
  const model = oneOf(args, 'model', ['bpe', 'unigram'] as const);
  if (model === undefined) throw new UsageError('expected --model bpe or unigram', '--model');
  const vocabSize = args.integer('vocab-size');
  if (vocabSize === undefined) throw new UsageError('expected --vocab-size N', '--vocab-size');
  const alphabet = args.text('initial-alphabet');
  return {
    model,
    vocabSize,
    specialTokens: args.texts('special-token'),
    minFrequency: args.integer('min-frequency'),
    preTokenizer: oneOf(args, 'pre-tokenizer', ['byte_level', 'metaspace', 'whitespace'] as const),
    normalizer: oneOf(args, 'normalizer', ['nfc', 'nfd', 'nfkc', 'nfkd'] as const),
    maxTokenLength: args.integer('max-token-length'),
    unkToken: args.text('unk-token'),
    initialAlphabet: alphabet === undefined ? undefined : [...alphabet],
    limitAlphabet: args.integer('limit-alphabet'),
  };
}

function oneOf<Word extends string>(
  args: Arguments, name: string, words: readonly Word[],
): Word | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const expected = words.join(' or ');
  throw new UsageError(`--${name}: expected ${expected}, found ${quoted(text)}`, `--${name}`);
}

async function* textsOf(
  { args, signal }: Invocation, files: readonly string[],
): AsyncGenerator<string> {
  for (const file of files) {
    if (!args.flag('jsonl')) {
      yield* readTextLines(file, signal);
      continue;
    }
    for await (const { line, value } of readJsonLines(file, signal)) {
      if (typeof value !== 'string') {
        const place = `${inputName(file)}:${line}`;
        throw new InputError('invalid_json', `${place}: expected a JSON string`, {
          file: inputName(file),
          line,
        });
      }
      yield value;
    }
  }
}

async function tell(
  { args, out }: Invocation, output: string, tokenizer: Tokenizer,
): Promise<void> {
  const { vocabSize, hash } = tokenizer;
  const wanted = args.integer('vocab-size') as number;
  if (args.flag('json')) await out.writeJson({ file: output, vocabSize, hash });
  else await out.write(`${output}: ${vocabSize} tokens, SHA-256 ${hash}\n`);
  if (vocabSize < wanted) {
    out.note(`The texts gave ${vocabSize} of the ${wanted} tokens asked for.`);
  }
}
