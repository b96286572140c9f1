// Making and loading models: folder or config and weights in, a model out. Past 400 lines, since checking and
// placing the bytes are one walk over the same pieces.
import { abortedError, repriseError, RepriseError } from './errors.js';
import { mainRuntime } from './main-runtime.js';
import { type Check, checkOptions, fetchOptions, refuse } from './options.js';
import { givenTokenizer, LoadedModel, modelChecks } from './model.js';
import type { Calls, FileHashes, HashParts } from './protocol.js';
import { type ModelOrigin, placeOf } from './run/facts.js';
import { type Runtime, tell } from './runtime.js';
import type { OpenFile, Piece } from './sources/files.js';
import { Folder } from './sources/folder.js';
import { FolderManifest, manifestName } from './sources/folder-manifest.js';
import { type Listeners, read, readWhole, report } from './sources/reading.js';
import { headerBytes, readHeader } from './sources/safetensors.js';
import { openWeights, sumOfBytes, type WeightsFile, weightsFiles } from './sources/weights.js';
import { type LoadedTokenizer, release, tokenizerFrom } from './tokenizer.js';
import type {
  LoadModelOptions, Model, ModelConfig, ModelOptions, Verification, WeightsSource,
} from './types/model.js';
import type { FolderSource } from './types/sources.js';

/** Bytes that go into the core at once, about a millisecond's work. */
const pushBytes = 1 << 20;

const isVerify: Check = (value) =>
  typeof value === 'boolean' || value === 'required' ? undefined : "true, false or 'required'";

/** What bytes that are other ones than they should be may lead to. */
const formatErrors: ReadonlySet<string> = new Set([
  'invalid_safetensors', 'invalid_json', 'unexpected_tensor', 'shape_mismatch', 'dtype_mismatch',
  'unsupported',
]);

interface Weights {
  readonly files: readonly WeightsFile[];
  /** Bytes of all files, or of their tensors alone, where one is known beforehand. */
  readonly fileBytes?: number | undefined;
  readonly tensorBytes?: number | undefined;
}

/** One loading under way: what it has made so far is released where it fails. */
class Loading {
  readonly runtime: Runtime;
  readonly listeners: Listeners;
  /** What the folder's files are held against. */
  manifest: FolderManifest | undefined;
  readonly #files: Record<string, { bytes: number; hash?: string }> = {};
  /** Hashes of weights in order. */
  readonly #weights: string[] = [];
  /** Inputs that are not held against the manifest, or whose recorded hash is its word alone. */
  readonly #notVerified = new Set<'weights' | 'tokenizer'>();
  readonly #verify: boolean;
  readonly #options: ModelOptions;
  readonly #begin = performance.now();
  #loaded = 0;
  /** Bytes before the tensors of the files so far. */
  #headers = 0;

  constructor(started: Runtime, options: ModelOptions, verify = true) {
    this.runtime = started;
    this.#options = options;
    this.#verify = verify;
    this.listeners = {
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      onTelemetry: [options.onTelemetry, started.options.onTelemetry],
    };
  }

  /** What of each file is hashed. */
  get #parts(): HashParts | undefined {
    if (!this.#verify) return undefined;
    return this.manifest === undefined ? 'whole' : 'checked';
  }

  /** A whole file of JSON, `name` its name in the folder. */
  async text(file: OpenFile, name: string): Promise<{ json: Uint8Array; file: string }> {
    const json = await readWhole(file, this.listeners);
    await this.check(file.name, name, json);
    return { json, file: file.name };
  }

  /** Hashes a file that is there whole, and checks it. */
  async check(file: string, name: string, bytes: Uint8Array): Promise<void> {
    const parts = this.#parts;
    const hashes = parts === undefined ? undefined
      : await this.runtime.client.call('hashBytes', { bytes, parts });
    if (hashes !== undefined) await this.manifest?.check(name, hashes);
    this.note(file, bytes.byteLength, hashes?.sha256);
  }

  /** Holds the tokenizer that the core made of the folder's, or was given beside it, against the
   * manifest, by the hash that the core has of it. Errors: `hash_mismatch` of the folder's own. */
  async checkTokenizer({ hash }: LoadedTokenizer, own?: { file: string; bytes: number }): Promise<void> {
    const name = 'tokenizer.json';
    if (own !== undefined) {
      await this.manifest?.check(name, { bytes: own.bytes, sha256: hash, chunks: [] });
      this.note(own.file, own.bytes, hash);
    } else if (this.manifest !== undefined && this.manifest.hashOf(name) !== hash) {
      this.#notVerified.add('tokenizer');
    }
  }

  /** Holds the hashes of weights against the manifest, and gives that of the whole: the manifest's where
   * only chunks were hashed. */
  async #checkWeights(
    source: WeightsFile, phase: OpenFile['phase'], hashes: FileHashes | undefined,
  ): Promise<string | undefined> {
    const { runtime, manifest } = this;
    if (hashes === undefined || manifest === undefined) return hashes?.sha256;
    const { name } = source;
    try {
      await manifest.check(name, hashes);
    } catch (thrown) {
      // A whole's hash does not say where it is another. What was no download is read again for that.
      if (phase === 'download') throw thrown;
      const { hashesOf } = await import('./run/manifest.js');
      const place: unknown = await (async () => manifest.check(
        name, await hashesOf(runtime, await source.open(), {}, this.#options.signal, 'chunks')))()
        .catch((error: unknown) => error);
      throw place instanceof RepriseError && place.code === 'hash_mismatch' ? place : thrown;
    }
    if (hashes.sha256 === undefined) this.#notVerified.add('weights');
    return hashes.sha256 ?? manifest.hashOf(name);
  }

  /** Opens a file of the folder that may be absent. Errors: `not_found` where the manifest lists it. */
  async openIfThere(files: Folder, name: string): Promise<OpenFile | undefined> {
    const file = await files.openIfThere(name, 'JSON');
    if (file !== undefined || this.manifest?.hashOf(name) === undefined) return file;
    const status = files.statusOf(name);
    const why = status === undefined ? '' : ` (${status})`;
    throw repriseError('not_found', `${files.words}: there is no ${name}${why}, and ${manifestName} ` +
      'lists it.', { file: name, ...(status === undefined ? {} : { status }) });
  }

  /** Writes down what a file is. */
  note(file: string, bytes: number, hash: string | undefined): void {
    this.#files[file] = { bytes, ...(hash === undefined ? {} : { hash }) };
  }

  create(config: Uint8Array, file: string): Promise<Calls['modelCreate']['value']> {
    const { backend, contextLength, signal } = this.#options;
    return this.runtime.client.call('modelCreate', {
      config, file, ...(backend === undefined ? {} : { backend }), ...(contextLength === undefined ? {} : { contextLength }),
    }, { signal });
  }

  /** Streams weights into a model. */
  async load(model: number, weights: Weights): Promise<void> {
    const { client } = this.runtime;
    for (const source of weights.files) {
      await this.#loadFile(model, source, await source.open(), weights);
    }
    await client.call('modelFinish', { model });
    const { usedBytes } = await client.call('state', {});
    const listeners = this.listeners.onTelemetry ?? [];
    const milliseconds = performance.now() - this.#begin;
    tell({ name: 'load', milliseconds, bytes: this.#loaded }, ...listeners);
    tell({ name: 'memory', milliseconds: 0, bytes: usedBytes }, ...listeners);
  }

  async #loadFile(model: number, source: WeightsFile, file: OpenFile, weights: Weights): Promise<void> {
    const { client } = this.runtime;
    const size = { bytes: file.bytes };
    const pieces = read(file, this.listeners, size);
    let pushed = 0;
    // What breaks the format is hashed to the end all the same: that it is other bytes than the manifest
    // promises says more.
    let failure: unknown;
    const attempt = async (call: () => Promise<unknown>) => {
      try {
        await call();
      } catch (thrown) {
        const isFormat = thrown instanceof RepriseError && formatErrors.has(thrown.code);
        if (failure === undefined && (this.manifest === undefined || !isFormat)) throw thrown;
        failure ??= thrown;
      }
    };
    try {
      let head = new Uint8Array();
      if (size.bytes === undefined) ({ head, bytes: size.bytes } = await readHeader(pieces));
      // A header that cannot be read is the core's to refuse.
      const bytes = size.bytes ?? Number.MAX_SAFE_INTEGER;
      await attempt(() =>
        client.call('modelBeginFile', { model, file: file.name, bytes, hash: this.#parts }));
      for await (const piece of gather(head, pieces)) {
        if (pushed === 0) this.#headers += headerBytes(piece) ?? 0;
        pushed += piece.byteLength;
        this.#loaded += piece.byteLength;
        await attempt(() =>
          client.call('modelPush', { model, bytes: piece }, { transfer: [piece.buffer] }));
        if (this.#options.signal?.aborted === true) throw abortedError('Loading the model');
        const total = this.#total(weights, size.bytes);
        report(this.listeners, {
          phase: 'load', done: this.#loaded, unit: 'bytes', file: file.name,
          ...(total === undefined ? {} : { total }),
        });
      }
    } finally {
      await pieces.return(undefined);
      await file.close();
    }
    const hashes = await client.call('modelHashes', { model });
    const hash = await this.#checkWeights(source, file.phase, hashes);
    if (failure !== undefined) throw failure;
    await client.call('modelEndFile', { model });
    this.note(file.name, pushed, hashes?.sha256);
    if (hash !== undefined) this.#weights.push(hash);
  }

  /** Bytes of all weights; undefined where nobody knows, or where an index is wrong about it. */
  #total(weights: Weights, file: number | undefined): number | undefined {
    const { files, fileBytes, tensorBytes } = weights;
    if (files.length === 1) return file;
    const total = tensorBytes === undefined ? fileBytes : tensorBytes + this.#headers;
    return total === undefined || total < this.#loaded ? undefined : total;
  }

  verification(reason: string, absent: Verification['absent'] = {}): Verification {
    const files = this.#files;
    if (!this.#verify) return { status: 'not_checked', reason: 'verify was false', files, absent };
    if (this.manifest === undefined) return { status: 'unverified', reason, files, absent };
    const notVerified = [...this.#notVerified].sort();
    if (notVerified.length === 0) return { status: 'verified', files, absent };
    const words = notVerified.map((input) => (input === 'weights'
      ? `the weights were compared by their chunks, and their whole hash is the word of ${manifestName}`
      : `the tokenizer was given, and is not the one that ${manifestName} has`));
    return { status: 'partly_verified', reason: words.join('; '), notVerified, files, absent };
  }

  /** Where the model came from, once all is loaded. */
  async origin(folder: string | null): Promise<ModelOrigin> {
    if (!this.#verify) return { folder, weights: null };
    const weights = await this.runtime.client.call('weightsHash', { files: this.#weights });
    return { folder, weights };
  }
}

/** Joins small pieces, so that not every packet of a network is a call of its own. */
async function* gather(head: Piece, pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let held: Uint8Array[] = head.byteLength > 0 ? [head] : [];
  let size = head.byteLength;
  const joined = () => {
    const whole = new Uint8Array(size);
    let at = 0;
    for (const piece of held) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    [held, size] = [[], 0];
    return whole;
  };
  for await (const piece of pieces) {
    if (held.length === 0 && piece.byteLength >= pushBytes) {
      yield piece;
      continue;
    }
    held.push(piece);
    size += piece.byteLength;
    if (size >= pushBytes) yield joined();
  }
  if (size > 0) yield joined();
}

/** Loads a Hugging Face folder (config.json, safetensors, tokenizer.json, generation_config.json).
 * Errors: those of files and formats, `hash_mismatch`, `out_of_memory`, `device_unavailable`. */
export async function loadModel(
  folder: FolderSource, options: LoadModelOptions = {},
): Promise<Model> {
  checkOptions(options, { ...modelChecks, ...fetchOptions, verify: isVerify });
  const { signal, headers, credentials, fetch, verify = true } = options;
  const files = await Folder.of(folder, { signal, headers, credentials, fetch });
  const started = await mainRuntime.get();
  const given = givenTokenizer(options.tokenizer, started);
  const loading = new Loading(started, options, verify !== false);
  // First what every folder has, so that a folder that is none is told as one.
  const config = await files.open('config.json', 'JSON');
  const json = await readWhole(config, loading.listeners);
  try {
    if (verify !== false) await findManifest(loading, files, verify === 'required');
    await loading.check(config.name, 'config.json', json);
    const source = { files, config: json, file: config.name, place: placeOf(folder) };
    return await loadFolder(source, given, loading, options);
  } finally {
    if (loading.manifest !== undefined) release(started, loading.manifest.handle);
  }
}

async function findManifest(loading: Loading, files: Folder, isRequired: boolean): Promise<void> {
  const { runtime: { client }, listeners } = loading;
  loading.manifest = await FolderManifest.open(client, files, listeners);
  if (loading.manifest === undefined && isRequired) {
    throw repriseError('not_found', `${files.words}: there is no ${manifestName}, and verify is ` +
      "'required'.", { file: manifestName });
  }
}

/** A folder whose config.json, named `file` in errors, has been read. */
interface FolderParts {
  readonly files: Folder;
  readonly config: Uint8Array;
  readonly file: string;
  readonly place: string | null;
}

async function loadFolder(
  { files, config, file, place }: FolderParts, given: LoadedTokenizer | undefined,
  loading: Loading, { signal, onTelemetry }: LoadModelOptions,
): Promise<Model> {
  const { runtime: started } = loading;
  const made = await loading.create(config, file);
  let own: LoadedTokenizer | undefined;
  try {
    const generation = await loading.openIfThere(files, 'generation_config.json');
    if (generation !== undefined) {
      const text = await loading.text(generation, 'generation_config.json');
      await started.client.call('modelGenerationConfig', { model: made.handle, ...text });
    }
    if (given === undefined) {
      const found = await loading.openIfThere(files, 'tokenizer.json');
      if (found !== undefined) {
        const json = await readWhole(found, loading.listeners);
        if (loading.manifest !== undefined) await loading.check(found.name, 'tokenizer.json', json);
        own = await tokenizerFrom(started, json, found.name, signal);
        await loading.checkTokenizer(own, { file: found.name, bytes: json.byteLength });
      }
    } else await loading.checkTokenizer(given);
    await loading.load(made.handle, await weightsOf(files, loading));
    return new LoadedModel({
      runtime: started, made, config: JSON.parse(new TextDecoder().decode(config)) as ModelConfig,
      verification: loading.verification(`the folder has no ${manifestName}`, files.absent),
      origin: await loading.origin(place),
      tokenizer: given ?? own, ownsTokenizer: own !== undefined, onTelemetry,
    });
  } catch (thrown) {
    own?.dispose();
    release(started, made.handle);
    throw thrown;
  }
}

/** The folder's weights: one file, or the shards that an index names. */
async function weightsOf(folder: Folder, loading: Loading): Promise<Weights> {
  const { client } = loading.runtime;
  const names = await client.call('modelFiles', {});
  const found = await openWeights(folder, names);
  if (found === undefined) {
    const statuses = Object.values(folder.absent).map(({ status }) => status);
    const why = statuses.includes(403) ? ', or the host (403) does not let them be read' : '';
    const places = names.weights.map(({ name }) => name);
    throw repriseError('not_found',
      `${folder.words}: there is neither ${places.join(' nor ')}${why}.`, { file: places[0] as string });
  }
  const { name, isIndex, file } = found;
  if (!isIndex) {
    let opened: OpenFile | undefined = file;
    const open = () => {
      const first = opened === undefined ? folder.open(name, 'safetensors') : Promise.resolve(opened);
      opened = undefined;
      return first;
    };
    return { files: [{ name, open }] };
  }
  const { files, tensorBytes } = await client.call('weightsIndex', await loading.text(file, name));
  return {
    files: files.map((shard) => ({ name: shard, open: () => folder.open(shard, 'safetensors') })),
    tensorBytes,
  };
}

/** Makes a model from a config and weights. Errors: `invalid_config`, `missing_tensor`,
 * `unexpected_tensor`, `shape_mismatch`, `dtype_mismatch`, `out_of_memory`. */
export async function createModel(
  config: ModelConfig, weights: WeightsSource, options: ModelOptions = {},
): Promise<Model> {
  checkOptions(options, modelChecks);
  const json = configBytes(config);
  const files = weightsFiles(weights, options.signal);
  const started = await mainRuntime.get();
  const tokenizer = givenTokenizer(options.tokenizer, started);
  const loading = new Loading(started, options);
  const made = await loading.create(json, 'config');
  try {
    await loading.load(made.handle, { files, fileBytes: sumOfBytes(weights) });
    return new LoadedModel({
      runtime: started, made, config: JSON.parse(new TextDecoder().decode(json)) as ModelConfig,
      verification: loading.verification('config and weights came without a folder'),
      origin: await loading.origin(null), tokenizer, ownsTokenizer: false,
      onTelemetry: options.onTelemetry,
    });
  } catch (thrown) {
    release(started, made.handle);
    throw thrown;
  }
}

/** The text of a config object. Errors: `invalid_argument` where it cannot be written as JSON. */
export function configBytes(config: ModelConfig): Uint8Array {
  if (typeof config !== 'object' || config === null) throw refuse('config', 'an object', config);
  try {
    return new TextEncoder().encode(JSON.stringify(config));
  } catch (thrown) {
    throw repriseError('invalid_argument', `config cannot be written as JSON: ` +
      `${(thrown as Error).message}`, { argument: 'config' });
  }
}
