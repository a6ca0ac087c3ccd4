import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/faults/**',
      'test/clients/**',
      'test/postgres/**',
      'test/differential/**',
      'test/kubernetes/**',
      'node_modules/**',
    ],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
