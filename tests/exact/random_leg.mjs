// Random numbers through the WebAssembly module itself, as docs/wasm-host.md has it, since the package
// has no call for them; in Node and in browsers alike.

// REPRISE_DONE of reprise_job_step.
const isDone = 3;

/** The values of each of these options. `dist` is where the package's files are. */
export async function drawAll(dist, options) {
  const { default: createReprise } = await import(`${dist}/wasm/reprise.mjs`);
  const module = await createReprise();
  const heap = () => new Uint8Array(module.wasmMemory.buffer);
  /** The place and size of a text in linear memory, ended by zero besides. */
  const place = (text) => {
    const bytes = new TextEncoder().encode(text);
    const pointer = module._malloc(bytes.length + 1);
    heap().set([...bytes, 0], pointer);
    return [pointer, bytes.length];
  };
  const context = module._reprise_open(1, place('')[0], 0);
  if (context === 0) throw new Error('the core did not open');
  /** The result of a call, which gave a number below 0 for an error. */
  const result = (given) => {
    const begin = module._reprise_result(context);
    const bytes = heap().slice(begin, begin + module._reprise_result_size(context));
    if (given < 0) throw new Error(new TextDecoder().decode(bytes));
    return bytes.buffer;
  };
  const permutation = ({ seed, stream, sequence, count }) => {
    const options = JSON.stringify({ seed, stream, sequence, count });
    const job = module._reprise_permutation(context, ...place(options));
    result(job);
    while (module._reprise_job_step(context, job, 1) !== isDone);
    const order = result(module._reprise_job_values(context, job));
    module._reprise_release(context, job);
    return Array.from(new Uint32Array(order));
  };
  const values = options.map((one) => (one.distribution === 'permutation' ? permutation(one)
    : Array.from(new Float64Array(result(module._reprise_random(context, ...place(JSON.stringify(one))))))));
  module._reprise_close(context);
  return values;
}
