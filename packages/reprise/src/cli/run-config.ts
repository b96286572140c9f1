// The reprise.json that `generate --config` takes.
import { dirname, join } from 'node:path';

import { validateRunConfig, type GenerateOptions } from '../index.js';
import { InputError } from './failure.js';
import type { ModelDefaults } from './model-options.js';

/** A config as the command uses it. */
export interface RunConfigFile {
  readonly model: ModelDefaults;
  readonly options: GenerateOptions;
}

/** Reads a config. Its folder is one inside the file's own; where there are dimensions instead and a
 * folder is needed, there are no weights to run with. */
export async function readRunConfig(file: string, needsFolder: boolean): Promise<RunConfigFile> {
  const { model, contextLength, seed, sampling } = await validateRunConfig(pathOf(file));
  if (needsFolder && 'config' in model) {
    throw new InputError('unsupported',
      `${file}: $.model.config has no weights to generate with; name a folder with --model`,
      { file, path: '$.model.config' });
  }
  return {
    model: {
      ...('folder' in model ? { folder: join(dirname(file), model.folder) } : {}),
      ...(contextLength === undefined ? {} : { contextLength }),
    },
    options: { ...(seed === undefined ? {} : { seed }), ...sampling },
  };
}

/** Refuses an address: what a config elsewhere names would be looked for there. */
export function pathOf(file: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(file)) {
    throw new InputError('unsupported', `${file}: a run config is a file on this machine`, { file });
  }
  return file;
}
