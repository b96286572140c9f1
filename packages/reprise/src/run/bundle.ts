// Bundles: a record and the model's files in one zip, stored as they are.
import { unzipSync, Zip, ZipPassThrough } from 'fflate';
import { type RepriseError, repriseError } from '../errors.js';
import { mainRuntime } from '../main-runtime.js';
import { checkOptions } from '../options.js';
import { FolderManifest, manifestName } from '../sources/folder-manifest.js';
import { release } from '../tokenizer.js';
import type { BundleOptions, RunRecord } from '../types/run.js';
import type { FolderSource } from '../types/sources.js';
import { type JsonText, textOf, valueOf } from './json-text.js';
import { begin, folderOptions, hashesOf, modelFiles } from './manifest.js';

const recordName = 'record.json';
/** Zip without its extension for large files ends here. */
const mostBytes = 2 ** 32 - 1;
/** The same bytes at any time: the first day that zip knows. */
const date = new Date(1980, 0, 1);

/** `bundleRecord` of the main entry. */
export async function bundleRecord(
  record: RunRecord, source: FolderSource, options: BundleOptions = {},
): Promise<Blob> {
  checkOptions(options, folderOptions);
  const { folder, started, listeners } = await begin(source, options);
  const { client } = started;
  const text = await textOf(record, 'record');
  await client.call('recordCheck', text);
  const parts: BlobPart[] = [];
  let bytes = 0;
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    parts.push(piece as Uint8Array<ArrayBuffer>);
    bytes += piece.byteLength;
  });
  const add = (name: string) => {
    const file = new ZipPassThrough(name);
    file.mtime = date;
    zip.add(file);
    return file;
  };
  add(recordName).push(text.json, true);
  const found: { config?: string; tokenizer?: string; weights: string[] } = { weights: [] };
  // What is packed with a manifest that it does not agree with would not replay.
  const manifest = await FolderManifest.open(client, folder, listeners);
  try {
    const isAllowed = options.allowForbidden === true;
    for await (const [name, file] of modelFiles(folder, started, isAllowed, [manifestName])) {
      const entry = add(name);
      const whole: Uint8Array[] = [];
      const take = (piece: Uint8Array) => {
        const copy = piece.slice();
        entry.push(copy, false);
        if (name === 'config.json') whole.push(copy);
        if (bytes > mostBytes) throw tooLarge();
      };
      const hashes = await hashesOf(started, file, listeners, options.signal, 'whole', take);
      const { sha256 } = hashes;
      if (name !== manifestName) await manifest?.check(name, hashes);
      entry.push(new Uint8Array(), true);
      if (name === 'config.json') {
        const json = await new Blob(whole as BlobPart[]).text();
        found.config = await client.call('hashJson', { json });
      } else if (name === 'tokenizer.json') found.tokenizer = sha256 as string;
      else if (name.endsWith('.safetensors')) found.weights.push(sha256 as string);
    }
  } finally {
    if (manifest !== undefined) release(started, manifest.handle);
  }
  zip.end();
  if (bytes > mostBytes) throw tooLarge();
  const { config, weights, tokenizer } = valueOf<RunRecord>(text).inputs;
  checkInput('config', config, found.config);
  if (weights !== null) {
    checkInput('weights', weights, await client.call('weightsHash', { files: found.weights }));
  }
  if (tokenizer !== null) checkInput('tokenizer', tokenizer, found.tokenizer);
  return new Blob(parts, { type: 'application/zip' });
}

function tooLarge(): Error {
  return repriseError('unsupported', 'A bundle of 4 GiB or more is larger than plain zip can be.');
}

function checkInput(argument: string, expected: string, found = 'nothing'): void {
  if (expected === found) return;
  throw repriseError('hash_mismatch', `The folder is not the recorded model: the SHA-256 of its ` +
    `${argument} should be ${expected} and is ${found}.`, { argument, expected, found });
}

/** What a bundle holds. */
export interface Bundle {
  readonly record: JsonText;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Takes a bundle apart. Errors: `invalid_argument` where it is none, with the file. */
export async function openBundle({ json, file }: JsonText): Promise<Bundle> {
  const refuse = (why: string) => repriseError('invalid_argument', `${file}: ${why}`, { file });
  const names = new Set<string>();
  // Entries that share their bytes would be more than the file is.
  let bytes = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(json, {
      filter: ({ name, size, compression }) => {
        bytes += size;
        if (bytes > json.byteLength) throw refuse('its files are more than it is itself');
        if (names.has(name)) throw refuse(`${name} is there twice`);
        if (compression !== 0) throw refuse(`${name} is compressed; bundles store files as they are`);
        names.add(name);
        return true;
      },
    });
  } catch (thrown) {
    if ((thrown as Error).name === 'RepriseError') throw thrown;
    throw refuse(`the zip cannot be read: ${(thrown as Error).message}`);
  }
  const { client } = await mainRuntime.get();
  await client.call('fileNamesCheck', { names: [...names] }).catch((thrown: RepriseError) => {
    throw thrown.code === 'invalid_config' ? refuse(`${thrown.found} is no plain file name`) : thrown;
  });
  const { [recordName]: record, ...model } = files;
  if (record === undefined) throw refuse(`a bundle needs a ${recordName}`);
  return { record: { json: record, file: `${file}, ${recordName}` }, files: model };
}
