import type { RunKey } from '../../../src/core/ids.js';
import { uuidToHex } from '../../../src/core/ids.js';
import type { Run } from '../../../src/core/model.js';
import type { Service } from '../../../src/core/service.js';
import type { TensorboardWire } from '../wire/tensorboard.js';
import { readableName } from './names.js';
import { toWireTime } from './time.js';

/** A TensorBoard in the list of its project, of which `project` is the unique name. */
export function fromService(
  service: Service,
  project: string,
  runs: ReadonlyMap<RunKey, Run>,
): TensorboardWire {
  const run = service.runKey === null ? undefined : runs.get(service.runKey);
  return {
    id: service.key,
    uuid: uuidToHex(service.id),
    unique_name: `${project}.tensorboards.${service.key}`,
    user: readableName(service.createdBy.name),
    project,
    experiment: run?.number ?? null,
    experiment_group: null,
    last_status: service.status,
    created_at: toWireTime(service.createdAt),
    updated_at: toWireTime(service.updatedAt),
  };
}
