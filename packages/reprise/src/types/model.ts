// Models as callers see them.
import type {
  ForwardOptions, ForwardResult, GenerateOptions, GenerateResult, GenerateStream, Prompt,
  ScoreResult,
} from './generate.js';
import type { Handle, LongOptions, TelemetryEvent } from './long-work.js';
import type { BackendName } from './runtime.js';
import type { FetchOptions, FileSource } from './sources.js';
import type { Tokenizer } from './tokenizer.js';

/** Types of float tensors: IEEE single, IEEE half, and bfloat16. */
export type FloatType = 'f32' | 'f16' | 'bf16';

/** A model's shape, in the words of Hugging Face's config.json; other keys are kept. */
export interface ModelConfig {
  model_type: string;
  vocab_size: number;
  [key: string]: unknown;
}

/** A tensor's values, outside any model. */
export interface TensorData {
  readonly dtype: FloatType;
  readonly shape: readonly number[];
  /** Row-major; f16 and bf16 as 16-bit patterns. */
  readonly data: Float32Array | Uint16Array;
}

/** Weights as safetensors files, or by name in the checkpoint's own names and shapes. */
export type WeightsSource =
  | FileSource
  | readonly FileSource[]
  | Readonly<Record<string, TensorData>>;

/** Where a model runs; fixed for its life. */
export interface ModelOptions extends LongOptions {
  /** Which backend; one that is absent is `device_unavailable`, never replaced. 'auto' takes WebGPU
   * where there is an adapter that is no software, and says the reason where it takes the CPU.
   * Default: 'cpu', whose results are the same bits on every machine. */
  backend?: BackendName | 'auto' | undefined;
  /** Longest sequence in tokens, 1 to the config's own limit. Default: the config's. */
  contextLength?: number | undefined;
  /** Default: the folder's own tokenizer; without one, text prompts are `invalid_argument`. */
  tokenizer?: Tokenizer | undefined;
  onTelemetry?: ((event: TelemetryEvent) => void) | undefined;
}

/** How a folder is fetched, and held against its manifest. */
export interface LoadModelOptions extends ModelOptions, FetchOptions {
  /** true: check every file against manifest.json where there is one, and say 'unverified' where
   * not; 'required': refuse to load without; false: check and hash nothing, and say so. Default:
   * true. */
  verify?: boolean | 'required' | undefined;
}

/** The use that the estimate is for. */
export interface EstimateMemoryOptions {
  backend?: BackendName | undefined;
  precision?: { weights?: FloatType | undefined } | undefined;
  /** Tokens of cache. Default: the config's context. */
  contextLength?: number | undefined;
}

/** Bytes by purpose, and whether they are there. */
export interface MemoryEstimate {
  readonly parameters: number;
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  readonly activationsBytes: number;
  /** Linear memory and GPU memory that the sum needs. */
  readonly hostBytes: number;
  readonly deviceBytes: number;
  /** Whether it fits into what this machine offers; the reason where it does not. */
  readonly fits: boolean;
  readonly reason?: string;
}

/** Where a model's bytes came from and whether their hashes were promised and met. */
export interface Verification {
  /** verified: every file, and the tokenizer, has the hash that the folder's manifest.json promises;
   * partly_verified: all but notVerified; unverified: there is no manifest; not_checked: that was not
   * asked for. */
  readonly status: 'verified' | 'partly_verified' | 'unverified' | 'not_checked';
  /** Why, where it is not verified. */
  readonly reason?: string;
  /** Where it is partly_verified. weights: browsers hash files larger than 8 MiB by their chunks, which
   * were compared; the hash of the whole, which records have, is the manifest's word. tokenizer: it was
   * given beside the folder, and is not the one that the manifest has. */
  readonly notVerified?: readonly ('weights' | 'tokenizer')[];
  /** The files that were loaded, by name or address, with their SHA-256 where it was computed. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly hash?: string }>>;
  /** Files that the folder may have and has not, with the status where a server answered. 403 counts
   * as absent, since some hosts answer so for what is not there. */
  readonly absent: Readonly<Record<string, { readonly status?: number }>>;
}

/** A loaded model. Calls on one model queue in order; different models interleave. */
export interface Model extends Handle {
  readonly config: ModelConfig;
  /** Disposed of with the model where it came from the model's folder. */
  readonly tokenizer?: Tokenizer;
  readonly backend: BackendName;
  /** Why this backend. */
  readonly backendReason: string;
  readonly verification: Verification;
  readonly contextLength: number;
  readonly parameters: number;

  /** Continues a prompt. A text gets the tokenizer's special tokens, ids are taken as they are.
   * Errors: `token_out_of_range`, `context_overflow`, `aborted` (with `partial`), `device_lost`. */
  generate(prompt: Prompt, options?: GenerateOptions): Promise<GenerateResult>;
  /** The same, piece by piece; leaving the loop ends the work. */
  stream(prompt: Prompt, options?: GenerateOptions): GenerateStream;
  /** Logprob of each token given those before it. Takes ids as they are; at least 2 of them.
   * Errors: `token_out_of_range`, `context_overflow`, `unsupported` where logits are not finite. */
  score(tokens: ArrayLike<number>, options?: LongOptions): Promise<ScoreResult>;
  /** Logits at every position, or at the last one. */
  forward(tokens: ArrayLike<number>, options?: ForwardOptions): Promise<ForwardResult>;
}
