// Runs recorded generations again.
import { loadModel } from '../load.js';
import { configure, mainRuntime } from '../main-runtime.js';
import { LoadedModel } from '../model.js';
import {
  checkOptions, fetchOptions, isAnything, isBoolean, isInteger, isOneOf, longOptions, refuse,
} from '../options.js';
import type { ReplayOptions, ReplayResult, RunRecord } from '../types/run.js';
import type { FileSource, FolderSource } from '../types/sources.js';
import { type JsonText, textOf, valueOf } from './json-text.js';

const checks = {
  ...longOptions,
  ...fetchOptions,
  model: isAnything,
  backend: isOneOf('cpu', 'webgpu'),
  threads: isInteger(1, 64),
  allowOtherInputs: isBoolean,
};

/** `parseRecord` of the main entry. */
export async function parseRecord(source: FileSource | RunRecord): Promise<RunRecord> {
  return checked(await textOf(source, 'record'));
}

/** `replay` of the main entry. */
export async function replay(
  source: FileSource | RunRecord, options: ReplayOptions,
): Promise<ReplayResult> {
  checkOptions(options, checks, undefined, ['model']);
  if (options.model === undefined) {
    throw refuse('model', 'the recorded model or its folder, since records hold no addresses',
      options.model);
  }
  const { signal, onProgress, headers, credentials, fetch, threads } = options;
  const request = { signal, headers, credentials, fetch };
  const text = await textOf(source, 'record', request);
  if (threads !== undefined) await configure({ threads, log: false });
  const record = await checked(text);
  const own = options.model instanceof LoadedModel ? undefined : await loadModel(
    options.model as FolderSource, {
      ...request, onProgress,
      backend: options.backend ?? (record.backend === 'webgpu' ? 'webgpu' : 'cpu'),
      contextLength: record.settings.contextLength,
    });
  const model = own ?? options.model as LoadedModel;
  if (options.backend !== undefined && model.backend !== options.backend) {
    own?.dispose();
    throw refuse('backend', `'${model.backend}', which the given model runs on`, options.backend);
  }
  try {
    return await (model as LoadedModel).replay(text, {
      signal, onProgress, allowOtherInputs: options.allowOtherInputs === true,
      hasTokenizer: record.inputs.tokenizer !== null,
    });
  } finally {
    own?.dispose();
  }
}

async function checked(text: JsonText): Promise<RunRecord> {
  const { client } = await mainRuntime.get();
  await client.call('recordCheck', text);
  return valueOf(text);
}
