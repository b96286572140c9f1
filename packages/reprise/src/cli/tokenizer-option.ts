// The option that names a tokenizer: a tokenizer.json or the folder that holds one.
import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { Arguments, OptionTable } from './arguments.js';
import { UsageError } from './failure.js';
import { runtimeOptions } from './model-options.js';

export const tokenizerOption: OptionTable = {
  tokenizer: { value: 'T', help: 'a tokenizer.json or the folder that holds it; also an address' },
  ...runtimeOptions,
};

/** Path or address of the tokenizer.json. */
export function tokenizerFile(args: Arguments): string {
  const given = args.text('tokenizer');
  if (given === undefined) {
    throw new UsageError('expected --tokenizer with a tokenizer.json or its folder', '--tokenizer');
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given)) {
    const address = URL.canParse(given) ? new URL(given) : undefined;
    if (address === undefined) {
      throw new UsageError(
        `--tokenizer: expected an address, found ${JSON.stringify(given)}`,
        '--tokenizer',
      );
    }
    if (address.pathname.endsWith('.json')) return address.href;
    address.pathname = `${address.pathname.replace(/\/$/, '')}/tokenizer.json`;
    return address.href;
  }
  // A path that is not there is left to the loading, which says so.
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(given, 'tokenizer.json') : given;
}
