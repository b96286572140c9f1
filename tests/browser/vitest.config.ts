// The tests in Debian's Chromium: the demo page, and the package as plain modules and in a bundle; and
// of the package in Firefox.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'browser',
    root: import.meta.dirname,
    globalSetup: './build-page.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One browser at a time: several would compete for the same few cores.
    fileParallelism: false,
  },
});
