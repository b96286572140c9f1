import { defineConfig } from 'vitest/config';

// Each leg runs every case in processes or a browser of its own.
export default defineConfig({
  test: { name: 'exact', include: ['*.test.mjs'], testTimeout: 300_000, hookTimeout: 60_000 },
});
