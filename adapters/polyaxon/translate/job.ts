import { uuidToHex } from '../../../src/core/ids.js';
import type { Job, Run } from '../../../src/core/model.js';
import type { JobWire } from '../wire/job.js';
import { fromResources } from './resources.js';
import { jobStatusOf } from './status.js';
import { toWireTime, toWireTimeOrNull } from './time.js';

/** A replica of a run. `runName` is the run's unique name. */
export function fromJob(run: Run, job: Job, runName: string): JobWire {
  const role = job.role.toLowerCase();
  return {
    id: job.number,
    uuid: uuidToHex(job.id),
    unique_name: `${runName}.${job.number}.${role}`,
    role,
    experiment: run.number,
    last_status: jobStatusOf(job),
    created_at: toWireTime(job.createdAt),
    updated_at: toWireTime(job.updatedAt),
    started_at: toWireTimeOrNull(job.startedAt),
    finished_at: toWireTimeOrNull(job.finishedAt),
    resources: fromResources(job.resources),
    node_scheduled: job.node,
  };
}
