// `reprise tokenize`: text to token ids, one text or a file of them.
import type { EncodeOptions, Encoding, Tokenizer } from '../../index.js';
import type { Arguments } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { InputError, UsageError } from '../failure.js';
import { LineWriter } from '../line-writer.js';
import { jsonOf } from '../output.js';
import { inputName, readJsonLines, readStandardInput } from '../text-input.js';
import { requiredTokenizer, openTokenizer, tokenizerOption } from '../tokenizer-option.js';

export const tokenizeCommand: Command = {
  summary: 'turn text into token ids',
  usage: '--tokenizer T [OPTIONS] [TEXT | --jsonl FILE]',
  description:
    'Turns one text, given as an argument or on standard input, into ids separated by ' +
    'commas; or, with --jsonl, a file of one JSON string a line into one JSON array of ids a ' +
    'line. With --offsets one text becomes a token a line: id, start and end in bytes, and the ' +
    'text there. With --offsets, --max-length or --pad-to, --json and --jsonl give objects with ' +
    'ids, removed and, where asked for, offsets and attentionMask.',
  options: {
    ...tokenizerOption,
    jsonl: { value: 'FILE', help: 'read one JSON string a line; - is standard input' },
    special: { help: 'add special tokens, such as a begin token' },
    'allow-special': {
      value: 'TOKEN',
      multiple: true,
      help: 'a special token that counts where the text has it, the others being text; also all, ' +
        'which is the default, or none',
    },
    offsets: { help: 'tell where each token stands in the text' },
    'max-length': { value: 'N', help: 'keep at most N tokens, added ones included' },
    'truncate-left': { help: 'with --max-length: take tokens off the start of the text' },
    'pad-to': { value: 'N', help: 'fill up to N tokens' },
    'pad-token': { value: 'TOKEN', help: 'with --pad-to: the token to pad with' },
  },
  examples: [
    { line: 'reprise tokenize --tokenizer my-model "Once upon a time"', does: 'ids of one text' },
    {
      line: 'reprise tokenize --tokenizer tokenizer.json --special --jsonl texts.jsonl > ids.jsonl',
      does: 'a line of ids for each line of text',
    },
    {
      line: 'reprise tokenize --tokenizer my-model --offsets "Once upon a time"',
      does: 'a line for each token, with its place in the text',
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
    const options = encodeOptions(args);
    const given =
      jsonl === undefined ? (text ?? (await readStandardInput('tokenize', signal))) : '';
    const tokenizer = await openTokenizer(invocation);
    try {
      if (jsonl === undefined) await tokenizeText(invocation, tokenizer, given, options);
      else await tokenizeLines(invocation, tokenizer, jsonl, options);
    } finally {
      tokenizer.dispose();
    }
  },
};

function encodeOptions(args: Arguments): EncodeOptions {
  const length = args.integer('pad-to');
  const maxLength = args.integer('max-length');
  const side = args.flag('truncate-left') ? 'left' : 'right';
  if (side === 'left' && maxLength === undefined) {
    throw new UsageError('--truncate-left needs --max-length', '--truncate-left');
  }
  const padToken = args.text('pad-token');
  if (padToken !== undefined && length === undefined) {
    throw new UsageError('--pad-token needs --pad-to', '--pad-token');
  }
  return {
    addSpecialTokens: args.flag('special'),
    allowSpecial: allowedSpecial(args.texts('allow-special')),
    offsets: args.flag('offsets'),
    ...(maxLength === undefined ? {} : { truncation: { maxLength, side } }),
    ...(length === undefined ? {} : { padding: { length, padToken } }),
  };
}

function allowedSpecial(tokens: string[] | undefined): 'all' | 'none' | string[] | undefined {
  if (tokens?.length !== 1) return tokens;
  const [only] = tokens;
  return only === 'all' || only === 'none' ? only : tokens;
}

/** Whether more than ids were asked for. */
function givesMore({ offsets, truncation, padding }: EncodeOptions): boolean {
  return offsets === true || truncation !== undefined || padding !== undefined;
}

async function tokenizeText(
  { args, out }: Invocation, tokenizer: Tokenizer, text: string, options: EncodeOptions,
): Promise<void> {
  const encoding = await tokenizer.encode(text, options);
  if (args.flag('json')) {
    await out.writeJson(givesMore(options) ? encoding : { ids: encoding.ids });
    return;
  }
  if (encoding.removed > 0) out.note(`${encoding.removed} tokens were removed`);
  await out.write(
    encoding.offsets === undefined ? `${encoding.ids.join(',')}\n` : tokenLines(text, encoding));
}

// A line a token: its id, start and end in bytes, and what stands there.
function tokenLines(text: string, { ids, offsets }: Encoding): string {
  const { bytes, utf16 } = offsets as NonNullable<Encoding['offsets']>;
  const lineOf = (id: number, i: number): string => {
    const there = text.slice(utf16[2 * i], utf16[2 * i + 1]);
    return `${id}\t${bytes[2 * i]}\t${bytes[2 * i + 1]}\t${JSON.stringify(there)}\n`;
  };
  return Array.from(ids, lineOf).join('');
}

async function tokenizeLines(
  { out, signal }: Invocation, tokenizer: Tokenizer, file: string, options: EncodeOptions,
): Promise<void> {
  const lines = new LineWriter(out);
  try {
    for await (const { line, value } of readJsonLines(file, signal)) {
      if (typeof value !== 'string') {
        throw new InputError(
          'invalid_json',
          `${inputName(file)}:${line}: expected a JSON string, found ${kindOf(value)}`,
          { file: inputName(file), line });
      }
      const encoding = await tokenizer.encode(value, options);
      await lines.add(givesMore(options) ? jsonOf(encoding) : `[${encoding.ids.join(',')}]`);
    }
  } finally {
    await lines.flush();
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
