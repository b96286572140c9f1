// The page as static files that work below any path. The built-in model comes from the package, the
// sample of a dataset from the fixtures.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const packageFolder = dirname(fileURLToPath(import.meta.resolve('reprise/package.json')));
const sample = fileURLToPath(new URL('../../fixtures/datasets/sms-spam.csv', import.meta.url));

/** A file that lies beside the page under its own name, and that the development server gives too. */
function beside(file: string): Plugin {
  const name = basename(file);
  return {
    name: `beside-${name}`,
    configureServer({ middlewares }) {
      middlewares.use(`/${name}`, (_request, response) => response.end(readFileSync(file)));
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source: readFileSync(file) });
    },
  };
}

export default defineConfig({
  base: './',
  publicDir: join(packageFolder, 'dist', 'models'),
  plugins: [beside(sample)],
  build: {
    target: 'es2022', assetsInlineLimit: 0,
    // Found in this repository, where tests use it; the page makes no tables.
    rolldownOptions: { external: ['apache-arrow'] },
  },
  worker: { format: 'es' },
});
