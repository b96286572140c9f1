// Makes manifests of folders and holds folders against them.
import { repriseError } from '../errors.js';
import { mainRuntime } from '../main-runtime.js';
import { checkOptions, fetchOptions, isAnything, isBoolean, longOptions } from '../options.js';
import type { FileHashes, HashParts } from '../protocol.js';
import type { Runtime } from '../runtime.js';
import type { OpenFile } from '../sources/files.js';
import { Folder } from '../sources/folder.js';
import { FolderManifest, manifestName } from '../sources/folder-manifest.js';
import { type Listeners, read, readWhole } from '../sources/reading.js';
import { openWeights } from '../sources/weights.js';
import { release } from '../tokenizer.js';
import type { Verification } from '../types/model.js';
import type { Manifest, ManifestOptions, VerifyOptions } from '../types/run.js';
import type { FolderSource } from '../types/sources.js';
import { textOf } from './json-text.js';

/** The checks of ManifestOptions and BundleOptions. */
export const folderOptions = { ...longOptions, ...fetchOptions, allowForbidden: isBoolean };

/** `createManifest` of the main entry. */
export async function createManifest(
  source: FolderSource, options: ManifestOptions = {},
): Promise<Manifest> {
  checkOptions(options, folderOptions);
  const { folder, started, listeners } = await begin(source, options);
  const files: ({ name: string } & FileHashes)[] = [];
  for await (const [name, file] of modelFiles(folder, started, options.allowForbidden === true)) {
    files.push({ name, ...await hashesOf(started, file, listeners, options.signal) });
  }
  if (!files.some(({ name }) => name === 'config.json')) {
    throw repriseError('not_found', `${folder.words}: there is no config.json.`,
      { file: 'config.json' });
  }
  if (!files.some(({ name }) => name.endsWith('.safetensors'))) {
    throw repriseError('not_found', `${folder.words}: there are no weights.`,
      { file: 'model.safetensors' });
  }
  return JSON.parse(await started.client.call('manifestWrite', { files })) as Manifest;
}

/** Opens the files of a model's folder that are there, by name, `more` of them first. Each is to be
 * closed before the next is asked for. Errors: `network` where a host answers 403, which may hide a file,
 * and that is not allowed. */
export async function* modelFiles(
  folder: Folder, { client, options }: Runtime, allowForbidden: boolean, more: readonly string[] = [],
): AsyncGenerator<[name: string, file: OpenFile]> {
  const known = await client.call('modelFiles', {});
  for (const name of [...more, ...known.besideWeights]) {
    const file = await folder.openIfThere(name, 'JSON');
    refuseForbidden(folder, allowForbidden);
    if (file !== undefined) yield [name, file];
  }
  const weights = await openWeights(folder, known);
  refuseForbidden(folder, allowForbidden);
  if (weights === undefined) return;
  const { name, isIndex, file } = weights;
  yield [name, file];
  if (!isIndex) return;
  const listeners = { onTelemetry: [options.onTelemetry] };
  const json = await readWhole(await folder.open(name, 'JSON'), listeners);
  const { files: shards } = await client.call('weightsIndex', { json, file: name });
  for (const shard of shards) yield [shard, await folder.open(shard, 'safetensors')];
}

function refuseForbidden(folder: Folder, isAllowed: boolean): void {
  const found = Object.entries(folder.absent).find(([, { status }]) => status === 403);
  if (found === undefined || isAllowed) return;
  const [file] = found;
  throw repriseError('network', `${file} answered 403: it may not be read, or it is not there. ` +
    'allowForbidden: true takes such files as absent.', { file, status: 403 });
}

/** `verifyFolder` of the main entry. */
export async function verifyFolder(
  source: FolderSource, options: VerifyOptions = {},
): Promise<Verification> {
  checkOptions(options, { ...longOptions, ...fetchOptions, manifest: isAnything });
  const given = options.manifest === undefined
    ? undefined : await textOf(options.manifest, 'manifest', { signal: options.signal });
  const { folder, started, listeners } = await begin(source, options);
  const { client } = started;
  const manifest = given === undefined ? await FolderManifest.open(client, folder, listeners)
    : await FolderManifest.read(client, given.json, given.file);
  if (manifest === undefined) {
    throw repriseError('not_found', `${folder.words}: there is no ${manifestName}.`,
      { file: manifestName });
  }
  const files: Record<string, { bytes: number; hash?: string }> = {};
  try {
    for (const { name, sha256 } of manifest.files) {
      const file = await folder.open(name, name.endsWith('.safetensors') ? 'safetensors' : 'JSON');
      const hashes = await hashesOf(started, file, listeners, options.signal);
      await manifest.check(name, hashes);
      files[name] = { bytes: hashes.bytes, hash: sha256 };
    }
  } finally {
    release(started, manifest.handle);
  }
  return { status: 'verified', files, absent: {} };
}

export async function begin(
  source: FolderSource, options: ManifestOptions,
): Promise<{ folder: Folder; started: Runtime; listeners: Listeners }> {
  const { signal, headers, credentials, fetch, onProgress } = options;
  const folder = await Folder.of(source, { signal, headers, credentials, fetch });
  const started = await mainRuntime.get();
  return { folder, started, listeners: {
    ...(onProgress === undefined ? {} : { onProgress }), onTelemetry: [started.options.onTelemetry],
  } };
}

/** A file's hashes. `take` is given its pieces, which are given away behind it. Closes the file. */
export async function hashesOf(
  { client }: Runtime, file: OpenFile, listeners: Listeners, signal: AbortSignal | undefined,
  parts: HashParts = 'both', take: (piece: Uint8Array) => void = () => undefined,
): Promise<FileHashes> {
  const hash = await client.call('hashBegin', { parts });
  try {
    for await (const bytes of read(file, listeners)) {
      take(bytes);
      await client.call('hashPush', { hash, bytes }, { transfer: [bytes.buffer], signal });
    }
    return await client.call('hashEnd', { hash });
  } catch (thrown) {
    await client.call('hashDrop', { hash }).catch(() => undefined);
    throw thrown;
  } finally {
    await file.close();
  }
}
