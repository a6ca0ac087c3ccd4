import { defineConfig } from 'vitest/config';

const common = {
  root: new URL('../..', import.meta.url).pathname,
  testTimeout: 180_000,
  hookTimeout: 120_000,
};

/** Those that break the cluster for all, or fill it. */
const alone = ['test/kubernetes/crowd.test.ts', 'test/kubernetes/faults.test.ts'];

/** Tests on a real cluster, the one of KUBECONFIG, each file in a namespace of its own. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/kubernetes/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
