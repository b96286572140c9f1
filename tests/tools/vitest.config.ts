// What ./dev does besides building, and what tests stand on.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { name: 'tools', root: import.meta.dirname, testTimeout: 60_000 } });
