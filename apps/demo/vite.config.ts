// The page as static files that work below any path. The built-in model comes from the package.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const packageFolder = dirname(fileURLToPath(import.meta.resolve('reprise/package.json')));

export default defineConfig({
  base: './',
  publicDir: join(packageFolder, 'dist', 'models'),
  build: { target: 'es2022', assetsInlineLimit: 0 },
  worker: { format: 'es' },
});
