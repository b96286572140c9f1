// The package's tests. They import `reprise` as a stranger does, so they test what dist/ holds.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'package',
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/testing/fresh-build.ts'],
    pool: 'forks',
    // Tests measure how long an abort takes; other tests beside them would be measured too.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
