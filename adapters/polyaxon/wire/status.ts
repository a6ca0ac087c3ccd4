import { z } from '@hono/zod-openapi';
import { listOf } from './paging.js';
import { anyObject, optional, orNull, time, timeInput, uuid } from './values.js';

/** The statuses of an experiment in the server of 0.5. */
export const experimentStatus = z
  .enum([
    'created',
    'resuming',
    'warning',
    'unschedulable',
    'building',
    'scheduled',
    'starting',
    'running',
    'succeeded',
    'failed',
    'upstream_failed',
    'stopped',
    'skipped',
    'unknown',
  ])
  .openapi('PolyaxonStatus', { example: 'succeeded' });

export const statusRow = z
  .object({
    id: z.int().openapi({ description: 'Counts from 1 within the experiment.' }),
    uuid,
    created_at: time,
    message: z.string().nullable(),
    status: experimentStatus,
    experiment: z.int().openapi({ description: 'The id of the experiment.' }),
    traceback: z.string().optional(),
  })
  .openapi('PolyaxonExperimentStatus');

export const jobStatusRow = statusRow
  .omit({ experiment: true, traceback: true })
  .extend({ job: z.int(), details: orNull(anyObject) })
  .openapi('PolyaxonExperimentJobStatus');

export const statusList = listOf('PolyaxonExperimentStatusList', statusRow);
export const jobStatusList = listOf('PolyaxonExperimentJobStatusList', jobStatusRow);

/** A status that a client reports. */
export const statusInput = z.object({
  status: experimentStatus,
  message: optional(z.string().max(65_536)),
  traceback: optional(z.string().max(262_144)),
  details: optional(anyObject),
  created_at: optional(timeInput),
});

export type StatusInput = z.output<typeof statusInput>;
export type ExperimentStatus = z.output<typeof experimentStatus>;
export type StatusRow = z.output<typeof statusRow>;
export type JobStatusRow = z.output<typeof jobStatusRow>;
