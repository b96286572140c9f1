// Drives the built module as a host would, without the package: node wasm/smoke_test.mjs BUILD_FOLDER
// [THREADS], as tests/tools does for both builds. It ends with an error where anything differs from what is expected, and the process must
// end by itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(process.argv[2]);
const threads = Number(process.argv[3] ?? 1);
const { default: createReprise } = await import(pathToFileURL(`${folder}/reprise.mjs`).href);
const module = await createReprise({ threads });
const fixture = new URL('../fixtures/models/stories-260k/', import.meta.url);
const read = (name) => readFileSync(new URL(name, fixture));

const bytesAt = (pointer, size) =>
  new Uint8Array(module.wasmMemory.buffer, pointer >>> 0, size).slice();
function place(bytes) {
  const pointer = module._malloc(Math.max(1, bytes.length)) >>> 0;
  assert.notEqual(pointer, 0);
  new Uint8Array(module.wasmMemory.buffer).set(bytes, pointer);
  return pointer;
}
const context = module._reprise_open(threads, place(Buffer.from('\0')), 0);
assert.notEqual(context, 0);
const result = () =>
  bytesAt(module._reprise_result(context), module._reprise_result_size(context) >>> 0);
const json = () => JSON.parse(Buffer.from(result()).toString());
// Calls a function; strings and byte arrays become pointer and size.
function call(name, ...values) {
  const pointers = [];
  const flat = values.flatMap((value) => {
    if (typeof value === 'number') return [value];
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    pointers.push(place(bytes));
    return [pointers.at(-1), bytes.length];
  });
  const code = module[`_reprise_${name}`](context, ...flat);
  for (const pointer of pointers) module._free(pointer);
  if (code < 0) throw Object.assign(new Error(json().message), json());
  return code;
}
const idsOf = (ids) => [place(new Uint8Array(Int32Array.from(ids).buffer)), ids.length];
function run(job) {
  const events = [];
  for (;;) {
    const state = call('job_step', job, 1000);
    if (state === 3) return events;
    if (state === 2) events.push(json());
  }
}

call('info');
console.log(JSON.stringify(json()));
const tokenizer = call('tokenizer_create', read('tokenizer.json'), 'tokenizer.json');
call('tokenizer_encode', tokenizer, 'Once upon a time', 1);
const ids = [...new Int32Array(result().buffer)];
assert.deepEqual(ids, [1, 403, 407, 261, 378]);

const model = call(
  'model_create', read('config.json'), 'config.json',
  JSON.stringify({ backend: process.argv[4] ?? 'cpu' }),
);
call('model_generation_config', model, read('generation_config.json'), 'generation_config.json');
assert.deepEqual(json().stopIds, [2]);
while (call('model_prepare', model, 100) === 1);
const weights = read('model.safetensors');
call('model_begin_file', model, 'model.safetensors', weights.length);
for (let i = 0; i < weights.length; i += 100_000) {
  call('model_push', model, weights.subarray(i, i + 100_000));
}
call('model_end_file', model);
call('model_finish', model);

const options = JSON.stringify({ seed: 42, temperature: 0, maxTokens: 20, logprobs: 2 });
const job = call('generate', model, tokenizer, ...idsOf(ids), options);
const events = run(job);
call('job_result', job);
const made = json();
assert.equal(made.text, ', there was a little girl named Lily. She loved to play outsid');
assert.equal(made.finishReason, 'max_tokens');
assert.equal(events.filter((e) => e.type === 'token').map((e) => e.text).join(''), made.text);
call('release', job);

const whole = [...ids, ...made.tokens];
const score = call('score', model, ...idsOf(whole));
run(score);
assert.equal(call('job_values', score), whole.length - 1);
const logprobs = [...new Float32Array(result().buffer)];
assert.deepEqual(logprobs.slice(ids.length - 1), made.logprobs.map((l) => l.logprob));
call('release', score);

const forward = call('forward', model, ...idsOf(whole), 0);
run(forward);
assert.equal(call('job_values', forward), whole.length * 512);
call('release', forward);

call('release', model);
call('release', tokenizer);
call('info');
assert.equal(json().handles, 0);
assert.equal(json().storages, 0);
assert.equal(json().memory.usedBytes, 0);
module._reprise_close(context);
console.log(made.text);
