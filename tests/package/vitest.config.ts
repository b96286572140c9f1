// The package as a user gets it, in Node. packages/reprise has to be built before.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'installed',
    root: import.meta.dirname,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
