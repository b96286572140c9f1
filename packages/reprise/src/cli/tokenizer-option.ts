// The option that names a tokenizer: a tokenizer.json or the folder that holds one.
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { configure, loadTokenizer, type Tokenizer } from '../index.js';
import type { Arguments, OptionTable } from './arguments.js';
import type { Invocation } from './command.js';
import { fileError, UsageError } from './failure.js';

export const tokenizerOption: OptionTable = {
  tokenizer: { value: 'T', help: 'a tokenizer.json or the folder that holds it; also an address' },
};

/** Loads the tokenizer that the option names. Texts that are tokenized one after the other need one
 * thread; starting more would only take time. */
export async function openTokenizer(
  { args, out, signal }: Invocation, threads: 1 | 'all' = 1,
): Promise<Tokenizer> {
  const file = tokenizerFile(args);
  await configure({ log: false, threads: threads === 'all' ? undefined : threads });
  const tokenizer = await loadTokenizer(file, { signal, onProgress: out.progress });
  out.clearProgress();
  return tokenizer;
}

/** Refuses a command line without a tokenizer, before anything is read or started. */
export function requiredTokenizer(args: Arguments): string {
  const given = args.text('tokenizer');
  if (given === undefined) {
    throw new UsageError('expected --tokenizer with a tokenizer.json or its folder', '--tokenizer');
  }
  return given;
}

// Path or address of the tokenizer.json.
function tokenizerFile(args: Arguments): string {
  const given = requiredTokenizer(args);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given)) {
    const address = URL.canParse(given) ? new URL(given) : undefined;
    if (address === undefined) {
      throw new UsageError(
        `--tokenizer: expected an address, found ${JSON.stringify(given)}`, '--tokenizer');
    }
    if (address.pathname.endsWith('.json')) return address.href;
    address.pathname = `${address.pathname.replace(/\/$/, '')}/tokenizer.json`;
    return address.href;
  }
  // A path that is not there is left to the loading, which says so.
  try {
    const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false;
    return isFolder ? join(given, 'tokenizer.json') : given;
  } catch (error) {
    throw fileError(error, given);
  }
}
