// `reprise replay`: runs a record again and says whether the same came out.
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { parseRecord, replay, type ReplayResult, type RunRecord } from '../../index.js';
import type { Command } from '../command.js';
import { exitCodes, InputError, UsageError } from '../failure.js';
import {
  backendOf, builtInModelFolder, builtInModelName, startRuntime,
} from '../model-options.js';

export const replayCommand: Command = {
  summary: 'run a record again and say whether the same comes out',
  usage: 'FILE [--model DIR] [OPTIONS]',
  description:
    'FILE is a record or a bundle. Loads what the record names, checking hashes, and generates again. Says "identical", or ' +
    '"differs" with the first token that does, the distance of the logprobs and the likely ' +
    "reason. Without --model it is a folder of the model's name beside the record, the built-in " +
    'model, or the folder of the record itself. Exit code 0 is identical, 1 differs.',
  options: {
    model: { value: 'DIR', help: 'Hugging Face folder of the model, or its http(s) address' },
    backend: { value: 'NAME', help: 'cpu or webgpu (default: the recorded one)' },
    threads: { value: 'N', help: 'CPU threads, 1 to 64; they change no bit' },
    'allow-other-inputs': {
      help: 'run also with a config, weights or tokenizer of another hash, and say so',
    },
  },
  examples: [
    { line: 'reprise replay run.json', does: 'where the model lies beside the record' },
    { line: 'reprise replay run.json --model ./my-model --json', does: 'as one JSON object' },
  ],
  async run(invocation) {
    const { args, out, signal } = invocation;
    const [file, ...others] = args.words;
    if (file === undefined || others.length > 0) {
      throw new UsageError('expected one record, such as: reprise replay run.json');
    }
    const backend = args.text('backend') === undefined ? undefined : backendOf(args);
    if (backend === 'auto') throw new UsageError('--backend: expected cpu or webgpu', '--backend');
    await startRuntime(invocation);
    const record = await parseRecord(file);
    const hasModel = await isBundle(file);
    const result = await replay(hasModel ? file : record, {
      model: args.text('model') ?? (hasModel ? undefined : modelOf(record, file)),
      backend, signal, onProgress: out.progress,
      allowOtherInputs: args.flag('allow-other-inputs'),
    });
    if (args.flag('json')) await out.writeJson(result);
    else await out.write(`${inLines(result, record).join('\n')}\n`);
    return result.verdict === 'identical' ? exitCodes.ok : exitCodes.failed;
  },
};

/** Whether a file begins as a zip does; a bundle has its model in it. */
async function isBundle(file: string): Promise<boolean> {
  const opened = await open(file).catch(() => undefined);
  if (opened === undefined) return false;
  try {
    const { buffer } = await opened.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.equals(Buffer.from('PK\x03\x04'));
  } finally {
    await opened.close();
  }
}

/** Where the recorded model is. Its name in the record is one of a folder, never a path. */
function modelOf({ inputs: { model } }: RunRecord, file: string): string {
  const beside = dirname(file);
  const hasModel = (place: string) => existsSync(join(place, 'config.json'));
  if (model !== null && hasModel(join(beside, model))) return join(beside, model);
  if (model === builtInModelName) return builtInModelFolder();
  // A config.json beside the record may be of anything, so it comes last.
  if (hasModel(beside)) return beside;
  throw new InputError('not_found',
    `${file}: the recorded model ${model === null ? '' : `${JSON.stringify(model)} `}is neither ` +
    'beside the record nor built in; name its folder with --model', { file });
}

function inLines(result: ReplayResult, { runId }: RunRecord): string[] {
  const tokens = `${result.compared} token${result.compared === 1 ? '' : 's'}`;
  const reasons = result.reasons.map(({ text }) => `  ${text}`);
  if (result.verdict === 'identical') return [`identical: ${tokens} of run ${runId}`, ...reasons];
  const { firstDifference, drift, withinTolerance } = result;
  return [
    `differs: ${tokens} of run ${runId}`,
    ...(firstDifference === undefined ? [] : [
      `  first at token ${firstDifference.at}: recorded ${firstDifference.recorded}, ` +
      `found ${firstDifference.found}`]),
    `  |Δlogprob| ${drift.max} at most, ${drift.mean} on average` +
      (withinTolerance === undefined ? '' : withinTolerance
        ? ', inside the tolerance between backends' : ', outside the tolerance between backends'),
    ...reasons,
  ];
}
