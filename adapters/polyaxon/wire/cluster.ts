import { z } from '@hono/zod-openapi';
import { uuid } from './values.js';

/** A machine. The clients' schema refuses other keys. */
export const node = z
  .object({
    sequence: z.int(),
    uuid,
    name: z.string(),
    hostname: z.string(),
    role: z.string(),
    status: z.string(),
    memory: z.number().openapi({ description: 'In bytes.' }),
    cpu: z.number(),
    n_gpus: z.int(),
    gpus: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('PolyaxonNode');

export const cluster = z
  .object({ version_api: z.record(z.string(), z.string()), nodes: z.array(node) })
  .openapi('PolyaxonCluster');

export type NodeWire = z.output<typeof node>;
