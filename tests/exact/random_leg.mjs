// Random numbers through the WebAssembly module itself, as docs/wasm-host.md has it, since the package
// has no call for them; in Node and in browsers alike.

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
  const values = options.map((one) => {
    const count = module._reprise_random(context, ...place(JSON.stringify(one)));
    const size = module._reprise_result_size(context);
    const bytes = heap().slice(module._reprise_result(context), module._reprise_result(context) + size);
    if (count < 0) throw new Error(new TextDecoder().decode(bytes));
    return Array.from(new Float64Array(bytes.buffer));
  });
  module._reprise_close(context);
  return values;
}
