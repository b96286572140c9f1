// Picks the WebAssembly build, says why, and loads it.
import { repriseError, type RepriseError } from '../errors.js';
import { isNode, nodeModule } from '../platform.js';
import type { Capabilities } from '../types/runtime.js';
import type { CoreModule, CoreModuleOptions } from './core-module.js';

/** The files of one engine's builds. Their addresses stand where bundlers look for them. */
export interface BuildFiles {
  /** Address of the .wasm file. */
  wasmUrl(picked: Choice['picked']): string;
  /** What makes its module: Emscripten's code beside it. */
  glue(picked: Choice['picked']): Promise<{
    default(options: CoreModuleOptions): Promise<CoreModule>;
  }>;
}

/** As many threads as are taken without being asked for more. */
const mostDefaultThreads = 8;

/** What the choice depends on. */
export interface Machine {
  readonly hardwareThreads: number;
  /** Why threads that share linear memory are not to be had here; undefined where they are. */
  readonly noThreads: string | undefined;
}

/** The build taken, with how many threads, and why. */
export interface Choice {
  readonly picked: Capabilities['build']['picked'];
  readonly threads: number;
  readonly reason: string;
}

/** A loaded module and what it was chosen by. */
export interface LoadedModule extends Choice {
  readonly module: CoreModule;
  /** What the module writes to standard error. */
  readonly lines: readonly string[];
}

/** Looks at this machine. `worker` says whether this code runs in a worker. */
export async function lookAtMachine(worker: boolean): Promise<Machine> {
  if (isNode()) {
    const { availableParallelism, cpus } = await nodeModule('os');
    const hardwareThreads = availableParallelism?.() ?? cpus().length;
    const inherited = process.execArgv.find((argument) => argument.startsWith('--input-type'));
    return {
      hardwareThreads,
      noThreads: inherited === undefined
        ? undefined : `Node was started with ${inherited}, which its threads would inherit`,
    };
  }
  const hardwareThreads = globalThis.navigator?.hardwareConcurrency ?? 1;
  if (typeof SharedArrayBuffer === 'undefined' || !globalThis.crossOriginIsolated) {
    return { hardwareThreads, noThreads: 'the page is not cross-origin isolated' };
  }
  // A page's own thread may not wait for others.
  const noThreads = worker ? undefined : 'the core runs on the page\'s own thread';
  return { hardwareThreads, noThreads };
}

/** Picks a build. Errors: `device_unavailable` where more threads are asked for than can be. */
export function pickBuild(machine: Machine, threads: number | undefined): Choice {
  const { hardwareThreads, noThreads } = machine;
  if (noThreads !== undefined) {
    if (threads !== undefined && threads > 1) {
      throw repriseError('device_unavailable', `${threads} threads were asked for, but ` +
        `${noThreads}.`, { argument: 'threads', found: threads });
    }
    return { picked: 'wasm', threads: 1, reason: noThreads };
  }
  if (threads === 1) return { picked: 'wasm', threads, reason: 'one thread was asked for' };
  if (threads !== undefined) {
    return { picked: 'wasm-threads', threads, reason: `${threads} threads were asked for` };
  }
  if (hardwareThreads < 2) {
    return { picked: 'wasm', threads: 1, reason: 'the machine has one thread' };
  }
  const taken = Math.min(hardwareThreads, mostDefaultThreads);
  return {
    picked: 'wasm-threads', threads: taken,
    reason: `memory can be shared and the machine has ${hardwareThreads} threads`,
  };
}

/** A module with one function of SIMD128 instructions, as WebAssembly.validate wants it. */
const simdProbe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11);

/** Whether this engine has WebAssembly's 128-bit SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(simdProbe);
}

/** Loads the build. Errors: `unsupported` without SIMD; `not_found`, `network` or
 * `invalid_argument` where the .wasm file cannot be had or is another. */
export async function loadModule(
  files: BuildFiles, machine: Machine, threads: number | undefined, wasmUrl: string | undefined,
): Promise<LoadedModule> {
  if (!hasSimd()) {
    throw repriseError('unsupported', 'This JavaScript engine has no WebAssembly SIMD, which ' +
      'Reprise needs.');
  }
  let choice = pickBuild(machine, threads);
  const compiled = await compile(wasmUrl ?? files.wasmUrl(choice.picked));
  if (wasmUrl !== undefined) choice = agree(choice, threads, compiled, wasmUrl);
  const lines: string[] = [];
  const module = await instantiate(files, choice, compiled, lines);
  return { ...choice, module, lines };
}

/** Follows what the given file is: a threaded build imports its memory. */
function agree(
  choice: Choice, threads: number | undefined, compiled: WebAssembly.Module, wasmUrl: string,
): Choice {
  const imports = WebAssembly.Module.imports(compiled);
  const picked = imports.some((i) => i.kind === 'memory') ? 'wasm-threads' : 'wasm';
  if (picked === choice.picked) return choice;
  if (picked === 'wasm' && threads === undefined) {
    return { picked, threads: 1, reason: 'wasmUrl names the build without threads' };
  }
  throw repriseError('invalid_argument', `wasmUrl names the build ` +
    `${picked === 'wasm' ? 'without' : 'with'} threads, but the other one is needed: ` +
    `${choice.reason}.`, { argument: 'wasmUrl', file: wasmUrl });
}

/** Compiles the file at an address. */
async function compile(url: string): Promise<WebAssembly.Module> {
  let bytes: Uint8Array<ArrayBuffer>;
  if (url.startsWith('file:')) {
    const { readFile } = await nodeModule('fs/promises');
    try {
      bytes = new Uint8Array(await readFile(new URL(url)));
    } catch (thrown) {
      throw repriseError('not_found', `The WebAssembly file ${url} cannot be read: ` +
        `${String(thrown)}`, { file: url });
    }
  } else {
    bytes = await download(url);
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (thrown) {
    throw notOurs(url, thrown);
  }
}

async function download(url: string): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (thrown) {
    throw repriseError('network', `The WebAssembly file ${url} could not be fetched: ` +
      `${String(thrown)}`, { file: url });
  }
  if (!response.ok) {
    throw repriseError(response.status === 404 ? 'not_found' : 'network', 'The server answered ' +
      `${response.status} for the WebAssembly file ${url}.`,
    { file: url, status: response.status });
  }
  return new Uint8Array(await response.arrayBuffer());
}

function notOurs(url: string, thrown: unknown): RepriseError {
  return repriseError('invalid_argument', `${url} is not this version's WebAssembly file: ` +
    `${String(thrown)}`, { argument: 'wasmUrl', file: url });
}

/** Instantiates the build's Emscripten module with the compiled file. */
async function instantiate(
  files: BuildFiles, choice: Choice, compiled: WebAssembly.Module, lines: string[],
): Promise<CoreModule> {
  const { default: create } = await files.glue(choice.picked);
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > 20) lines.shift();
  };
  return new Promise((resolve, reject) => {
    const options: CoreModuleOptions = {
      instantiateWasm: (imports, receive) => {
        WebAssembly.instantiate(compiled, imports)
          .then((instance) => receive(instance, compiled))
          .catch((thrown: unknown) => reject(notOurs('The given file', thrown)));
        return {};
      },
      print: keep,
      printErr: keep,
      threads: choice.threads,
    };
    create(options).then(resolve, reject);
  });
}
