// Whether a WebGPU device is to be had, or the reason why not.
import type { DeviceProbe } from './device-player.js';

/** Looks for a WebGPU adapter. */
export async function probeWebGpu(_gpu: unknown): Promise<DeviceProbe> {
  return {
    capabilities: {
      available: false,
      reason: 'this version of Reprise has no WebGPU backend',
    },
  };
}
