import { z } from '@hono/zod-openapi';

/** Where in the outputs. */
export const pathQuery = z.object({ path: z.string().optional().openapi({ example: 'model' }) });
export const requiredPathQuery = z.object({ path: z.string().openapi({ example: 'model/weights.pt' }) });

/** What lies in a folder. */
export const outputsTree = z
  .object({
    files: z
      .array(z.array(z.union([z.string(), z.int()])))
      .openapi({ description: 'Pairs of name and size in bytes.', example: [['weights.pt', 1024]] }),
    dirs: z.array(z.string()),
  })
  .openapi('PolyaxonOutputsTree');
