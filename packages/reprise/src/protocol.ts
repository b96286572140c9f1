// The messages between client and engine: the same in-process, over a Web Worker and over a Node
// worker thread. A call is answered by one value or error; before that it may send events.
import type { ErrorMessage } from './errors.js';
import type {
  FinishReason, GenerateChunk, GenerateResult, TokenLogprob,
} from './types/generate.js';
import type {
  DatasetFieldStats, DatasetFormat, DatasetSchema, ValidationReport,
} from './types/dataset.js';
import type { FloatType, Verification } from './types/model.js';
import type { ReplayResult } from './types/run.js';
import type { BackendName, Capabilities } from './types/runtime.js';
import type { SpecialToken, TokenizerMetrics } from './types/tokenizer.js';

/** What the engine is started with. */
export interface EngineOptions {
  readonly wasmUrl?: string;
  readonly threads?: number;
  /** Told by the client: whether the engine runs in a worker. */
  readonly worker: boolean;
  /** Only in-process, since it cannot cross to a worker. */
  readonly gpu?: unknown;
}

/** Options of a generation as the core takes them. */
export interface CoreGenerateOptions {
  readonly seed: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly stopIds?: readonly number[];
  readonly logprobs?: number;
  readonly record?: boolean;
}

/** What is hashed of a file: all of it, its chunks of 8 MiB, both, or what holds it against a manifest and
 * is done beside the engine's thread: in Node the whole, in browsers the chunks, and where pages have no
 * WebCrypto, so that both are the core's, the whole. */
export type HashParts = 'both' | 'whole' | 'chunks' | 'checked';
/** Which random numbers: of a stream by position, at most 2^24 of them. */
export interface RandomOptions {
  readonly seed: number;
  readonly stream: 'init' | 'shuffle' | 'split' | 'sample' | 'dropout';
  readonly sequence?: number;
  readonly distribution: 'bits' | 'uniform' | 'uniform_f64' | 'normal' | 'below' | 'bernoulli';
  readonly first?: number;
  readonly count: number;
  /** Of 'below'. */
  readonly bound?: number;
  /** Of 'bernoulli'. */
  readonly p?: number;
}

/** Hashes of a file; that of the whole also where its one chunk is the whole. */
export interface FileHashes {
  readonly bytes: number;
  readonly sha256?: string;
  readonly chunks: readonly string[];
}

/** The names of the files of a model's folder. Of weights the first that is there is the model's. */
export interface ModelFiles {
  readonly besideWeights: readonly string[];
  readonly weights: readonly { readonly name: string; readonly isIndex: boolean }[];
}

/** What only the host knows of a run. */
export interface RunFacts {
  /** Path or address of the model's folder; a record has its last part. */
  readonly folder: string | null;
  readonly weights: string | null;
  readonly verification: Verification['status'];
  readonly notVerified?: Verification['notVerified'];
  readonly capabilities: object;
  readonly timings?: Readonly<Record<string, number>>;
  readonly allowOtherInputs?: boolean;
}

/** The end of a generation as the core tells it. */
export interface CoreGenerateResult {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly finishReason: FinishReason;
  readonly logprobs?: readonly TokenLogprob[];
}

/** Options of the core's readers of datasets. */
export type DatasetOptions = Readonly<Record<string, unknown>>;

/** What the first rows of a file seem to be. */
export interface InferredSchema {
  readonly schema: DatasetSchema;
  readonly header: boolean;
  readonly rows: number;
}

/** Texts in UTF-8 one behind the other, and the bytes of each. */
export interface Utf8Texts {
  readonly bytes: Uint8Array;
  readonly sizes: Uint32Array;
}

/** The parts of a column's rows, as the core has them: reprise_dataset_take. */
export interface ColumnPart {
  readonly validity: Uint8Array;
  /** 64-bit words, of which the lower halves are looked at: what is read at once is far smaller than
   * 4 GiB. */
  readonly listOffsets: Uint32Array;
  readonly offsets: Uint32Array;
  readonly values: Uint8Array;
}

/** How a reader of a dataset fares. */
export interface DatasetReport extends ValidationReport {
  readonly fields?: Readonly<Record<string, DatasetFieldStats>>;
}

/** Memory and objects now. */
export interface EngineState {
  readonly usedBytes: number;
  readonly limitBytes: number;
  readonly handles: number;
  readonly gpuBuffers: number;
}

/** The core's estimate, in bytes. */
export interface CoreEstimate {
  readonly parameters: number;
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  readonly activationsBytes: number;
  readonly limitBytes: number;
  /** Which tensor the device can never hold, and why; absent where it can hold each. */
  readonly reason?: string;
}

/** How texts are encoded: the JSON of reprise_tokenizer_encode_with, or whether special tokens are
 * added where nothing else is asked for. */
export type TextOptions = string | boolean;

/** Encodings as the core gives them: ids where options are no JSON, else the words of
 * reprise_encode_batch. */
export type EncodedTexts = Uint32Array;

/** Every call: what goes in and what comes out. Handles are the core's. */
export interface Calls {
  start: { args: EngineOptions; value: Omit<Capabilities, 'webgpu' | 'summary'> };
  webgpu: { args: Record<string, never>; value: Capabilities['webgpu'] };
  state: { args: Record<string, never>; value: EngineState };
  release: { args: { handle: number }; value: undefined };
  tokenizerCreate: {
    args: { json: Uint8Array; file: string };
    value: {
      handle: number; hash: string; vocabSize: number; specialTokens: readonly SpecialToken[];
    };
  };
  encode: {
    args: { tokenizer: number; text: string; options: TextOptions };
    value: EncodedTexts;
  };
  encodeBatch: {
    args: { tokenizer: number; texts: readonly string[] | Utf8Texts; options: TextOptions };
    value: EncodedTexts;
  };
  decode: {
    args: { tokenizer: number; ids: Int32Array; skipSpecialTokens: boolean };
    value: string;
  };
  decodeBatch: {
    args: { tokenizer: number; ids: Int32Array; counts: Uint32Array; skipSpecialTokens: boolean };
    value: string[];
  };
  metrics: { args: { tokenizer: number; texts: readonly string[] }; value: TokenizerMetrics };
  vocabulary: { args: { tokenizer: number }; value: { texts: string[]; ids: Uint32Array } };
  tokenToId: { args: { tokenizer: number; token: string }; value: number | undefined };
  idToToken: { args: { tokenizer: number; id: number }; value: string | undefined };
  decodeStreamCreate: { args: { tokenizer: number; skipSpecialTokens: boolean }; value: number };
  decodeStreamPush: { args: { stream: number; id: number }; value: string };
  decodeStreamFinish: { args: { stream: number }; value: string };
  trainerCreate: { args: { options: Readonly<Record<string, unknown>> }; value: number };
  trainerAdd: { args: { trainer: number; texts: readonly string[] }; value: undefined };
  /** The tokenizer.json. */
  trainerTrain: { args: { trainer: number }; value: { json: Uint8Array } };
  /** The format of files; options are those of reprise_dataset_format. */
  datasetFormat: { args: { options: DatasetOptions }; value: { format: DatasetFormat } };
  /** Looks at the first rows of a file; options are those of reprise_dataset_sample_create. */
  datasetSample: { args: { options: DatasetOptions }; value: number };
  datasetSchema: { args: { sample: number }; value: InferredSchema };
  /** A schema as it is written, from the text of one. */
  datasetSchemaCheck: { args: { json: string; file: string }; value: DatasetSchema };
  /** A schema that was inferred, with the field that is then its text. */
  datasetNameText: { args: { json: string }; value: DatasetSchema };
  /** Reads files; options are those of reprise_dataset_reader_create. */
  datasetReader: { args: { schema: DatasetSchema; options: DatasetOptions }; value: number };
  /** Whether a sample has enough rows; without bytes it is the file's end. */
  datasetSamplePush: { args: { sample: number; bytes?: Uint8Array }; value: boolean };
  /** The rows that have ended with these bytes, as ColumnBatch reads them, or nothing where they go
   * into columns, of whose rows this is the share so far; without bytes it is the last file's end, or
   * that of one before `nextFile`, a name. An error comes behind the rows before it. */
  datasetRead: {
    args: {
      reader: number; bytes?: Uint8Array; nextFile?: string; into?: { columns: number; share?: number };
    };
    value: { batch?: Uint8Array; error?: ErrorMessage };
  };
  /** Begins columns; they are taken or dropped. */
  datasetCollect: { args: Record<string, never>; value: number };
  /** Four parts of each column, as ColumnBuffers gives them. */
  datasetTakeColumns: { args: { columns: number }; value: Uint8Array[] };
  datasetDropColumns: { args: { columns: number }; value: void };
  datasetReport: { args: { reader: number }; value: DatasetReport };
  /** Deals rows out in slices; options are those of reprise_dataset_split, digests those that it goes
   * by. The number of rows of each part, and then the rows of each. */
  datasetSplit: {
    args: { options: Readonly<Record<string, unknown>>; digests: Uint8Array };
    value: Uint32Array;
  };
  /** Random numbers; options are those of reprise_random. */
  random: { args: { options: RandomOptions }; value: Float64Array };
  /** A permutation, drawn in slices; options are those of reprise_permutation. */
  permutation: {
    args: { options: Pick<RandomOptions, 'seed' | 'stream' | 'sequence' | 'count'> };
    value: Uint32Array;
  };
  /** 64 hexadecimal digits. */
  hashJson: { args: { json: string }; value: string };
  /** A file's hashes: begun, pushed, and ended or dropped. */
  hashBegin: { args: { parts: HashParts }; value: number };
  hashPush: { args: { hash: number; bytes: Uint8Array }; value: undefined };
  hashEnd: { args: { hash: number }; value: FileHashes };
  hashDrop: { args: { hash: number }; value: undefined };
  /** Hashes of bytes that are there whole. */
  hashBytes: { args: { bytes: Uint8Array; parts: HashParts }; value: FileHashes };
  /** One hash of the hashes of the weights' files, a folder's in the order of their names. */
  weightsHash: { args: { files: readonly string[] }; value: string };
  /** The text of a manifest. */
  manifestWrite: {
    args: { files: readonly ({ name: string } & FileHashes)[] };
    value: string;
  };
  manifestRead: {
    args: { json: Uint8Array; file: string };
    value: { handle: number; files: readonly { name: string; bytes: number; sha256: string }[] };
  };
  manifestCheck: { args: { manifest: number; name: string; hashes: FileHashes }; value: undefined };
  /** The run id of a record's contents. */
  recordCheck: { args: { json: Uint8Array; file: string }; value: string };
  /** The hash of a run config. */
  runConfigCheck: { args: { json: Uint8Array; file: string }; value: string };
  /** The text of a checkpoint's HEAD; parts are JSON. */
  checkpointWrite: { args: { parts: string }; value: string };
  /** Its own hash. */
  checkpointCheck: { args: { json: Uint8Array; file: string }; value: string };
  estimateMemory: {
    args: {
      config: Uint8Array; file: string;
      options: { backend: BackendName; contextLength?: number; weights?: FloatType };
    };
    value: CoreEstimate;
  };
  modelCreate: {
    args: {
      config: Uint8Array; file: string;
      /** Default: 'cpu'. */
      backend?: BackendName | 'auto'; contextLength?: number;
    };
    value: {
      handle: number; backend: BackendName; backendReason: string; parameters: number;
      contextLength: number; vocabSize: number;
    };
  };
  modelGenerationConfig: {
    args: { model: number; json: Uint8Array; file: string };
    value: undefined;
  };
  /** What a model's folder may hold. */
  modelFiles: { args: Readonly<Record<string, never>>; value: ModelFiles };
  /** Refuses what is not the name of a file without a path. */
  fileNamesCheck: { args: { names: readonly string[] }; value: undefined };
  /** The files of an index of weights, each once. */
  weightsIndex: {
    args: { json: Uint8Array; file: string };
    value: { files: readonly string[]; tensorBytes?: number };
  };
  /** With `hash` the file is hashed as it is pushed. */
  modelBeginFile: {
    args: { model: number; file: string; bytes: number; hash?: HashParts | undefined };
    value: undefined;
  };
  modelPush: { args: { model: number; bytes: Uint8Array }; value: undefined };
  /** Of the file at hand, all of which was pushed. */
  modelHashes: { args: { model: number }; value: FileHashes | undefined };
  modelEndFile: { args: { model: number }; value: undefined };
  modelFinish: { args: { model: number }; value: undefined };
  generate: {
    args: {
      model: number; tokenizer: number; prompt: string | Int32Array; options: CoreGenerateOptions;
      /** For a record, where options ask for one. */
      facts: RunFacts;
    };
    value: GenerateResult;
  };
  replay: {
    args: { model: number; tokenizer: number; json: Uint8Array; file: string; facts: RunFacts };
    value: ReplayResult;
  };
  score: {
    args: { model: number; ids: Int32Array };
    value: { logprobs: Float32Array; loss: number };
  };
  forward: {
    args: { model: number; ids: Int32Array; lastOnly: boolean };
    value: { logits: Float32Array; shape: readonly [number, number] };
  };
}

export type CallName = keyof Calls;

/** What a call may tell before its end. */
export type CallEvent =
  | { readonly type: 'progress'; readonly phase: 'prefill' | 'decode' | 'score' | 'forward'
      | 'replay' | 'tokenize' | 'train' | 'split'; readonly done: number; readonly total?: number;
      /** Default: 'tokens'. */
      readonly unit?: 'rows' | 'steps' }
  | { readonly type: 'token'; readonly chunk: GenerateChunk };

export type ClientMessage =
  | { readonly type: 'call'; readonly id: number; readonly name: CallName; readonly args: unknown }
  | { readonly type: 'abort'; readonly id: number };

export type EngineMessage =
  | { readonly type: 'value'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorMessage }
  | { readonly type: 'events'; readonly id: number; readonly events: readonly CallEvent[] };

/** One end of a connection. */
export interface Port<Out, In> {
  post(message: Out, transfer?: readonly Transferable[]): void;
  /** Set once, before anything is posted to this end. */
  receive: (message: In) => void;
}

/** Two ends in one thread. Messages arrive in order, in a later microtask, uncopied; `onError` is
 * told what their receiver throws. */
export function portPair(onError: (thrown: unknown) => void): [
  Port<ClientMessage, EngineMessage>, Port<EngineMessage, ClientMessage>,
] {
  // In Node queueMicrotask takes three times as long, since it keeps track of who asked for what.
  const soon = Promise.resolve();
  const deliver = <In>(message: In, to: Port<never, In>) =>
    void soon.then(() => {
      try {
        to.receive(message);
      } catch (thrown) {
        onError(thrown);
      }
    });
  const client: Port<ClientMessage, EngineMessage> = {
    post: (message) => deliver(message, engine),
    receive: () => undefined,
  };
  const engine: Port<EngineMessage, ClientMessage> = {
    post: (message) => deliver(message, client),
    receive: () => undefined,
  };
  return [client, engine];
}
