import { uuidToHex } from '../../../src/core/ids.js';
import type { Run } from '../../../src/core/model.js';
import type { JobUse } from '../../../src/services/usage/follow.js';
import type { UsageWire } from '../wire/usage.js';
import { replicaNameOf } from './names.js';

/** What a job uses now, under the name that stands before its lines in the log. */
export function fromJobUse(run: Run, { job, usage, memoryLimit }: JobUse): UsageWire {
  return {
    job_uuid: uuidToHex(job.id),
    experiment_uuid: uuidToHex(run.id),
    job_name: replicaNameOf(job),
    container_id: uuidToHex(job.id),
    n_cpus: usage.node.cores,
    cpu_percentage: Math.round(usage.cpuPercent * 100) / 100,
    percpu_percentage: null,
    memory_used: Math.round(usage.memoryBytes),
    memory_limit: Math.round(memoryLimit),
    gpu_resources: null,
  };
}
