// The runtime of the main entry, and the calls that the entry for tokenizers has too.
import { RuntimeHost } from './runtime.js';
import { loadTokenizer as load } from './tokenizer.js';
import type { Capabilities, LiveCounts, RuntimeOptions } from './types/runtime.js';
import type { FileSource } from './types/sources.js';
import type { LoadTokenizerOptions, Tokenizer } from './types/tokenizer.js';

export const mainRuntime = /* @__PURE__ */ new RuntimeHost({
  load: async () => (await import('./engine/main-engine.js')).MainEngine,
  startWorker: () =>
    new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'reprise' }),
  script: './worker.js',
  base: import.meta.url,
  usesGpu: true,
});

/** Starts the runtime with these options. Errors: `busy` if it runs with others already. */
export function configure(options: RuntimeOptions): Promise<void> {
  return mainRuntime.configure(options);
}

/** Says what this machine offers and what was picked; starts the runtime if need be. */
export function capabilities(): Promise<Capabilities> {
  return mainRuntime.capabilities();
}

/** Ends the runtime, its worker and its threads. Everything made with it is disposed of. */
export function shutdown(): Promise<void> {
  return mainRuntime.shutdown();
}

/** Objects alive now; both counts are 0 once everything was disposed of. */
export function liveCounts(): Promise<LiveCounts> {
  return mainRuntime.liveCounts();
}

/** Loads a `tokenizer.json`. Errors: `invalid_json`, `invalid_tokenizer`, `unsupported` (with the
 * JSON path), `not_found`, `network`, `cors`. */
export function loadTokenizer(
  source: FileSource, options?: LoadTokenizerOptions,
): Promise<Tokenizer> {
  return load(mainRuntime, source, options);
}
