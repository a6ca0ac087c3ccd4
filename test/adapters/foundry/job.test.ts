import { describe, expect, it } from 'vitest';
import { jobEnvironment } from '../../../adapters/foundry/job.js';
import type { ProjectId } from '../../../src/core/ids.js';
import type { Project } from '../../../src/core/model.js';
import { aRun } from '../../support/builders.js';

describe('the variables of a job', () => {
  it('are those of the SDK, and name its experiment', () => {
    const id = '01890000-0000-7000-8000-00000000000a' as ProjectId;
    const told = { run: aRun(), project: { id } as Project, token: 'secret' };
    expect(jobEnvironment(told, { jobUrl: 'http://franca:5050/base' })).toEqual({
      FOUNDRY_HOSTNAME: 'franca:5050/base',
      FOUNDRY_TOKEN: 'secret',
      FOUNDRY_MODEL_RID: `ri.models.main.model.${id}`,
      FOUNDRY_EXPERIMENT_RID: 'ri.models.main.experiment.01890000-0000-7000-8000-000000000001',
    });
  });
});
