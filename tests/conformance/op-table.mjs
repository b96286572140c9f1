// Runs the table of op cases (core/backend/testing/op_cases.h) on a GPUDevice: the module built from
// device_conformance.cc encodes, the package's own player plays.

const built = new URL('../../build/wasm/reprise_device_conformance.mjs', import.meta.url);

// op-table.d.mts says what each member does.
export class OpTable {
  #module;
  #player;
  #failure;

  static async create(Player, device) {
    const { default: load } = await import(built.href);
    const table = new OpTable();
    table.#module = await load();
    table.#player = new Player(device, {
      answer: (ticket, bytes) => table.#answer(ticket, bytes),
      bufferFailed: (buffer, bytes, message) => (table.#failure = message),
      failed: (code, message) => (table.#failure = message),
    });
    return table;
  }

  open(bindingBytes) {
    return this.#module._conformance_open(bindingBytes);
  }

  async run(index) {
    const module = this.#module;
    module._conformance_start(index);
    this.#play();
    await this.#player.settled();
    if (this.#failure !== undefined) throw new Error(this.#failure);
    const result = JSON.parse(module.UTF8ToString(module._conformance_finish(index)));
    this.#play();
    return result;
  }

  async bufferCount() {
    await this.#player.settled();
    return this.#player.bufferCount;
  }

  close() {
    this.#player.close();
  }

  #play() {
    const module = this.#module;
    const words = module._conformance_take_commands();
    const { buffer } = module.wasmMemory;
    this.#player.play(
      new Uint32Array(buffer, module._conformance_commands(), words),
      new Uint8Array(buffer, module._conformance_payload(), module._conformance_payload_size()));
  }

  #answer(ticket, bytes) {
    const pointer = this.#module._malloc(bytes.length);
    new Uint8Array(this.#module.wasmMemory.buffer, pointer, bytes.length).set(bytes);
    if (this.#module._conformance_answer(ticket, pointer, bytes.length) !== 1) {
      this.#failure = `the answer to ticket ${ticket} was refused`;
    }
    this.#module._free(pointer);
  }
}
