// `reprise detokenize`: token ids to text, one list or a file of them.
import { RepriseError, type Tokenizer } from '../../index.js';
import { idsOf } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { InputError, UsageError } from '../failure.js';
import { LineWriter } from '../line-writer.js';
import { inputName, readJsonLines, readStandardInput } from '../text-input.js';
import { requiredTokenizer, openTokenizer, tokenizerOption } from '../tokenizer-option.js';

export const detokenizeCommand: Command = {
  summary: 'turn token ids into text',
  usage: '--tokenizer T [--special] [IDS | --jsonl FILE]',
  description:
    'Turns ids such as 1,403,407, given as an argument or on standard input, into text; ' +
    'or, with --jsonl, a file of one JSON array of ids a line into one JSON string a line.',
  options: {
    ...tokenizerOption,
    jsonl: { value: 'FILE', help: 'read one JSON array of ids a line; - is standard input' },
    special: { help: 'keep special tokens in the text' },
  },
  examples: [
    { line: 'reprise detokenize --tokenizer my-model 403,407,261,378', does: 'text of one list' },
    {
      line: 'reprise detokenize --tokenizer tokenizer.json --jsonl ids.jsonl > texts.jsonl',
      does: 'a line of text for each line of ids',
    },
  ],
  async run(invocation) {
    const { args, signal } = invocation;
    const [list, ...more] = args.words;
    if (more.length > 0) throw new UsageError('expected one list of ids; separate ids by commas');
    const jsonl = args.text('jsonl');
    if (list !== undefined && jsonl !== undefined) {
      throw new UsageError('expected either ids or --jsonl, found both');
    }
    requiredTokenizer(args);
    const ids =
      jsonl === undefined
        ? idsOf(list ?? (await readStandardInput('detokenize', signal)), 'detokenize')
        : [];
    const tokenizer = await openTokenizer(invocation);
    try {
      if (jsonl === undefined) await detokenizeIds(invocation, tokenizer, ids);
      else await detokenizeLines(invocation, tokenizer, jsonl);
    } finally {
      tokenizer.dispose();
    }
  },
};

async function detokenizeIds(
  { args, out }: Invocation, tokenizer: Tokenizer, ids: number[],
): Promise<void> {
  const text = await tokenizer.decode(ids, { skipSpecialTokens: !args.flag('special') });
  if (args.flag('json')) await out.writeJson({ text });
  else await out.write(`${text}\n`);
}

async function detokenizeLines(
  { args, out, signal }: Invocation, tokenizer: Tokenizer, file: string,
): Promise<void> {
  const options = { skipSpecialTokens: !args.flag('special') };
  const lines = new LineWriter(out);
  try {
    for await (const { line, value } of readJsonLines(file, signal)) {
      const place = `${inputName(file)}:${line}`;
      const fields = { file: inputName(file), line };
      if (!isListOfIds(value)) {
        throw new InputError(
          'invalid_json', `${place}: expected a JSON array of token ids`, fields);
      }
      try {
        await lines.add(JSON.stringify(await tokenizer.decode(value, options)));
      } catch (error) {
        if (!(error instanceof RepriseError)) throw error;
        throw new InputError(error.code, `${place}: ${error.message}`, {
          ...error.fields,
          ...fields,
        });
      }
    }
  } finally {
    await lines.flush();
  }
}

function isListOfIds(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0 && id <= 0x7fffffff)
  );
}
