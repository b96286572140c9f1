// `reprise generate`: continues a prompt, as text while it is made or as one JSON object.
import {
  bundleRecord,
  RepriseError,
  type GenerateOptions,
  type GenerateResult,
  type Model,
  type RunRecord,
} from '../../index.js';
import { integerOf, numberOf, quoted, type Arguments, type OptionTable } from '../arguments.js';
import type { Command, Invocation } from '../command.js';
import { UsageError } from '../failure.js';
import { modelFolderOf, modelOptions, openModel, startRuntime } from '../model-options.js';
import { checkOutput, writeWhole } from '../output-file.js';
import { readRunConfig, type RunConfigFile } from '../run-config.js';
import { readStandardInput } from '../text-input.js';

const samplingOptions: OptionTable = {
  seed: {
    value: 'N',
    help: '0 to 2^53 - 1; the same seed gives the same text (default: drawn and told)',
  },
  'max-tokens': { value: 'N', help: 'longest continuation (default: what the context leaves)' },
  temperature: { value: 'X', help: '0 always takes the likeliest token (default: 1)' },
  'top-k': { value: 'N', help: 'keep the N likeliest tokens; 0 is off (default: 0)' },
  'top-p': { value: 'X', help: 'keep the smallest set of at least this probability (default: 1)' },
  'min-p': {
    value: 'X',
    help: "keep tokens of at least this share of the likeliest's (default: 0)",
  },
  'repetition-penalty': { value: 'X', help: 'over prompt and continuation, > 0 (default: 1)' },
  'frequency-penalty': { value: 'X', help: 'per earlier occurrence, -2 to 2 (default: 0)' },
  'presence-penalty': { value: 'X', help: 'for each token that occurred, -2 to 2 (default: 0)' },
  'logit-bias': {
    value: 'ID=X',
    multiple: true,
    help: 'add X to the logit of a token; may be repeated',
  },
  stop: { value: 'TEXT', multiple: true, help: 'end before this text; may be repeated' },
  'stop-ids': {
    value: 'IDS',
    help: "end after one of these ids; '' is none (default: the model's)",
  },
};

export const generateCommand: Command = {
  summary: 'continue a prompt',
  usage: '(--prompt TEXT | --prompt-ids IDS) [OPTIONS]',
  description:
    'Writes the continuation to stdout as it is made, and timings to stderr. Ctrl-C ends ' +
    'the work and keeps what there is.',
  options: {
    prompt: { value: 'TEXT', help: 'text to continue; - reads it from standard input' },
    'prompt-ids': { value: 'IDS', help: 'token ids to continue, such as 1,2,3, taken as they are' },
    config: {
      value: 'FILE',
      help: 'a reprise.json, of which model, seed and sampling are taken; options given here come ' +
        'before its own',
    },
    ...modelOptions,
    ...samplingOptions,
    logprobs: { value: 'N', help: 'with --json: logprobs of each token and of the N likeliest' },
    echo: { help: 'write the prompt before the continuation' },
    record: { value: 'FILE', help: 'write a run record, for reprise replay' },
    bundle: { value: 'FILE', help: 'write the record and the model as one zip, for reprise replay' },
  },
  examples: [
    {
      line: 'reprise generate --prompt "Once upon a time" --seed 42',
      does: 'a story from the built-in model',
    },
    {
      line: 'reprise generate --model ./my-model --prompt "Hello" --temperature 0 --json',
      does: 'the likeliest continuation, with ids and timings',
    },
    {
      line: 'reprise generate --config reprise.json --prompt "Hello" --seed 7',
      does: 'as the run config says, but for the seed',
    },
    {
      line: 'reprise generate --model ./my-model --prompt-ids "1,2,3" --top-p 0.9',
      does: 'for a folder that has no tokenizer',
    },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    const request = await requestOf(invocation);
    const files = { record: args.text('record'), bundle: args.text('bundle') };
    for (const file of [files.record, files.bundle]) {
      if (file !== undefined) await checkOutput(file);
    }
    const config = await runConfigOf(invocation);
    const model = await openModel(invocation, config?.model);
    try {
      const record = files.record !== undefined || files.bundle !== undefined;
      const options = {
        ...config?.options, ...request.options, record, signal, onProgress: out.progress,
      };
      const generate = args.flag('json') ? generateJson : generateText;
      const result = await generate(invocation, model, request.prompt, options);
      const folder = modelFolderOf(args, config?.model);
      if (result.record !== undefined) await writeRecord(invocation, result.record, files, folder);
    } finally {
      model.dispose();
    }
  },
};

async function writeRecord(
  { out, signal }: Invocation, record: RunRecord,
  files: { record: string | undefined; bundle: string | undefined }, folder: string,
): Promise<void> {
  if (files.record !== undefined) await writeWhole(files.record, `${JSON.stringify(record)}\n`);
  if (files.bundle === undefined) return;
  // What is forbidden was told of when the model was loaded.
  const bundle = await bundleRecord(
    record, folder, { signal, onProgress: out.progress, allowForbidden: true });
  await writeWhole(files.bundle, new Uint8Array(await bundle.arrayBuffer()));
}

interface Request {
  readonly prompt: string | number[];
  readonly options: GenerateOptions;
}

// Everything about the arguments is read before a model is loaded.
async function requestOf({ args, signal }: Invocation): Promise<Request> {
  args.refuseWords('; put the prompt in quotes after --prompt');
  const text = args.text('prompt');
  const ids = args.ids('prompt-ids');
  if (text !== undefined && ids !== undefined) {
    throw new UsageError('expected either --prompt or --prompt-ids, found both');
  }
  const options = generateOptionsOf(args);
  if (ids !== undefined) return { prompt: ids, options };
  if (text === undefined) throw new UsageError('expected --prompt or --prompt-ids');
  return { prompt: text === '-' ? await readStandardInput('--prompt', signal) : text, options };
}

// The file that --config names.
async function runConfigOf(invocation: Invocation): Promise<RunConfigFile | undefined> {
  const file = invocation.args.text('config');
  if (file === undefined) return undefined;
  await startRuntime(invocation);
  return readRunConfig(file, invocation.args.text('model') === undefined);
}

// Those that were given.
function generateOptionsOf(args: Arguments): GenerateOptions {
  if (args.text('logprobs') !== undefined && !args.flag('json')) {
    throw new UsageError('--logprobs needs --json', '--logprobs');
  }
  const options: GenerateOptions = {
    seed: args.integer('seed'),
    maxTokens: args.integer('max-tokens'),
    temperature: args.number('temperature'),
    topK: args.integer('top-k'),
    topP: args.number('top-p'),
    minP: args.number('min-p'),
    repetitionPenalty: args.number('repetition-penalty'),
    frequencyPenalty: args.number('frequency-penalty'),
    presencePenalty: args.number('presence-penalty'),
    logitBias: logitBiasOf(args.texts('logit-bias')),
    stop: args.texts('stop'),
    stopIds: args.ids('stop-ids'),
    logprobs: args.integer('logprobs'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function logitBiasOf(pairs: readonly string[] | undefined): Record<number, number> | undefined {
  if (pairs === undefined) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const [id, bias, ...more] = pair.split('=');
      if (id === undefined || bias === undefined || more.length > 0) {
        throw new UsageError(`--logit-bias: expected ID=X, found ${quoted(pair)}`, '--logit-bias');
      }
      return [integerOf(id, '--logit-bias'), numberOf(bias, '--logit-bias')];
    }),
  );
}

async function generateJson(
  { out }: Invocation, model: Model, prompt: string | number[], options: GenerateOptions,
): Promise<GenerateResult> {
  const result = await keepPartial(model.generate(prompt, options), options.signal);
  await out.writeJson(jsonResult(model, result));
  return result;
}

async function generateText(
  { args, out }: Invocation, model: Model, prompt: string | number[], options: GenerateOptions,
): Promise<GenerateResult> {
  const asIds = model.tokenizer === undefined && typeof prompt !== 'string';
  if (asIds) out.note('reprise: the folder has no tokenizer; writing token ids');
  if (args.flag('echo'))
    await out.write(typeof prompt === 'string' ? prompt : await echoOf(model, prompt));

  let written = '';
  const stream = model.stream(prompt, options);
  const loop = async (): Promise<GenerateResult> => {
    for await (const chunk of stream) {
      const piece = asIds ? `${written === '' ? '' : ','}${chunk.id}` : chunk.text;
      await out.write(piece);
      written += piece;
    }
    return stream.result;
  };
  const result = await keepPartial(loop(), options.signal);
  // Characters and stop texts that were held back when the work ended.
  const rest = asIds ? '' : result.text.slice(written.length);
  await out.write(`${rest}${(written + rest).endsWith('\n') ? '' : '\n'}`);
  out.note(summary(model, result));
  return result;
}

async function echoOf(model: Model, ids: readonly number[]): Promise<string> {
  return model.tokenizer === undefined ? `${ids.join(',')}\n` : model.tokenizer.decode(ids);
}

// An interrupted generation ends with what there is, like a finished one.
async function keepPartial(
  work: Promise<GenerateResult>, signal: AbortSignal | undefined,
): Promise<GenerateResult> {
  try {
    return await work;
  } catch (error) {
    const partial =
      error instanceof RepriseError && error.code === 'aborted' && signal?.aborted
        ? error.partial
        : undefined;
    if (partial === undefined) throw error;
    return partial;
  }
}

function jsonResult(model: Model, result: GenerateResult): Record<string, unknown> {
  return {
    text: result.text,
    tokens: result.tokens,
    promptIds: result.promptIds,
    finishReason: result.finishReason,
    seed: result.seed,
    ...(result.logprobs === undefined ? {} : { logprobs: result.logprobs }),
    timings: result.timings,
    backend: model.backend,
    backendReason: model.backendReason,
  };
}

const endings: Readonly<Record<GenerateResult['finishReason'], string>> = {
  stop_id: 'ended by a stop id',
  stop_text: 'ended by a stop text',
  max_tokens: 'as many as asked for',
  context: 'the context is full',
  aborted: 'interrupted',
};

function summary(model: Model, { tokens, timings, seed, finishReason }: GenerateResult): string {
  const { promptTokens, prefillMs, decodeMs, tokensPerSecond } = timings;
  return (
    `reprise: ${tokens.length} tokens in ${milliseconds(decodeMs)}, ` +
    `${tokensPerSecond.toFixed(1)} tokens/s, ${endings[finishReason]}; ` +
    `prompt of ${promptTokens} tokens in ${milliseconds(prefillMs)}; seed ${seed}; ${model.backend}`
  );
}

function milliseconds(count: number): string {
  return count < 10000 ? `${Math.round(count)} ms` : `${(count / 1000).toFixed(1)} s`;
}
