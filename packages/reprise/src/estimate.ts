// What a model will need, beforehand.
import { configBytes } from './load.js';
import { mainRuntime } from './main-runtime.js';
import { checkOptions, isInteger, isOneOf, refuse } from './options.js';
import type { EstimateMemoryOptions, MemoryEstimate, ModelConfig } from './types/model.js';
import type { Capabilities } from './types/runtime.js';

/** Says beforehand what a model will need. Errors: `invalid_config`, `invalid_argument`. */
export async function estimateMemory(
  config: ModelConfig, options: EstimateMemoryOptions = {},
): Promise<MemoryEstimate> {
  checkOptions(options, {
    backend: isOneOf('cpu', 'webgpu'),
    contextLength: isInteger(1),
    precision: (value) => (typeof value === 'object' && value !== null ? undefined : 'an object'),
  });
  const { backend = 'cpu', contextLength, precision = {} } = options;
  for (const [name, value] of Object.entries(precision)) {
    if (name !== 'weights') throw refuse('precision', 'an object of weights only', name);
    const expected = isOneOf('f32', 'f16', 'bf16')(value);
    if (expected !== undefined) throw refuse('precision.weights', expected, value);
  }
  const { client } = await mainRuntime.get();
  const core = await client.call('estimateMemory', {
    config: configBytes(config), file: 'config',
    options: {
      backend,
      ...(contextLength === undefined ? {} : { contextLength }),
      ...(precision.weights === undefined ? {} : { weights: precision.weights }),
    },
  });
  const { usedBytes, limitBytes } = await client.call('state', {});
  const { parameters, weightsBytes, cacheBytes, activationsBytes } = core;
  const sum = weightsBytes + cacheBytes + activationsBytes;
  const onDevice = backend === 'webgpu';
  const has = limitBytes - usedBytes;
  const reason = onDevice
    ? whyNoDevice(await client.call('webgpu', {})) ?? core.reason
    : sum > has ? `it needs ${sum} bytes, and there are ${has}` : undefined;
  return {
    parameters, weightsBytes, cacheBytes, activationsBytes,
    hostBytes: onDevice ? 0 : sum,
    deviceBytes: onDevice ? sum : 0,
    fits: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}

function whyNoDevice(webgpu: Capabilities['webgpu']): string | undefined {
  return webgpu.available ? undefined : `there is no WebGPU: ${webgpu.reason}`;
}
