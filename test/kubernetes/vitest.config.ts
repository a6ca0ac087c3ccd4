import { defineConfig } from 'vitest/config';

/** Tests on a real cluster, the one of KUBECONFIG: one file after another, for some of them break it. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/kubernetes/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
