// Makes a module of a WebAssembly file that imports nothing, in place of Emscripten's own code.
import type { CoreModule, CoreModuleOptions } from './core-module.js';

/** The module, under the names that Emscripten gives. */
export function bareModule(options: CoreModuleOptions): Promise<CoreModule> {
  return new Promise((resolve) => {
    options.instantiateWasm({}, ({ exports }) => {
      const functions = Object.entries(exports).map(([name, value]) => [`_${name}`, value]);
      const module = { ...Object.fromEntries(functions), wasmMemory: exports['memory'] };
      module.___wasm_call_ctors();
      resolve(module as CoreModule);
    });
  });
}
