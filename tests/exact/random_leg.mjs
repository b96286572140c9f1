// Random numbers through the core's own module, since the package has no call for them; in Node and in
// browsers alike.

/** The values of each of these options. `dist` is where the package's modules are. */
export async function drawAll(dist, options) {
  const [{ loadModule, lookAtMachine }, { Core }] = await Promise.all(
    ['builds.js', 'core.js'].map((name) => import(`${dist}/engine/${name}`)));
  const files = {
    wasmUrl: () => `${dist}/wasm/reprise.wasm`,
    glue: () => import(`${dist}/wasm/reprise.mjs`),
  };
  const { module, lines } = await loadModule(files, await lookAtMachine(false), 1, undefined);
  const core = new Core(module, 1, lines);
  const values = options.map((one) => {
    core.call('random', JSON.stringify(one));
    return Array.from(new Float64Array(core.result().buffer));
  });
  core.close();
  return values;
}
