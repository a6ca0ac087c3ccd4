import { z } from '@hono/zod-openapi';

/** An error: `detail`, or for faults of fields the faults of each field by its name. */
export const errorResponse = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .openapi('PolyaxonError', { example: { detail: 'Not found.' } });
