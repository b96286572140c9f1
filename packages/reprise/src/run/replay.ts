// Runs recorded generations again.
import { loadModel } from '../load.js';
import { configure, mainRuntime } from '../main-runtime.js';
import { LoadedModel } from '../model.js';
import {
  checkOptions, fetchOptions, isAnything, isBoolean, isInteger, isOneOf, longOptions, refuse,
} from '../options.js';
import type { ReplayOptions, ReplayResult, RunRecord } from '../types/run.js';
import type { FileSource, FolderSource } from '../types/sources.js';
import type { Bundle } from './bundle.js';
import { isBundle, type JsonText, textOf, valueOf } from './json-text.js';

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
  const text = await textOf(source, 'record');
  return checked((await bundleOf(text))?.record ?? text);
}

/** `replay` of the main entry. */
export async function replay(
  source: FileSource | RunRecord, options: ReplayOptions = {},
): Promise<ReplayResult> {
  checkOptions(options, checks);
  const { signal, onProgress, headers, credentials, fetch, threads } = options;
  const request = { signal, headers, credentials, fetch };
  const given = await textOf(source, 'record', request);
  const bundle = await bundleOf(given);
  const text = bundle?.record ?? given;
  const where = options.model ?? bundle?.files;
  if (where === undefined) {
    throw refuse('model', 'the recorded model or its folder, since records hold no addresses',
      options.model);
  }
  if (threads !== undefined) {
    if (where instanceof LoadedModel) {
      throw refuse('threads', 'left out where a loaded model is given, which has its own', threads);
    }
    await configure({ threads, log: false });
  }
  const record = await checked(text);
  const own = where instanceof LoadedModel ? undefined : await loadModel(
    where as FolderSource, {
      ...request, onProgress,
      backend: options.backend ?? (record.backend === 'webgpu' ? 'webgpu' : 'cpu'),
      contextLength: record.settings.contextLength,
    });
  const model = own ?? where as LoadedModel;
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

/** What a file holds where it is a bundle; the zip's reader is loaded only then. */
async function bundleOf(text: JsonText): Promise<Bundle | undefined> {
  return isBundle(text) ? (await import('./bundle.js')).openBundle(text) : undefined;
}

async function checked(text: JsonText): Promise<RunRecord> {
  const { client } = await mainRuntime.get();
  await client.call('recordCheck', text);
  return valueOf(text);
}
