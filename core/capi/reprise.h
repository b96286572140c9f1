/* The only exported surface of the core: a C interface for WebAssembly hosts and C++ users.
 *
 * A context holds everything; one thread at a time may use it. Objects are handles, integers
 * from 1. Every int32_t function returns a value >= 0, or -code with the codes of
 * schema/errors.json. What a call gives beside that value lies in reprise_result until the next
 * call: on an error
 * {"code", "message", "fields"}, otherwise what stands beside the function. Text is UTF-8, never
 * terminated by zero. Ids are int32, values are f32 where nothing else is said, all little-endian;
 * JSON is RFC 8259. Byte counts that may pass 2^31 are doubles (exact up to 2^53).
 *
 * Long work is a job: the host calls reprise_job_step until it answers REPRISE_DONE or an error,
 * and may do other things between two steps. A model runs one job at a time (busy otherwise). */
#ifndef REPRISE_CAPI_REPRISE_H_
#define REPRISE_CAPI_REPRISE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reprise_context reprise_context;

/* threads: 1 to 64, more than 1 only in a build with threads. simd: "" for the best level of this
 * machine or a level's name, ended by zero. memory_limit: bytes for tensors, 0 for no limit but the
 * machine's. NULL where an argument is refused; reprise_open_error then has the error's JSON, ended
 * by zero. */
reprise_context* reprise_open(int32_t threads, const char* simd, double memory_limit);
const char* reprise_open_error(void);
/* After a trap, which ends the instance: where it was and what broke, ended by zero; "" where it
 * was no broken invariant. Nothing else may be called then. */
const char* reprise_trap_message(void);
/* Ends the context and every object in it. */
void reprise_close(reprise_context* context);

const uint8_t* reprise_result(const reprise_context* context);
size_t reprise_result_size(const reprise_context* context);

/* 0; result: {"version", "numericsVersion", "simd", "simdLevels", "threads", "hasThreads",
 * "memory": {"usedBytes", "limitBytes"}, "handles", "storages"}. limitBytes is null where there is
 * no limit but the machine's. */
int32_t reprise_info(reprise_context* context);
/* Ends an object; jobs before their model. Errors: disposed where there is none; busy where a job
 * still uses it. */
int32_t reprise_release(reprise_context* context, int32_t handle);

/* A handle; result: {"hash", "vocabSize", "idLimit", "specialTokens": [{"id", "content"}]}. */
int32_t reprise_tokenizer_create(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size);
/* The number of ids; result: the ids. */
int32_t reprise_tokenizer_encode(reprise_context* context, int32_t tokenizer, const char* text,
                                 size_t size, int32_t add_special_tokens);
/* The same with more than ids. options: {"addSpecialTokens"?: false, "offsets"?: false,
 * "allowSpecial"?: [contents], "truncation"?: {"maxLength", "side"?}, "padding"?: {"length"?,
 * "side"?, "padToken"?, "multipleOf"?}}, with the meaning and the ranges of docs/api-plan.d.ts; an
 * absent allowSpecial is "all", an absent length "longest". The number of tokens; result: 32-bit
 * words, those of reprise_encode_batch for one text. */
int32_t reprise_tokenizer_encode_with(reprise_context* context, int32_t tokenizer, const char* text,
                                      size_t size, const char* options, size_t options_size);
/* 0; result: the text. */
int32_t reprise_tokenizer_decode(reprise_context* context, int32_t tokenizer, const int32_t* ids,
                                 size_t count, int32_t skip_special_tokens);
/* 1 and the id, or 0 where the vocabulary has no such token. */
int32_t reprise_tokenizer_token_to_id(reprise_context* context, int32_t tokenizer,
                                      const char* token, size_t size);
/* 1 and the token's text, or 0 where the vocabulary has no such id. */
int32_t reprise_tokenizer_id_to_token(reprise_context* context, int32_t tokenizer, int32_t id);
/* The number of tokens, added ones included; result: their ids, int32 [tokens], the lengths of
 * their texts in UTF-16 units, uint32 [tokens], and the texts one behind the other. */
int32_t reprise_tokenizer_vocabulary(reprise_context* context, int32_t tokenizer);
/* A handle of a stream that keeps its tokenizer alive. */
int32_t reprise_decode_stream_create(reprise_context* context, int32_t tokenizer,
                                     int32_t skip_special_tokens);
/* 0; result: the text that this id completes. */
int32_t reprise_decode_stream_push(reprise_context* context, int32_t stream, int32_t id);
/* 0; result: what was held back. Only reprise_release may follow. */
int32_t reprise_decode_stream_finish(reprise_context* context, int32_t stream);

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
 * [ids], "logprobs"?: n}, with the ranges and defaults of docs/api-plan.d.ts. Events: {"type":
 * "prefill", "done", "total"}, {"type": "token", "id", "text", "logprob"?: {"id", "logprob", "top":
 * [{"id", "logprob"}]}}. Result: {"text", "tokens", "finishReason", "logprobs"?}; before the
 * end finishReason is "aborted". */
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

/* A job's handle, which keeps its tokenizer alive. The texts stand one behind the other in `texts`,
 * sizes[i] bytes each; options as in reprise_tokenizer_encode_with, where the longest is that of
 * the batch. Values, 32-bit words: the number of tokens of each text, [count]; of tokens that
 * truncation removed, [count]; of pad tokens, [count]; all ids; with offsets the ranges [start,
 * end) of all tokens in bytes, [tokens, 2], and in UTF-16 units, [tokens, 2]. Result: {}. Events:
 * {"type": "tokenize", "done", "total"} in texts. */
int32_t reprise_encode_batch(reprise_context* context, int32_t tokenizer, const char* texts,
                             size_t texts_size, const uint32_t* sizes, size_t count,
                             const char* options, size_t options_size);
/* A job's handle, which keeps its tokenizer alive. The lists stand one behind the other in `ids`,
 * counts[i] ids each. Values: the bytes of each text, [count]. Result: the texts, one behind the
 * other. Events: {"type": "decode", "done", "total"} in texts. */
int32_t reprise_decode_batch(reprise_context* context, int32_t tokenizer, const int32_t* ids,
                             size_t ids_count, const uint32_t* counts, size_t count,
                             int32_t skip_special_tokens);

enum reprise_job_state {
  REPRISE_RUNNING = 0,
  REPRISE_NEEDS_READ = 1, /* the device has to answer first */
  REPRISE_EVENT = 2,      /* result: the event */
  REPRISE_DONE = 3,
};
/* Works for about `work_units` units of 65,536 multiply-adds; >= 1. */
int32_t reprise_job_step(reprise_context* context, int32_t job, int32_t work_units);
/* 0; result: JSON where the job says nothing else, of what there is so far where it is not done. */
int32_t reprise_job_result(reprise_context* context, int32_t job);
/* The number of values of 32 bits; result: the values. */
int32_t reprise_job_values(reprise_context* context, int32_t job);

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
