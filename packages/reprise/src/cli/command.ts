// What a subcommand is: its words for the help, its options, and its work.
import type { Arguments, OptionTable } from './arguments.js';
import type { Output } from './output.js';

/** What a subcommand works with. */
export interface Invocation {
  readonly args: Arguments;
  readonly out: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly summary: string;
  /** The words after `reprise NAME`. */
  readonly usage: string;
  readonly description: string;
  readonly options: OptionTable;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Gives an exit code where it is not 0. */
  run(invocation: Invocation): Promise<number | undefined | void>;
}

/** Options of every subcommand. */
export const commonOptions: OptionTable = {
  json: { help: 'write JSON to stdout, and errors as JSON to stderr' },
  quiet: { short: 'q', help: 'no progress and no timings on stderr' },
  help: { short: 'h', help: 'show this help' },
};
