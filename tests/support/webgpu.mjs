// The GPU object of tests in Node: Dawn's, on the Vulkan driver that VK_DRIVER_FILES names or else on
// Chromium's SwiftShader. A missing adapter fails the test that asks.
import { create } from 'webgpu';

process.env.VK_DRIVER_FILES ??= '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The one GPU object of this process. */
export const testGpu = create([]);

/** A device of an adapter that must be there. */
export async function testDevice() {
  const adapter = await testGpu.requestAdapter();
  if (adapter === null) {
    throw new Error(`no WebGPU adapter with VK_DRIVER_FILES=${process.env.VK_DRIVER_FILES}`);
  }
  return adapter.requestDevice();
}
