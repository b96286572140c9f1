// Manifests, records, replays and run configs: modules that are loaded at their first use.
import type {
  BundleOptions, Manifest, ManifestOptions, ReplayOptions, ReplayResult, RunConfig, RunRecord, VerifyOptions,
} from '../types/run.js';
import type { Verification } from '../types/model.js';
import type { FileSource, FolderSource } from '../types/sources.js';

/** Reads a folder's files and writes down what they are: config.json, tokenizer.json, weights and
 * what else Hugging Face folders have for them. Errors: `not_found`, `io`, `network`, also for a file
 * for which a host answers 403 (`allowForbidden`). */
export async function createManifest(
  folder: FolderSource, options?: ManifestOptions,
): Promise<Manifest> {
  return (await import('./manifest.js')).createManifest(folder, options);
}

/** Holds every file of a manifest against it. Errors: `hash_mismatch` with file, expected and found;
 * `not_found` where there is no manifest, or a file of it is not there; `invalid_config`. */
export async function verifyFolder(
  folder: FolderSource, options?: VerifyOptions,
): Promise<Verification> {
  return (await import('./manifest.js')).verifyFolder(folder, options);
}

/** A record and the files of its model in one zip, which stores them as they are: all that `replay`
 * needs. The same record and folder give the same bytes. Errors: `hash_mismatch` with argument,
 * expected and found, where the folder is not the recorded model; `unsupported` from 4 GiB on; those of
 * reading. */
export async function bundleRecord(
  record: RunRecord, folder: FolderSource, options?: BundleOptions,
): Promise<Blob> {
  return (await import('./bundle.js')).bundleRecord(record, folder, options);
}

/** Checks a record of this or an older version; of a bundle, its record. Errors: `invalid_json`; `invalid_config` with the
 * path; `unsupported` for a later version. */
export async function parseRecord(source: FileSource | RunRecord): Promise<RunRecord> {
  return (await import('./replay.js')).parseRecord(source);
}

/** Runs a record again and says whether the same came out. Errors: those of parseRecord;
 * `hash_mismatch` with argument (config, weights or tokenizer), expected and found, where an input is
 * not the recorded one; `device_unavailable`; those of loading and generating. */
export async function replay(
  record: FileSource | RunRecord, options?: ReplayOptions,
): Promise<ReplayResult> {
  return (await import('./replay.js')).replay(record, options);
}

/** Checks a run config: an object, or a file that holds one. Its hash is its `hashJson`. Errors:
 * `invalid_json`; `invalid_config` with the path, what was found and what is allowed; `unsupported`
 * for a later version, also of the dataset's schema, for `training`, which this one has not, and for a
 * model that does not run. */
export async function validateRunConfig(config: unknown): Promise<RunConfig> {
  return (await import('./config.js')).validateRunConfig(config);
}
