// Compiled kernels and the layouts of what they bind, made when they are first needed.
import { dispatch, recordWords } from './commands.js';
import { shaderStageCompute } from './flags.js';
import { kernels } from './kernels.js';

/** Bytes of a dispatch's parameters. */
export const paramsBytes = (dispatch.bindings - dispatch.params) * 4;

/** Kernel and constants of a dispatch record. */
function keyOf(record: Uint32Array): string {
  const { constants } = kernels[record[dispatch.kernel]!]!;
  const values = record.subarray(dispatch.constants, dispatch.constants + constants.length);
  return `${record[dispatch.kernel]}:${values.join()}`;
}

function dispatchesOf(words: Uint32Array): Uint32Array[] {
  const found: Uint32Array[] = [];
  for (let at = 0; at < words.length; at += recordWords) {
    if (words[at] === dispatch.kind) found.push(words.subarray(at, at + recordWords));
  }
  return found;
}

/** The pipelines of one device, by kernel and values of its override constants. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, GPUComputePipeline>();
  readonly #layouts: (GPUBindGroupLayout | undefined)[] = [];
  readonly #modules: (GPUShaderModule | undefined)[] = [];
  /** Of group 1: the parameters, at an offset that each dispatch gives. */
  readonly paramsLayout: GPUBindGroupLayout;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.paramsLayout = device.createBindGroupLayout({
      entries: [{
        binding: 0,
        visibility: shaderStageCompute,
        buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: paramsBytes },
      }],
    });
  }

  /** The layout of group 0 of a kernel. */
  layout(number: number): GPUBindGroupLayout {
    const kernel = kernels[number]!;
    return (this.#layouts[number] ??= this.#device.createBindGroupLayout({
      label: kernel.name,
      entries: kernel.writable.map((writable, binding) => ({
        binding,
        visibility: shaderStageCompute,
        buffer: { type: writable ? 'storage' : 'read-only-storage' },
      })),
    }));
  }

  /** The pipeline of a dispatch record that was prepared. */
  get(record: Uint32Array): GPUComputePipeline {
    return this.#pipelines.get(keyOf(record))!;
  }

  /** Whether every dispatch of a list can run at once. */
  has(words: Uint32Array): boolean {
    return dispatchesOf(words).every((record) => this.#pipelines.has(keyOf(record)));
  }

  /** Compiles what a list needs, beside the event loop. Errors: the device's. */
  async prepare(words: Uint32Array): Promise<void> {
    const missing = new Map(dispatchesOf(words).map((record) => [keyOf(record), record]));
    await Promise.all(Array.from(missing, async ([key, record]) => {
      if (!this.#pipelines.has(key)) this.#pipelines.set(key, await this.#compile(record));
    }));
  }

  #compile(record: Uint32Array): Promise<GPUComputePipeline> {
    const number = record[dispatch.kernel]!;
    const { name, constants } = kernels[number]!;
    return this.#device.createComputePipelineAsync({
      label: name,
      layout: this.#device.createPipelineLayout({
        bindGroupLayouts: [this.layout(number), this.paramsLayout],
      }),
      compute: {
        module: this.#module(number),
        entryPoint: 'main',
        constants: Object.fromEntries(
          constants.map((constant, i) => [constant, record[dispatch.constants + i]!])),
      },
    });
  }

  #module(number: number): GPUShaderModule {
    const { name, code } = kernels[number]!;
    return (this.#modules[number] ??= this.#device.createShaderModule({ label: name, code }));
  }
}
