import { defineConfig } from 'vitest/config';

/** Asks two servers the same: one file after another, since they share what they ask. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/differential/**/*.test.ts'],
    testTimeout: 120_000,
    // Installs the real server when it is missing.
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
