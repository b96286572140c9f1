// The reprise.json that `generate --config` and `dataset --config` take.
import { dirname, join } from 'node:path';

import { type GenerateOptions, type RunDataset, validateRunConfig } from '../index.js';
import { InputError } from './failure.js';
import type { ModelDefaults } from './model-options.js';

/** A config as the command uses it. */
export interface RunConfigFile {
  readonly model: ModelDefaults;
  readonly options: GenerateOptions;
}

/** The dataset of a config. */
export interface DatasetConfig {
  /** Where its files are. */
  readonly files: readonly string[];
  readonly options: Omit<RunDataset, 'source' | 'split'>;
  readonly split: NonNullable<RunDataset['split']>;
  /** The config's own, for what names none. */
  readonly seed: number | undefined;
}

/** Reads a config's model and sampling. Its folder is one inside the file's own; where there are
 * dimensions or nothing instead and a folder is needed, there are no weights to run with. */
export async function readRunConfig(file: string, needsFolder: boolean): Promise<RunConfigFile> {
  const { model, contextLength, seed, sampling } = await validateRunConfig(pathOf(file));
  if (needsFolder && model === undefined) {
    throw new InputError('invalid_config',
      `${file}: $.model must be an object, found nothing; name a folder with --model`,
      { file, path: '$.model', expected: 'an object', found: 'nothing' });
  }
  if (needsFolder && model !== undefined && 'config' in model) {
    throw new InputError('unsupported',
      `${file}: $.model.config has no weights to generate with; name a folder with --model`,
      { file, path: '$.model.config' });
  }
  return {
    model: {
      ...(model !== undefined && 'folder' in model ? { folder: join(dirname(file), model.folder) } : {}),
      ...(contextLength === undefined ? {} : { contextLength }),
    },
    options: { ...(seed === undefined ? {} : { seed }), ...sampling },
  };
}

/** Reads a config's dataset, whose files are inside the file's folder. */
export async function readDatasetConfig(file: string): Promise<DatasetConfig> {
  const { dataset, seed } = await validateRunConfig(pathOf(file));
  if (dataset === undefined) {
    throw new InputError('invalid_config',
      `${file}: $.dataset must be an object, found nothing`,
      { file, path: '$.dataset', expected: 'an object', found: 'nothing' });
  }
  const { source, split = {}, ...options } = dataset;
  const sources = typeof source === 'string' ? [source] : source;
  return { files: sources.map((one) => join(dirname(file), one)), options, split, seed };
}

/** Refuses an address: what a config elsewhere names would be looked for there. */
export function pathOf(file: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(file)) {
    throw new InputError('unsupported', `${file}: a run config is a file on this machine`, { file });
  }
  return file;
}
