import { describe, expect, it } from 'vitest';
import { jobEnvironment } from '../../../adapters/submarine/job.js';
import type { RunKey } from '../../../src/core/ids.js';
import { aRun } from '../../support/builders.js';

const settings = {
  storeCreatedAtMs: 1586156073228,
  jobUrl: 'http://franca:5050',
  inbox: '/jobs/1/in box#',
};

describe('the variables of a job', () => {
  it('name its experiment and this server', () => {
    expect(jobEnvironment(aRun({ key: 12 as RunKey }), settings)).toEqual({
      JOB_ID: 'experiment_1586156073228_0012',
      SUBMARINE_TRACKING_URI: 'http://franca:5050',
      SUBMARINE_TENSORBOARD_LOG_DIR: 'logs/mylog',
      SUBMARINE_DB_URI: 'sqlite:////jobs/1/in box#/submarine.db',
    });
  });

  it('name no database where its path cannot be written', () => {
    const told = jobEnvironment(aRun(), { ...settings, inbox: '/jobs?/1' });
    expect(Object.keys(told)).not.toContain('SUBMARINE_DB_URI');
  });
});
