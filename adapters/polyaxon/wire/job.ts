import { z } from '@hono/zod-openapi';
import { listOf } from './paging.js';
import { experimentStatus } from './status.js';
import { orNull, time, uuid } from './values.js';

const amount = z
  .object({ requests: z.number().nullable(), limits: z.number().nullable() })
  .openapi('PolyaxonResource');

/** The clients' schemas refuse other keys, and texts. */
export const resources = z
  .object({ cpu: orNull(amount), memory: orNull(amount), gpu: orNull(amount), tpu: orNull(amount) })
  .openapi('PolyaxonResources', { description: 'cpu in cores, memory in MiB.' });

export const job = z
  .object({
    id: z.int().openapi({ description: 'Counts from 1 within the experiment.' }),
    uuid,
    unique_name: z.string().openapi({ example: 'root.quick-start.1.1.master' }),
    role: z.string().openapi({ example: 'master' }),
    experiment: z.int(),
    last_status: experimentStatus,
    created_at: time,
    updated_at: time,
    started_at: orNull(time),
    finished_at: orNull(time),
    resources: orNull(resources),
    node_scheduled: z.string().nullable(),
  })
  .openapi('PolyaxonExperimentJob');

export const jobList = listOf('PolyaxonExperimentJobList', job);

export type ResourcesWire = z.output<typeof resources>;
export type JobWire = z.output<typeof job>;
