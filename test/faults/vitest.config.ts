import { defineConfig } from 'vitest/config';

/** Tests that kill, fill and flood: one file after another, each with the machine to itself. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
