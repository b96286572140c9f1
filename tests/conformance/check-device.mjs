// Checks one WebGPU device from Node, without a test runner: for machines with a real GPU that have
// nothing but Node, the package `webgpu`, packages/reprise/dist and build/wasm.
//
//   node tests/conformance/check-device.mjs [FOLDER…]
//
// VK_DRIVER_FILES names the Vulkan driver; without it Chromium's SwiftShader is taken. Runs the op
// table twice, then each model folder (by default the story model): the CPU's greedy tokens, logits
// within 1e-4 of the CPU's, the same bits again. Exit code 1 where anything differs.
import { fileURLToPath } from 'node:url';
import { configure, liveCounts, loadModel, capabilities, shutdown }
  from '../../packages/reprise/dist/index.js';
import { Player } from '../../packages/reprise/dist/webgpu/player.js';
import { testDevice, testGpu } from '../support/webgpu.mjs';
import { OpTable } from './op-table.mjs';

const stories = fileURLToPath(new URL('../../fixtures/models/stories-260k', import.meta.url));
const folders = process.argv.length > 2 ? process.argv.slice(2) : [stories];
const tolerance = 1e-4;
const prompt = [1, 403, 407, 261, 378];
let wrong = 0;

function expect(holds, words) {
  if (holds) return;
  wrong++;
  console.log(`WRONG: ${words}`);
}

async function checkOps() {
  const table = await OpTable.create(Player, await testDevice());
  for (const bytes of [0, 2048]) {
    const count = table.open(bytes);
    const worst = {};
    for (let i = 0; i < count; i++) {
      const { name, op, error, tolerance: most, hash } = await table.run(i);
      expect(error !== null && error <= most, `${name}: error ${error}, at most ${most}`);
      expect((await table.run(i)).hash === hash, `${name}: another result the second time`);
      worst[op] = Math.max(worst[op] ?? 0, error ?? Infinity);
    }
    expect(count > 0 && (await table.bufferCount()) === 0, 'buffers are left');
    console.log(`${count} cases${bytes ? ` in buffers of ${bytes} bytes` : ''}, worst errors:`,
      Object.entries(worst).map(([op, error]) => `${op} ${error.toExponential(1)}`).join(', '));
  }
  table.close();
}

async function checkModel(folder) {
  const [cpu, device] = [
    await loadModel(folder, { backend: 'cpu' }), await loadModel(folder, { backend: 'webgpu' })];
  const ids = prompt.map((id) => id % cpu.config.vocab_size);
  const maxTokens = Math.min(200, cpu.contextLength - ids.length);
  const options = { temperature: 0, maxTokens, stopIds: [] };
  const expected = await cpu.generate(ids, options);
  const found = await device.generate(ids, options);
  expect(found.tokens.join() === expected.tokens.join(), `${folder}: other greedy tokens`);
  const all = [...ids, ...expected.tokens];
  const [wanted, logits, again] = [
    (await cpu.forward(all)).logits, (await device.forward(all)).logits,
    (await device.forward(all)).logits];
  let largest = 0;
  let difference = 0;
  wanted.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - logits[i]));
  });
  const error = difference / largest;
  expect(error <= tolerance, `${folder}: logits differ by ${error}`);
  expect(again.every((value, i) => value === logits[i]), `${folder}: other logits the second time`);
  console.log(`${folder}: ${maxTokens} equal tokens, logits within ${error.toExponential(1)}; ` +
    `webgpu ${found.timings.tokensPerSecond.toFixed(0)} tokens/s, ` +
    `cpu ${expected.timings.tokensPerSecond.toFixed(0)} tokens/s`);
  cpu.dispose();
  device.dispose();
}

await configure({ threads: 1, log: false, gpu: testGpu });
const { webgpu } = await capabilities();
console.log(webgpu.available ? webgpu.adapter : `no WebGPU: ${webgpu.reason}`);
await checkOps();
for (const folder of folders) await checkModel(folder);
const { handles, gpuBuffers } = await liveCounts();
expect(handles === 0 && gpuBuffers === 0, `${handles} handles, ${gpuBuffers} buffers are left`);
await shutdown();
console.log(wrong === 0 ? 'All of it holds.' : `${wrong} things are wrong.`);
process.exitCode = wrong === 0 ? 0 : 1;
