// `reprise tokenize`: text to token ids, one text or a file of them.
import type { Tokenizer } from '../../index.js';
import type { Command, Invocation } from '../command.js';
import { InputError, UsageError } from '../failure.js';
import { LineWriter } from '../line-writer.js';
import { inputName, readJsonLines, readStandardInput } from '../text-input.js';
import { requiredTokenizer, openTokenizer, tokenizerOption } from '../tokenizer-option.js';

export const tokenizeCommand: Command = {
  summary: 'turn text into token ids',
  usage: '--tokenizer T [--special] [TEXT | --jsonl FILE]',
  description:
    'Turns one text, given as an argument or on standard input, into ids separated by ' +
    'commas; or, with --jsonl, a file of one JSON string a line into one JSON array of ids a line.',
  options: {
    ...tokenizerOption,
    jsonl: { value: 'FILE', help: 'read one JSON string a line; - is standard input' },
    special: { help: 'add special tokens, such as a begin token' },
  },
  examples: [
    { line: 'reprise tokenize --tokenizer my-model "Once upon a time"', does: 'ids of one text' },
    {
      line: 'reprise tokenize --tokenizer tokenizer.json --special --jsonl texts.jsonl > ids.jsonl',
      does: 'a line of ids for each line of text',
    },
  ],
  async run(invocation) {
    const { args, signal } = invocation;
    const [text, ...more] = args.words;
    if (more.length > 0) throw new UsageError('expected one text; put it in quotes');
    const jsonl = args.text('jsonl');
    if (text !== undefined && jsonl !== undefined) {
      throw new UsageError('expected either a text or --jsonl, found both');
    }
    requiredTokenizer(args);
    const given =
      jsonl === undefined ? (text ?? (await readStandardInput('tokenize', signal))) : '';
    const tokenizer = await openTokenizer(invocation);
    try {
      if (jsonl === undefined) await tokenizeText(invocation, tokenizer, given);
      else await tokenizeLines(invocation, tokenizer, jsonl);
    } finally {
      tokenizer.dispose();
    }
  },
};

async function tokenizeText(
  { args, out }: Invocation,
  tokenizer: Tokenizer,
  text: string,
): Promise<void> {
  const { ids } = await tokenizer.encode(text, { addSpecialTokens: args.flag('special') });
  if (args.flag('json')) await out.writeJson({ ids });
  else await out.write(`${ids.join(',')}\n`);
}

async function tokenizeLines(
  { args, out, signal }: Invocation,
  tokenizer: Tokenizer,
  file: string,
): Promise<void> {
  const options = { addSpecialTokens: args.flag('special') };
  const lines = new LineWriter(out);
  try {
    for await (const { line, value } of readJsonLines(file, signal)) {
      if (typeof value !== 'string') {
        throw new InputError(
          'invalid_json',
          `${inputName(file)}:${line}: expected a JSON string, found ${kindOf(value)}`,
          { file: inputName(file), line },
        );
      }
      const { ids } = await tokenizer.encode(value, options);
      await lines.add(`[${ids.join(',')}]`);
    }
  } finally {
    await lines.flush();
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
