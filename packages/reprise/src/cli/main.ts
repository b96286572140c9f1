// The `reprise` command: finds the subcommand, runs it, and turns what happens into an exit code.
import { readFileSync } from 'node:fs';

import { shutdown } from '../index.js';
import { readArguments } from './arguments.js';
import { commonOptions, type Command } from './command.js';
import { capabilitiesCommand } from './commands/capabilities.js';
import { configCommand } from './commands/config.js';
import { datasetCommand } from './commands/dataset.js';
import { detokenizeCommand } from './commands/detokenize.js';
import { generateCommand } from './commands/generate.js';
import { manifestCommand } from './commands/manifest.js';
import { metricsCommand } from './commands/metrics.js';
import { replayCommand } from './commands/replay.js';
import { scoreCommand } from './commands/score.js';
import { tokenizeCommand } from './commands/tokenize.js';
import { trainTokenizerCommand } from './commands/train-tokenizer.js';
import { verifyCommand } from './commands/verify.js';
import {
  exitCodes, failureJson, failureLine, failureOf, ReaderGone, UsageError,
} from './failure.js';
import { commandHelp, generalHelp } from './help.js';
import { Output } from './output.js';

const commands: Readonly<Record<string, Command>> = {
  capabilities: capabilitiesCommand,
  generate: generateCommand,
  replay: replayCommand,
  score: scoreCommand,
  tokenize: tokenizeCommand,
  detokenize: detokenizeCommand,
  metrics: metricsCommand,
  'train-tokenizer': trainTokenizerCommand,
  manifest: manifestCommand,
  verify: verifyCommand,
  config: configCommand,
  dataset: datasetCommand,
};

/** Runs one command line, without the name of the program. The value is the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  // What comes after `--` is text, not options.
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  const json = options.includes('--json');
  try {
    return await dispatch(words);
  } catch (error) {
    if (error instanceof ReaderGone) return exitCodes.ok;
    const failure = failureOf(error);
    process.stderr.write(json ? failureJson(failure) : failureLine(failure));
    return failure.exitCode;
  }
}

async function dispatch(words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === '--version') return print(`${packageVersion()}\n`);
  if (first === '--help' || first === '-h') return print(generalHelp(commands));
  if (first === 'help') return help(rest[0]);
  if (first === undefined) {
    throw new UsageError('expected a command; reprise --help lists them');
  }
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (command === undefined) {
    throw new UsageError(`unknown command ${JSON.stringify(first)}; reprise --help lists them`);
  }
  const args = readArguments(rest, { ...command.options, ...commonOptions });
  if (args.flag('help')) return help(first);
  return runUntilInterrupted((signal) =>
    command.run({ args, signal, out: new Output(args.flag('quiet')) }),
  );
}

async function help(name: string | undefined): Promise<number> {
  if (name === undefined) return print(generalHelp(commands));
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UsageError(`unknown command ${JSON.stringify(name)}`);
  return print(commandHelp(name, command, { ...command.options, ...commonOptions }));
}

async function print(text: string): Promise<number> {
  await new Output(true).write(text);
  return exitCodes.ok;
}

// The first Ctrl-C aborts the work, which then ends in order; a second one does not wait for that.
async function runUntilInterrupted(
  work: (signal: AbortSignal) => Promise<number | undefined | void>,
): Promise<number> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(exitCodes.interrupted);
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    const code = await work(abort.signal);
    return abort.signal.aborted ? exitCodes.interrupted : code ?? exitCodes.ok;
  } finally {
    await shutdown();
    process.off('SIGINT', interrupt);
  }
}

function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
