// Manifests, run configs, run records and replays.
import type { LoadDatasetOptions, SplitOptions } from './dataset.js';
import type { FinishReason, SamplingOptions } from './generate.js';
import type { LongOptions } from './long-work.js';
import type { Model, ModelConfig, Verification } from './model.js';
import type { BackendName, Capabilities } from './runtime.js';
import type { FetchOptions, FileSource, FolderSource } from './sources.js';

/** Names, sizes and hashes of a model folder's files: the content of manifest.json, as
 * schema/manifest.schema.json has it. Hashes are SHA-256 as 64 lower-case hexadecimal digits. */
export interface Manifest {
  readonly format: 'reprise-manifest';
  readonly version: 1;
  /** Version of the package that wrote it. */
  readonly runtime: string;
  readonly numericsVersion: number;
  readonly files: readonly {
    readonly name: string;
    readonly role: 'weights' | 'config' | 'tokenizer' | 'other';
    readonly bytes: number;
    readonly sha256: string;
    /** Hashes of the file's pieces of 8 MiB, in order. */
    readonly chunks: readonly string[];
  }[];
}

/** How a folder is read. */
export interface ManifestOptions extends LongOptions, FetchOptions {
  /** Leave out files for which a host answers 403: hosts that list no folders, such as S3, answer so for
   * what is not there. Otherwise that is an error. Default: false. */
  allowForbidden?: boolean | undefined;
}

/** What a folder is held against. */
export interface VerifyOptions extends LongOptions, FetchOptions {
  /** A manifest or the file of one. Default: the folder's own manifest.json. */
  manifest?: Manifest | FileSource | undefined;
}

/** The dataset of a run config: its files, how they are read, with the meaning of LoadDatasetOptions, and
 * the parts that they are dealt out to. What stands in it is checked together: fields that are named are
 * in the schema, where there is one, and shares are such that `split` takes them. */
export interface RunDataset
  extends Readonly<Omit<LoadDatasetOptions, keyof LongOptions | keyof FetchOptions | 'onReport'>> {
  /** One file inside the folder of the config itself, with / between its parts, or several of one format,
   * one after the other. */
  readonly source: string | readonly string[];
  /** As SplitOptions have it; `seed` defaults to the schema's, else to the config's. */
  readonly split?: Readonly<Omit<SplitOptions, keyof LongOptions>>;
}

/** The content of a `reprise.json`: what a run is to be made of, as schema/run_config.schema.json has it;
 * JSON. It has a model, a dataset, or both, and says nothing of backends and threads. Its hash is
 * `hashJson` of it as it stands, without the defaults of what it leaves out. */
export interface RunConfig {
  readonly version: 1;
  /** A folder inside that of the file, with / between its parts ('.' is that one itself), or the
   * dimensions of a model without weights. */
  readonly model?: { readonly folder: string } | { readonly config: ModelConfig };
  /** Longest sequence in tokens. Default: the model's own. */
  readonly contextLength?: number;
  /** What runs today, so that later versions keep to it. */
  readonly precision?: {
    readonly weights?: 'file'; readonly activations?: 'f32'; readonly compute?: 'f32';
  };
  readonly dataset?: RunDataset;
  /** An integer 0 to 2^53 − 1. Default: one is drawn at each run. */
  readonly seed?: number;
  /** With the ranges and defaults of GenerateOptions; numbers are such that f32 has. */
  readonly sampling?: Readonly<SamplingOptions> & {
    readonly maxTokens?: number;
    readonly stop?: readonly string[];
    readonly stopIds?: readonly number[];
  };
}

/** How a bundle's folder is read. */
export interface BundleOptions extends ManifestOptions {}

/** What a run was made of and what came out, as schema/record.schema.json has it; JSON. Capabilities
 * and timings are never compared. */
export interface RunRecord {
  readonly format: 'reprise-record';
  readonly version: 1;
  /** Depends on inputs, settings and the numerics version, not on backend and threads. */
  readonly runId: string;
  readonly kind: 'generate';
  /** Version of the package. */
  readonly runtime: string;
  readonly numericsVersion: number;
  readonly inputs: {
    /** Name of the model's folder, without its place. */
    readonly model: string | null;
    /** Of config.json's RFC 8785 form. */
    readonly config: string;
    /** Of the file; of several, of the JSON list of their hashes, a folder's in the order of their names,
     * others as they were given; null where nothing was hashed. */
    readonly weights: string | null;
    readonly tokenizer: string | null;
    readonly dataset: null;
    readonly verification: Verification['status'];
    /** Where it is partly_verified: whose hash is not held against the manifest (`Verification`). */
    readonly notVerified?: Verification['notVerified'];
  };
  readonly seed: number;
  /** Next position of each random stream, by name. */
  readonly positions: { readonly sample: number };
  readonly settings: Readonly<Required<SamplingOptions>> & {
    readonly maxTokens: number | null;
    readonly stop: readonly string[];
    readonly stopIds: readonly number[];
    readonly contextLength: number;
  };
  readonly policy: {
    readonly weights: 'file'; readonly activations: 'f32'; readonly compute: 'f32';
  };
  /** What the policy became on the device. */
  readonly resolved: {
    readonly weights: 'file';
    readonly ops: Readonly<Record<string, {
      readonly storage: 'f32'; readonly compute: 'f32'; readonly how: 'native' | 'rounded';
    }>>;
  };
  /** 'reference' is the native core's oracle. */
  readonly backend: BackendName | 'reference';
  readonly threads: number;
  /** What the machine offered, as its host says it. */
  readonly capabilities: Partial<Capabilities> | Readonly<Record<string, unknown>> | null;
  readonly promptIds: readonly number[];
  readonly outputIds: readonly number[];
  /** Logprob of each output id: log-softmax of the raw logits, f32. */
  readonly logprobs: readonly number[];
  readonly finishReason: FinishReason;
  readonly training: null;
  /** Milliseconds and rates by name. */
  readonly timings: Readonly<Record<string, number>>;
}

/** What to run a record again with. */
export interface ReplayOptions extends LongOptions, FetchOptions {
  /** The model, or where its folder is; its hashes are checked. Records hold no addresses. Default:
   * the bundle's, where it is one. */
  model?: Model | FolderSource | undefined;
  /** Default: the recorded one, which must be there; a given model keeps its own. */
  backend?: BackendName | undefined;
  /** Default: those of the runtime; they change no bit. They fix the runtime's settings, so that it is
   * `busy` where it runs with others; not with a loaded model. */
  threads?: number | undefined;
  /** Run with a config, weights or tokenizer of another hash, which then is a reason in the result,
   * instead of refusing with `hash_mismatch`. Default: false. */
  allowOtherInputs?: boolean | undefined;
}

/** Why a run may have come out differently. */
export interface ReplayReason {
  readonly kind: 'numerics_version' | 'backend' | 'weights' | 'tokenizer' | 'config' | 'precision'
    | 'settings' | 'unknown';
  readonly text: string;
}

/** Whether a run came out the same, and where and why not. `record` is of the new run, `compared`
 * the number of tokens. */
export type ReplayResult =
  | {
      readonly verdict: 'identical';
      readonly compared: number;
      /** Empty but for what was other all the same, and changed nothing. */
      readonly reasons: readonly ReplayReason[];
      readonly record: RunRecord;
    }
  | {
      readonly verdict: 'differs';
      readonly compared: number;
      /** First token that differs, from 0; absent where only logprobs or the end do. An id, or
       * 'nothing' where that run had ended. */
      readonly firstDifference?: {
        readonly at: number;
        readonly unit: 'token';
        readonly recorded: number | 'nothing';
        readonly found: number | 'nothing';
      };
      /** |Δlogprob| of the recorded tokens, each given the recorded ones before it. */
      readonly drift: { readonly max: number; readonly mean: number };
      /** Whether the drift is inside the tolerance that is stated where WebGPU ran, 1e-3; absent between
       * CPUs, which differ in nothing, and where not every token could be scored. */
      readonly withinTolerance?: boolean;
      readonly reasons: readonly ReplayReason[];
      readonly record: RunRecord;
    };
