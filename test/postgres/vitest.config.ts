import { defineConfig } from 'vitest/config';

/** Tests against a real PostgreSQL: one of their own, or the one that FRANCA_TEST_DB names. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/postgres/**/*.test.ts'],
    globalSetup: ['test/postgres/server.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
