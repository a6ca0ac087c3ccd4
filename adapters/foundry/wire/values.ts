import { z } from '@hono/zod-openapi';

/** A 64-bit integer, a JSON number of as many digits as it takes. */
export const long = z
  .union([z.int(), z.bigint()])
  .openapi({ type: 'integer', format: 'int64', example: 100 });

/** A count in a query. */
export const countQuery = z
  .string()
  .regex(/^-?\d{1,15}$/, 'must be a whole number')
  .transform(Number)
  .openapi({ type: 'integer', minimum: 0, example: 0 });
