import { z } from '@hono/zod-openapi';

/** Every error of this API. */
export const errorResponse = z
  .object({
    error_code: z.string().openapi({ example: 'RESOURCE_DOES_NOT_EXIST' }),
    message: z.string().openapi({ example: 'No Experiment with id=7 exists' }),
  })
  .openapi('MlflowError');
