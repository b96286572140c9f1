import { defineConfig } from 'vitest/config';

// Everything that tests in TypeScript and JavaScript; ./dev test runs them all.
export default defineConfig({
  test: { projects: ['packages/*', 'tests/*/vitest.config.ts'] },
});
