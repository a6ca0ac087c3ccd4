import { z } from '@hono/zod-openapi';
import { optional } from './values.js';

/** The state of the code that an experiment was started from. */
export const codeRef = z
  .object({
    commit: z.string().nullable(),
    head: z.string().nullable(),
    branch: z.string().nullable(),
    git_url: z.string().nullable(),
    is_dirty: z.boolean().nullable(),
    git_diff: z.string().nullable(),
  })
  .openapi('PolyaxonCodeReference');

const short = optional(z.string().max(4_096));

/** The same as a client reads it from Git; nothing outside a Git folder. */
export const codeRefInput = z
  .object({
    commit: short,
    head: short,
    branch: short,
    git_url: short,
    is_dirty: optional(z.boolean()),
    git_diff: optional(z.string().max(1_048_576)),
  })
  .openapi('PolyaxonCodeReferenceRequest');

export type CodeRefWire = z.output<typeof codeRef>;
export type CodeRefInput = z.output<typeof codeRefInput>;
