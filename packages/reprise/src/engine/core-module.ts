// The shape of the Emscripten modules in wasm/ and wasm-threads/, whose exports are
// core/capi/reprise.h. Those of tokenizers have the functions of reprise_tokenizer.h only, and an
// engine of tokenizers calls no others.

/** The functions of core/capi/reprise.h, without their prefix. */
export type CoreFunction =
  | 'open' | 'open_error' | 'trap_message' | 'close' | 'result' | 'result_size' | 'info' | 'release'
  | 'tokenizer_create' | 'tokenizer_encode' | 'tokenizer_encode_with' | 'tokenizer_decode'
  | 'tokenizer_metrics' | 'tokenizer_token_to_id' | 'tokenizer_id_to_token'
  | 'tokenizer_vocabulary' | 'encode_batch' | 'decode_batch' | 'decode_stream_create'
  | 'decode_stream_push' | 'decode_stream_finish'
  | 'tokenizer_trainer_create' | 'tokenizer_trainer_add' | 'tokenizer_trainer_train'
  | 'estimate_memory' | 'model_create' | 'model_prepare' | 'model_generation_config'
  | 'model_files' | 'weights_index' | 'model_begin_file' | 'model_push' | 'model_end_file' | 'model_finish'
  | 'generate' | 'score' | 'forward' | 'generation_record' | 'replay'
  | 'dataset_format' | 'dataset_sample_create' | 'dataset_sample_schema' | 'dataset_schema_check'
  | 'dataset_reader_create' | 'dataset_push' | 'dataset_finish' | 'dataset_next_file' | 'dataset_take'
  | 'dataset_report' | 'dataset_hash' | 'dataset_name_text' | 'dataset_split' | 'dataset_split_push'
  | 'hash_json' | 'random' | 'permutation' | 'hasher_create' | 'hasher_push' | 'hasher_finish' | 'weights_hash'
  | 'manifest_write' | 'manifest_read' | 'manifest_check' | 'record_check'
  | 'run_config_check' | 'file_names_check'
  | 'checkpoint_write' | 'checkpoint_check'
  | 'job_step' | 'job_result' | 'job_values' | 'device_open' | 'device_answer'
  | 'device_buffer_failed' | 'device_failed' | 'device_take_commands' | 'device_commands'
  | 'device_payload' | 'device_payload_size';

/** An instance of the module. Every argument and result is a number. */
export type CoreModule = {
  readonly [name in `_reprise_${CoreFunction}`]: (...args: number[]) => number;
} & {
  readonly _reprise_utf8_of_utf16: (units: number, count: number, utf8: number) => number;
  readonly _malloc: (bytes: number) => number;
  readonly _free: (pointer: number) => void;
  readonly wasmMemory: WebAssembly.Memory;
  /** Emscripten's threads; only in wasm-threads. */
  readonly PThread?: { terminateAllThreads(): void };
};

/** What the module is made with. */
export interface CoreModuleOptions {
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => object;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
  /** Threads, the calling one included; only in wasm-threads. */
  readonly threads?: number;
}
