// Times one f32 product of 1,024 × 1,024 matrices in another library's WebAssembly on one thread:
// node matmul.mjs jax-js|tfjs ROUNDS. Prints one JSON line.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const size = 1024;
const values = (seed) => Float32Array.from({ length: size * size }, (_, i) => ((i * seed) % 17) - 8);

// Each gives a function that computes the product and resolves to its values.
const peers = {
  async 'jax-js'() {
    const { init, defaultDevice, numpy: np } = await import('@jax-js/jax');
    await init('wasm');
    defaultDevice('wasm');
    const a = np.array(values(5)).reshape([size, size]);
    const b = np.array(values(7)).reshape([size, size]);
    return () => np.matmul(a.ref, b.ref).data();
  },
  async tfjs() {
    const tf = require('@tensorflow/tfjs-core');
    require('@tensorflow/tfjs-backend-wasm').setThreadsCount(1);
    if (!(await tf.setBackend('wasm'))) throw new Error('tfjs has no wasm backend here');
    const a = tf.tensor2d(values(5), [size, size]);
    const b = tf.tensor2d(values(7), [size, size]);
    return async () => {
      const c = tf.matMul(a, b);
      const data = await c.data();
      c.dispose();
      return data;
    };
  },
};

const [name, rounds] = process.argv.slice(2);
if (!(name in peers)) throw new Error(`expected ${Object.keys(peers).join(' or ')}, found ${name}`);
const run = await peers[name]();

// Small integers: every order of the sums gives the same result.
const a = values(5);
const b = values(7);
const found = await run();
for (const [row, column] of [[0, 0], [3, 500], [1023, 1023]]) {
  let expected = 0;
  for (let k = 0; k < size; ++k) expected += a[row * size + k] * b[k * size + column];
  if (found[row * size + column] !== expected) throw new Error(`${name} gives a wrong product`);
}

const rates = [];
for (let round = 0; round < Number(rounds); ++round) {
  const begin = performance.now();
  await run();
  rates.push((2 * size ** 3) / ((performance.now() - begin) / 1e3) / 1e9);
}
rates.sort((x, y) => x - y);
console.log(JSON.stringify({ bench: 'matmul', peer: name, gflops: rates[rates.length >> 1] }));
