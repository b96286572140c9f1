// The engine of the entry reprise/tokenizer, on a WebAssembly file without models, which without
// threads is all that there is.
import type { ClientMessage, EngineMessage, Port } from '../protocol.js';
import { bareModule } from './bare-module.js';
import type { BuildFiles } from './builds.js';
import { Engine } from './engine.js';

const files: BuildFiles = {
  wasmUrl: (picked) => (picked === 'wasm'
    ? new URL('../wasm/tokenizer.wasm', import.meta.url)
    : new URL('../wasm-threads/tokenizer.wasm', import.meta.url)).href,
  glue: async (picked) =>
    picked === 'wasm' ? { default: bareModule } : import('../wasm-threads/tokenizer.mjs'),
};

/** An engine with tokenizers only. */
export class TokenizerEngine extends Engine {
  constructor(port: Port<EngineMessage, ClientMessage>) {
    super(port, files);
  }
}
