import { z } from '@hono/zod-openapi';
import { listOf, pageQuery } from './paging.js';
import { anyObject, optional, time, uuid } from './values.js';

/** What a TensorBoard may be asked for; it is kept, and the local runner needs none of it. */
export const tensorboardInput = z
  .object({ content: optional(z.union([z.string(), anyObject])) })
  .openapi('PolyaxonTensorboardRequest');

const refused = z
  .string()
  .max(0, 'is not taken here: a project has few TensorBoards, and all are listed')
  .optional()
  .openapi({ description: 'Not taken: all are listed.' });

/** The part of a list of TensorBoards that is asked for. */
export const tensorboardQuery = pageQuery.extend({ query: refused, sort: refused });

/** A TensorBoard of a project. */
export const tensorboard = z
  .object({
    id: z.int(),
    uuid,
    unique_name: z.string(),
    user: z.string(),
    project: z.string(),
    experiment: z.int().nullable(),
    experiment_group: z.int().nullable(),
    last_status: z.string(),
    created_at: time,
    updated_at: time,
  })
  .openapi('PolyaxonTensorboard');

export const tensorboardList = listOf('PolyaxonTensorboardList', tensorboard);
export type TensorboardWire = z.output<typeof tensorboard>;
