// Whether a WebGPU device is to be had, or the reason why not. The player itself is loaded when a
// model first uses it.
import { isNode } from '../platform.js';
import { coreLimits } from '../webgpu/limits.js';
import type { DeviceProbe } from './device-player.js';

/** Limits that are told in capabilities(). */
const toldLimits = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Looks for a WebGPU adapter of the given GPU object, or of the platform's. Whatever goes wrong
 * there is a reason why there is none: nobody else needs a device. */
export async function probeWebGpu(given: unknown): Promise<DeviceProbe> {
  try {
    const gpu = (given as GPU | undefined) ?? globalThis.navigator?.gpu ?? (await nodeGpu());
    if (typeof gpu === 'string') return unavailable(gpu);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    return adapter === null
      ? unavailable('WebGPU is there, but it offers no adapter') : available(gpu, adapter);
  } catch (thrown) {
    return unavailable(`asking for an adapter failed: ${String(thrown)}`);
  }
}

function available(gpu: GPU, adapter: GPUAdapter): DeviceProbe {
  // Not every browser with WebGPU has `info`.
  const info: Partial<GPUAdapterInfo> = adapter.info ?? {};
  const words = [info.vendor, info.architecture, info.description];
  return {
    capabilities: {
      available: true,
      adapter: words.filter(Boolean).join(' ') || 'an adapter that does not say what it is',
      features: [...adapter.features].sort(),
      limits: Object.fromEntries(toldLimits.map((name) => [name, adapter.limits[name]])),
    },
    isSoftware: info.isFallbackAdapter === true,
    limits: coreLimits(adapter.limits),
    open: async (core) => {
      const { openDevice } = await import('../webgpu/open.js');
      return openDevice(gpu, core);
    },
  };
}

function unavailable(reason: string): DeviceProbe {
  return { capabilities: { available: false, reason } };
}

/** The GPU object of the optional package `webgpu`, or why there is none. */
async function nodeGpu(): Promise<GPU | string> {
  if (!isNode()) {
    return globalThis.isSecureContext === false
      ? 'browsers offer WebGPU only to secure pages (https or localhost)'
      : 'this browser has no WebGPU';
  }
  try {
    const name = 'webgpu';
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      create(options: readonly string[]): GPU;
    };
    return create([]);
  } catch (thrown) {
    const code = (thrown as { code?: string }).code;
    return code === 'ERR_MODULE_NOT_FOUND'
      ? 'the optional package "webgpu" is not installed'
      : `the package "webgpu" does not load: ${String(thrown)}`;
  }
}
