/* The C interface of the core as far as tokenizers go: contexts, tokenizers and
 * jobs. A build of its own exports this and nothing else; reprise.h is the whole.
 *
 * A context holds everything; one thread at a time may use it. Objects are handles, integers
 * from 1. Every int32_t function returns a value >= 0, or -code with the codes of
 * schema/errors.json. What a call gives beside that value lies in reprise_result until the next
 * call: on an error {"code", "message", "fields"}, otherwise what stands beside the function. Text
 * is UTF-8, never terminated by zero. Ids are int32, values are f32 where nothing else is said, all
 * little-endian; JSON is RFC 8259. Byte counts that may pass 2^31 are doubles (exact up to 2^53).
 *
 * Long work is a job: the host calls reprise_job_step until it answers REPRISE_DONE or an error,
 * and may do other things between two steps. */
#ifndef REPRISE_CAPI_REPRISE_TOKENIZER_H_
#define REPRISE_CAPI_REPRISE_TOKENIZER_H_

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

/* Writes the UTF-8 of so many units of UTF-16 to `utf8`, where three bytes a unit have room, and
 * gives its bytes. Lone surrogates become U+FFFD. The units may stand at the end of that room, or
 * one byte behind it. */
size_t reprise_utf8_of_utf16(const uint16_t* units, size_t count, char* utf8);

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
/* A job's handle, which keeps its tokenizer alive. texts and sizes as in reprise_encode_batch.
 * Result: the TokenizerMetrics of docs/api-plan.d.ts; {} before the end. Events: {"type":
 * "tokenize", "done", "total"} in texts. */
int32_t reprise_tokenizer_metrics(reprise_context* context, int32_t tokenizer, const char* texts,
                                  size_t texts_size, const uint32_t* sizes, size_t count);

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

#ifdef __cplusplus
}
#endif

#endif /* REPRISE_CAPI_REPRISE_TOKENIZER_H_ */
