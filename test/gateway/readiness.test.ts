import { describe, expect, it } from 'vitest';
import { readiness } from '../../src/gateway/readiness.js';

const well = {
  pingStore: async () => {},
  reconcilerReady: () => true,
  runnerReachable: () => true,
  stopping: () => false,
};

describe('readiness', () => {
  it('does not wait for ever for a database', async () => {
    const health = { ...well, pingStore: () => new Promise<void>(() => {}) };
    expect(await readiness(health, 10)).toMatchObject({ ready: false, store: 'failing' });
  });

  it('is there though jobs cannot be reached, and says so', async () => {
    const health = { ...well, runnerReachable: () => false };
    expect(await readiness(health)).toMatchObject({ ready: true, runner: 'unreachable' });
  });

  it('is ready when all is well', async () => {
    expect(await readiness(well)).toEqual({
      ready: true,
      store: 'ok',
      reconciler: 'ok',
      runner: 'ok',
      stopping: false,
    });
  });
});
