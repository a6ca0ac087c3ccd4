import { z } from '@hono/zod-openapi';

const httpStatus = z.int().min(100).max(599).openapi({ format: 'int32' });

/** Every answer of Submarine 0.8 has exactly these six keys, nulls included. */
function envelopeShape<R extends z.ZodType>(result: R) {
  return {
    status: z.string().openapi({ description: '`OK`, or the HTTP status as an enum name.', example: 'OK' }),
    code: httpStatus.openapi({ description: 'The HTTP status.', example: 200 }),
    success: z.boolean().nullable().openapi({ example: true }),
    message: z.string().nullable().openapi({ example: null }),
    result,
    attributes: z.record(z.string(), z.unknown()).openapi({ description: 'Always empty.', example: {} }),
  };
}

/** The schema of a successful answer. */
export function envelope<R extends z.ZodType>(name: string, result: R) {
  return z.object(envelopeShape(result)).openapi(name);
}

/** The schema of every error. */
export const errorResponse = z
  .object({
    ...envelopeShape(z.null().openapi({ type: 'null' })),
    status: z.string().openapi({ example: 'NOT_FOUND' }),
    code: httpStatus.openapi({ example: 404 }),
    success: z.boolean().nullable().openapi({ example: null }),
    message: z.string().openapi({ example: 'Not found experiment.' }),
  })
  .openapi('ErrorResponse');

/** An answer whose result is a text. */
export const textResponse = envelope('TextResponse', z.string().openapi({ example: 'Pong' }));

/** A successful answer around a result. */
export function succeeded<R>(result: R) {
  return { status: 'OK', code: 200, success: true, message: null, result, attributes: {} } as const;
}

/** Submarine 0.8 answers an empty experiment so, with HTTP 200; its own tests ask for it. */
export const emptyExperiment = {
  status: 'OK',
  code: 200,
  success: null,
  message: 'Invalid experiment spec.',
  result: null,
  attributes: {},
} as const;
