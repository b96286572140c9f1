// The entry reprise/tokenizer: tokenizers without models, on a smaller WebAssembly file and a runtime
// of its own. Importing it has no side effect.
import { RuntimeHost } from './runtime.js';
import { loadTokenizer as load } from './tokenizer.js';
import type { Capabilities, LiveCounts, RuntimeOptions } from './types/runtime.js';
import type { FileSource } from './types/sources.js';
import type { LoadTokenizerOptions, Tokenizer } from './types/tokenizer.js';

export { RepriseError } from './errors.js';
export type { RepriseErrorCode } from './errors.js';
export type * from './types/long-work.js';
export type * from './types/runtime.js';
export type * from './types/sources.js';
export type * from './types/tokenizer.js';

const tokenizerRuntime = /* @__PURE__ */ new RuntimeHost({
  load: async () => (await import('./engine/tokenizer-engine.js')).TokenizerEngine,
  startWorker: () => new Worker(
    new URL('./tokenizer-worker.js', import.meta.url), { type: 'module', name: 'reprise' }),
  script: './tokenizer-worker.js',
  base: import.meta.url,
  usesGpu: false,
});

/** Starts the runtime with these options. Errors: `busy` if it runs with others already. */
export function configure(options: Omit<RuntimeOptions, 'gpu'>): Promise<void> {
  return tokenizerRuntime.configure(options);
}

/** Says what this machine offers and what was picked; starts the runtime if need be. */
export function capabilities(): Promise<Capabilities> {
  return tokenizerRuntime.capabilities();
}

/** Ends the runtime, its worker and its threads. Everything made with it is disposed of. */
export function shutdown(): Promise<void> {
  return tokenizerRuntime.shutdown();
}

/** Objects alive now; both counts are 0 once everything was disposed of. */
export function liveCounts(): Promise<LiveCounts> {
  return tokenizerRuntime.liveCounts();
}

/** Loads a `tokenizer.json`. Errors: `invalid_json`, `invalid_tokenizer`, `unsupported` (with the
 * JSON path), `not_found`, `network`, `cors`. */
export function loadTokenizer(
  source: FileSource, options?: LoadTokenizerOptions,
): Promise<Tokenizer> {
  return load(tokenizerRuntime, source, options);
}
