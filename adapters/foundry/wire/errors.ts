import { z } from '@hono/zod-openapi';

/** The envelope of every error. */
export const errorResponse = z
  .object({
    errorCode: z.string().openapi({ example: 'NOT_FOUND' }),
    errorName: z.string().openapi({ example: 'ModelExperimentNotFound' }),
    errorInstanceId: z.uuid().openapi({
      description: 'Of this one answer; the server logs it.',
      example: '01981b2c-7d43-7e55-a1f0-5a6f5a3c9b11',
    }),
    errorDescription: z.string().openapi({ example: 'run not found' }),
    parameters: z.record(z.string(), z.union([z.string(), z.number()])).openapi({
      description: 'What the error is about, by its name.',
    }),
  })
  .openapi('Error');
