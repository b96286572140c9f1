// `reprise score`: how likely a sequence of tokens is, token by token.
import { type ForwardResult, type Model, type ScoreResult } from '../../index.js';
import type { Command, Invocation } from '../command.js';
import { UsageError } from '../failure.js';
import { modelOptions, openModel } from '../model-options.js';
import { idsOf } from '../arguments.js';
import { readStandardInput } from '../text-input.js';

export const scoreCommand: Command = {
  summary: 'say how likely a sequence of tokens is',
  usage: '(--tokens IDS | --text TEXT) [OPTIONS]',
  description:
    'Gives the mean loss and, for each token after the first, the natural logarithm of ' +
    'its probability given those before it.',
  options: {
    tokens: {
      value: 'IDS',
      help: 'token ids, at least two, such as 1,2,3; - reads standard input',
    },
    text: { value: 'TEXT', help: 'a text, with special tokens added; - reads standard input' },
    ...modelOptions,
    logits: { help: "with --json: add the last position's logits" },
  },
  examples: [
    { line: 'reprise score --tokens 1,403,407,261,378', does: 'loss and logprobs, in lines' },
    {
      line: 'reprise score --model ./my-model --tokens "1,2,3" --json',
      does: 'as one JSON object',
    },
  ],
  async run(invocation) {
    const { args, out } = invocation;
    const given = await givenTokens(invocation);
    const model = await openModel(invocation);
    try {
      const ids = typeof given === 'string' ? await encode(model, given) : given;
      const options = { signal: invocation.signal, onProgress: out.progress };
      const score = await model.score(ids, options);
      if (!args.flag('json')) return await out.write(await inLines(model, ids, score));
      const last = args.flag('logits')
        ? await model.forward(ids, { ...options, positions: 'last' })
        : undefined;
      await out.writeJson(jsonResult(model, ids, score, last));
    } finally {
      model.dispose();
    }
  },
};

async function givenTokens({ args, signal }: Invocation): Promise<number[] | string> {
  args.refuseWords();
  if (args.flag('logits') && !args.flag('json'))
    throw new UsageError('--logits needs --json', '--logits');
  const [tokens, text] = [args.text('tokens'), args.text('text')];
  if ((tokens === undefined) === (text === undefined)) {
    throw new UsageError('expected either --tokens or --text');
  }
  if (tokens === undefined) {
    return text === '-' ? readStandardInput('--text', signal) : (text as string);
  }
  return idsOf(tokens === '-' ? await readStandardInput('--tokens', signal) : tokens, '--tokens');
}

async function encode(model: Model, text: string): Promise<ArrayLike<number>> {
  if (model.tokenizer === undefined) {
    throw new UsageError('--text: the folder has no tokenizer; give --tokens', '--text');
  }
  return (await model.tokenizer.encode(text, { addSpecialTokens: true })).ids;
}

async function inLines(
  model: Model, ids: ArrayLike<number>, { loss, logprobs }: ScoreResult,
): Promise<string> {
  const lines = [`loss ${loss}`];
  for (let i = 0; i < logprobs.length; i++) {
    const id = ids[i + 1] as number;
    const token = await model.tokenizer?.idToToken(id);
    lines.push(
      [i + 1, id, logprobs[i], ...(token === undefined ? [] : [JSON.stringify(token)])].join('\t'));
  }
  return `${lines.join('\n')}\n`;
}

function jsonResult(
  model: Model, ids: ArrayLike<number>, { loss, logprobs }: ScoreResult,
  last: ForwardResult | undefined,
): Record<string, unknown> {
  return {
    tokens: Array.from(ids),
    loss,
    logprobs,
    ...(last === undefined ? {} : { logits: last.logits }),
    backend: model.backend,
    backendReason: model.backendReason,
  };
}
