/* The only exported surface of the core: a C interface for WebAssembly hosts and C++ users.
 *
 * reprise_tokenizer.h says how all of it is called and has contexts, tokenizers and jobs; here are
 * the training of tokenizers, models, runs and devices. A model runs one job at a time (busy
 * otherwise).
 */
#ifndef REPRISE_CAPI_REPRISE_H_
#define REPRISE_CAPI_REPRISE_H_

#include <stddef.h>
#include <stdint.h>

#include "capi/reprise_tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Training a tokenizer. options: {"model": "bpe" | "unigram", "vocabSize", "specialTokens"?:
 * [texts], "minFrequency"?, "preTokenizer"?: "byte_level" | "metaspace" | "whitespace",
 * "normalizer"?: "nfc" | "nfd" | "nfkc" | "nfkd", "maxTokenLength"?, "unkToken"?,
 * "initialAlphabet"?: [characters], "limitAlphabet"?}, with the ranges and defaults of
 * docs/api-plan.d.ts. A handle. */
int32_t reprise_tokenizer_trainer_create(reprise_context* context, const char* options,
                                         size_t options_size);
/* Counts the words of one more text. 0. */
int32_t reprise_tokenizer_trainer_add(reprise_context* context, int32_t trainer, const char* text,
                                      size_t size);
/* A job's handle, which does not need the trainer; that one can only be released. Result: the text
 * of the tokenizer.json; before the end {}. Events: {"type": "train", "done", "total"} in steps. */
int32_t reprise_tokenizer_trainer_train(reprise_context* context, int32_t trainer);

/* config: the text of a config.json, `file` its name in errors. options: {"backend": "cpu" |
 * "reference" | "webgpu", "contextLength"?, "weights"?: "f32" | "f16" | "bf16", "limits"?}; limits
 * as in reprise_device_open, for "webgpu", which needs no device here; default: what every device
 * allows. 0; result: {"parameters", "weightsBytes", "cacheBytes", "activationsBytes", "limitBytes",
 * "reason"?}: limitBytes for the host's backends, reason where a tensor is larger than the limits.
 */
int32_t reprise_estimate_memory(reprise_context* context, const char* config, size_t config_size,
                                const char* file, size_t file_size, const char* options,
                                size_t options_size);
/* options: {"backend", "contextLength"?}. A handle; result: {"backend", "parameters",
 * "contextLength", "vocabSize", "stopIds"}. It is prepared next; then the weights follow, file by
 * file. Errors: out_of_memory where it cannot fit. */
int32_t reprise_model_create(reprise_context* context, const char* config, size_t config_size,
                             const char* file, size_t file_size, const char* options,
                             size_t options_size);
/* Takes the default stop ids from the text of a generation_config.json. 0; result: {"stopIds"}. */
int32_t reprise_model_generation_config(reprise_context* context, int32_t model, const char* json,
                                        size_t json_size, const char* file, size_t file_size);
/* The names of the files of a model's folder. 0; result: {"besideWeights": [names], "weights":
 * [{"name", "isIndex"}]}: of weights the first that is there is the model's. */
int32_t reprise_model_files(reprise_context* context);
/* json: the text of a model.safetensors.index.json. 0; result: {"files": [names, each once],
 * "tensorBytes"?: of all tensors}. */
int32_t reprise_weights_index(reprise_context* context, const char* json, size_t json_size,
                              const char* file, size_t file_size);
/* Makes what the model needs besides its weights: works for about `work_units` units, as
 * reprise_job_step does. 1 where there is more to do, so that it is to be called again, 0 once
 * nothing is left. After an error the model can only be released. */
int32_t reprise_model_prepare(reprise_context* context, int32_t model, int32_t work_units);
/* One safetensors file: begin, push in pieces of any size, end. After an error the model can only
 * be released. */
int32_t reprise_model_begin_file(reprise_context* context, int32_t model, const char* file,
                                 size_t file_size, double bytes);
int32_t reprise_model_push(reprise_context* context, int32_t model, const uint8_t* bytes,
                           size_t size);
int32_t reprise_model_end_file(reprise_context* context, int32_t model);
/* After the last file. From here on the model may run jobs. */
int32_t reprise_model_finish(reprise_context* context, int32_t model);

/* A job's handle. tokenizer: 0 for none, then the text is empty and stop texts are refused.
 * options:
 * {"seed", "temperature"?, "topK"?, "topP"?, "minP"?, "repetitionPenalty"?, "frequencyPenalty"?,
 * "presencePenalty"?, "logitBias"?: {"id": bias}, "maxTokens"?, "stop"?: [texts], "stopIds"?:
 * [ids], "logprobs"?: n, "record"?: false}, with the ranges and defaults of docs/api-plan.d.ts.
 * Events: {"type": "prefill", "done", "total"}, {"type": "token", "id", "text", "logprob"?: {"id",
 * "logprob", "top":
 * [{"id", "logprob"}]}}. Result: {"text", "tokens", "finishReason", "logprobs"?}; before the
 * end finishReason is "aborted", and the text has also what the events still hold back. */
int32_t reprise_generate(reprise_context* context, int32_t model, int32_t tokenizer,
                         const int32_t* ids, size_t count, const char* options,
                         size_t options_size);
/* A job's handle. Values: the logprob of ids[i + 1], [count - 1]. Result: {"loss"}. Events:
 * {"type": "score", "done", "total"} in tokens. */
int32_t reprise_score(reprise_context* context, int32_t model, const int32_t* ids, size_t count);
/* A job's handle. Values: raw logits, [count or 1, vocabulary]. Result: {"shape"}. Events: {"type":
 * "forward", "done", "total"} in tokens. */
int32_t reprise_forward(reprise_context* context, int32_t model, const int32_t* ids, size_t count,
                        int32_t last_only);

/* Runs and what they are recorded with. Hashes are SHA-256 as 64 lower-case hexadecimal digits;
 * chunks are pieces of 8 MiB. */

/* json: any JSON text, `file` its name in errors. 0; result: the hash of its RFC 8785 form. */
int32_t reprise_hash_json(reprise_context* context, const char* json, size_t json_size,
                          const char* file, size_t file_size);
/* A file's hashes as its bytes stream by. parts: 0 for both, 1 for the whole file's, 2 for its
 * chunks' (and the whole's where it is one chunk). A handle. */
int32_t reprise_hasher_create(reprise_context* context, int32_t parts);
int32_t reprise_hasher_push(reprise_context* context, int32_t hasher, const uint8_t* bytes,
                            size_t size);
/* 0; result: {"bytes", "sha256"?, "chunks": [hashes]}. Only reprise_release may follow. */
int32_t reprise_hasher_finish(reprise_context* context, int32_t hasher);
/* files: the hashes of the weights' files, a folder's in the order of their names, others as they
 * were given. 0; result: the hash that a record has for all of them. */
int32_t reprise_weights_hash(reprise_context* context, const char* files, size_t files_size);
/* files: [{"name", "bytes", "sha256", "chunks"}]. 0; result: the text of a manifest.json
 * (schema/manifest.schema.json). */
int32_t reprise_manifest_write(reprise_context* context, const char* files, size_t files_size);
/* json: the text of a manifest.json, `file` its name in errors. A handle; result: {"runtime",
 * "numericsVersion", "files": [{"name", "role", "bytes", "sha256", "chunks"}]}. */
int32_t reprise_manifest_read(reprise_context* context, const char* json, size_t json_size,
                              const char* file, size_t file_size);
/* Holds a file's hashes, {"bytes", "sha256"?, "chunks"}, against the manifest's; sha256 is needed
 * only of an empty file. 0. Errors: hash_mismatch with file, byte, expected and found. */
int32_t reprise_manifest_check(reprise_context* context, int32_t manifest, const char* name,
                               size_t name_size, const char* hashes, size_t hashes_size);
/* parts: {"sequence", "state", "files": [{"name", "bytes", "sha256", "chunks"}]}. 0; result: the
 * text of a checkpoint's HEAD (schema/checkpoint.schema.json). */
int32_t reprise_checkpoint_write(reprise_context* context, const char* parts, size_t parts_size);
/* Checks the text of a HEAD, `file` its name in errors. 0; result: its own hash. Errors:
 * invalid_json and hash_mismatch where it is torn or damaged; invalid_config, unsupported. */
int32_t reprise_checkpoint_check(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size);
/* names: [texts]. 0. Errors: invalid_config, with the path, where one is not the name of a file
 * without a path. */
int32_t reprise_file_names_check(reprise_context* context, const char* names, size_t names_size);
/* Facts are what only the host knows of a run: {"folder"?: the path or address of the model's, of
 * which a record has the last part, or null,
 * "weights"?: a hash or null, "verification": "verified" | "partly_verified" | "unverified" |
 * "not_checked", "notVerified"?: where it is partly, ["weights" | "tokenizer"], "capabilities"?:
 * any object, "timings"?: {name: number}, "allowOtherInputs"?: false}.
 *
 * The record (schema/record.schema.json) of a generation whose options had "record": true, as far
 * as it is. 0; result: the record. */
int32_t reprise_generation_record(reprise_context* context, int32_t job, const char* facts,
                                  size_t facts_size);
/* Checks the text of a record, `file` its name in errors. 0; result: the run id of its contents. */
int32_t reprise_record_check(reprise_context* context, const char* json, size_t json_size,
                             const char* file, size_t file_size);
/* Checks the text of a run config (schema/run_config.schema.json), `file` its name in errors. 0;
 * result: its hash, of its RFC 8785 form as it stands. Errors: unsupported for training and later
 * versions. */
int32_t reprise_run_config_check(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size);
/* Runs the record's generation again; the model has the recorded context length. A job's handle.
 * Events: {"type": "replay", "done", "total"} in tokens. Result: the ReplayResult of
 * docs/api-plan.d.ts, its record without timings; {} before the end. Errors: hash_mismatch, with
 * argument, expected and found, where an input is another than the recorded one and facts do not
 * allow that. */
int32_t reprise_replay(reprise_context* context, int32_t model, int32_t tokenizer,
                       const char* record, size_t record_size, const char* file, size_t file_size,
                       const char* facts, size_t facts_size);

/* Datasets: files of rows to columns. What a call with options "format" takes: {"file": its name in
 * errors, "format": "csv" | "tsv" | "json" | "jsonl" | "text", "delimiter"? and "quote"? of csv and
 * tsv: one ASCII character, of quote also "" for none, by default the schema's delimiter or , and "
 * or a tab and none, and of a sample of csv the delimiter that its rows seem to have;
 * "header"?, "textRows"?: "line" | "blank_line" | "whole", "rowsPath"?: [names] of json,
 * "sayBytes"?: true; false of a text that was made on the way, whose errors and problems then have
 * no byte}. */

/* The format of files. options: "files"?: [their names], "compression"?:
 * "none" | "gzip" | "zstd", "schemaDelimiter"?: the schema's, and those above without "file" and
 * "sayBytes", also "format" only where it is given.
 * 0; result: {"format"}, as given or as the names tell, also "parquet", which no other call takes.
 * Errors: invalid_argument where nothing tells it, the files are of several, or it has not these
 * options. */
int32_t reprise_dataset_format(reprise_context* context, const char* options, size_t options_size);
/* Begins to look at a file's first rows. options: besides those, "sampleRows"?: 20000,
 * "onError"?: "error" | "skip" | "collect": of the last two, bad rows are left out. A handle, which
 * takes the bytes as reprise_dataset_push says. */
int32_t reprise_dataset_sample_create(reprise_context* context, const char* options,
                                      size_t options_size);
/* What the rows so far seem to be. 0; result: {"schema", "header", "rows"}, by
 * core/dataset/schema_inference.h. Errors: invalid_data. */
int32_t reprise_dataset_sample_schema(reprise_context* context, int32_t sample);
/* Checks the text of a schema, `file` its name in errors. 0; result: the schema as it is written
 * (docs/datasets.md). Errors: invalid_json, invalid_config with the path, unsupported. */
int32_t reprise_dataset_schema_check(reprise_context* context, const char* json, size_t json_size,
                                     const char* file, size_t file_size);
/* Names the text of a schema that was inferred, and then changed, as inference names it. 0; result:
 * the schema as it is written. Errors: those of reprise_dataset_schema_check. */
int32_t reprise_dataset_name_text(reprise_context* context, const char* schema, size_t schema_size);
/* Begins to read a file. options: besides those above, "columns"?: [names of fields to keep],
 * "onError"?: "error" | "skip" | "collect", "maxErrors"?: 1000, "digests"?: false, "digestFields"?:
 * [names], "stats"?: false. A handle. */
int32_t reprise_dataset_reader_create(reprise_context* context, const char* schema,
                                      size_t schema_size, const char* options, size_t options_size);
/* The next bytes of a reader's or a sample's file. Of a reader the number of rows that can be
 * taken, of a sample 1 where it has enough rows, else 0. Errors: invalid_data with file, row,
 * column, byte, expected and found; rows before it can still be taken. */
int32_t reprise_dataset_push(reprise_context* context, int32_t object, const uint8_t* bytes,
                             size_t size);
/* The same at the end of the file, of a reader of the last one. */
int32_t reprise_dataset_finish(reprise_context* context, int32_t object);
/* The same at the end of a reader's file that others come behind: `file` is the name of the next
 * one. Rows, problems and statistics of all are counted together. */
int32_t reprise_dataset_next_file(reprise_context* context, int32_t reader, const char* file,
                                  size_t file_size);
/* Takes the rows that have come. Their number; result, in 64-bit integers: the rows, the columns
 * and the lists of digests; then of each part where it begins in memory and its bytes. Parts are,
 * for each column, its validity (no bytes where every value is there, else a bit a row, the lowest
 * first), its list offsets (of lists), its offsets (of strings and bytes) and its values, offsets
 * as 64-bit integers; then, with "digests", 32 bytes for each row, and for each of digestFields the
 * same. They stay where they are until the next call with this reader. */
int32_t reprise_dataset_take(reprise_context* context, int32_t reader);
/* How a reader fares. 0; result: {"rows": all that fit, "skipped", "blankRows", "problems":
 * [{"file", "row", "column"?, "byte"?, "expected", "found"}], "fields"?: with "stats" by name, as
 * core/dataset/field_stats.h says, of the rows taken}. */
int32_t reprise_dataset_report(reprise_context* context, int32_t reader);
/* The hash of rows, from their digests of 32 bytes one after the other. 0; result: the hash. */
int32_t reprise_dataset_hash(reprise_context* context, const uint8_t* digests, size_t size);

/* Deals rows out to parts (core/dataset/split.h). options: {"names": [texts], "ratios"? or
 * "counts"?: [numbers, one a part], "seed", "method"?: "shuffle" | "content" | "huggingface",
 * "rows", "key"?: false, "stratify"?: false: whether rows have a key or a stratifying field}. A
 * job's handle. With a key, a stratifying field or the method "content" it takes digests before its
 * first step. Events: {"type": "split", "done", "total"}. Values, once it is done, and none
 * before: the number of rows of each part, and then the rows of each. Result: {}. Errors:
 * invalid_argument, also of rows that with the parts are more than 2^31 - 1, the most values that
 * reprise_job_values gives; out_of_memory. */
int32_t reprise_dataset_split(reprise_context* context, const char* options, size_t options_size);
/* The digests of the next rows, 32 bytes each: of their key or stratifying field, else of whole
 * rows. 0. Errors: invalid_argument where more come than the job lacks, which leaves it as it was;
 * out_of_memory, which ends it: every further push and step is the same error. */
int32_t reprise_dataset_split_push(reprise_context* context, int32_t job, const uint8_t* digests,
                                   size_t size);

/* Random numbers of a stream by position. options: {"seed", "stream": "init" | "shuffle" | "split"
 * | "sample" | "dropout", "sequence"?: 0, "distribution": "bits" | "uniform" | "uniform_f64" |
 * "normal" | "below" | "bernoulli", "first"?: 0, "count", "bound"?: of below, "p"?: of bernoulli};
 * as core/random/distributions.h defines them. At most 2^24 of them. Their number; result: the
 * values as f64. */
int32_t reprise_random(reprise_context* context, const char* options, size_t options_size);
/* A permutation of 0 to count - 1, at most 2^24. options: {"seed", "stream", "sequence"?: 0,
 * "count"}. A job's handle. Values: the permutation, [count]. Result: {}. It tells no events. */
int32_t reprise_permutation(reprise_context* context, const char* options, size_t options_size);

/* A device beside the core: the host has a GPU, the core records what it is to do. */

/* Lends the context a WebGPU device; models of backend "webgpu" made from now on use it. limits:
 * {"maxBufferSize", "maxStorageBufferBindingSize", "maxComputeWorkgroupsPerDimension"} of the
 * GPUDevice. 0. Errors: busy where the context has one that has not failed. */
int32_t reprise_device_open(reprise_context* context, const char* limits, size_t limits_size);
/* Takes what was recorded since the last time: the number of 32-bit words at
 * reprise_device_commands, records as schema/device_commands.json lays them out; those that write
 * copy from reprise_device_payload. Both stay until the next take; reprise_result stays as it is.
 * Every call may record something; the host plays the lists in their order. */
int32_t reprise_device_take_commands(reprise_context* context);
const uint32_t* reprise_device_commands(const reprise_context* context);
const uint8_t* reprise_device_payload(const reprise_context* context);
size_t reprise_device_payload_size(const reprise_context* context);
/* What the device answers to a ticket of a record; jobs that said REPRISE_NEEDS_READ may go on. 0.
 * Errors: invalid_argument where the ticket was never given or wants another number of bytes. */
int32_t reprise_device_answer(reprise_context* context, uint32_t ticket, const uint8_t* bytes,
                              size_t size);
/* The device had no memory for a buffer of so many bytes: its model fails with out_of_memory. 0. */
int32_t reprise_device_buffer_failed(reprise_context* context, uint32_t buffer, double bytes,
                                     const char* message, size_t message_size);
/* The device is of no use any more: its models fail with this code (such as device_lost) and
 * message; other models go on, and another device may be opened. 0. */
int32_t reprise_device_failed(reprise_context* context, int32_t code, const char* message,
                              size_t message_size);

#ifdef __cplusplus
}
#endif

#endif /* REPRISE_CAPI_REPRISE_H_ */
