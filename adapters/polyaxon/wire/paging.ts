import { z } from '@hono/zod-openapi';

/** The clients' own PAGE_SIZE. */
export const standardLimit = 20;

/** A larger limit is cut to this: `next` leads on. */
export const maxLimit = 5_000;

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)
  .openapi({ type: 'integer', minimum: 0, maximum: 999_999_999 });

/** The part of a list that is asked for. */
export const pageQuery = z.object({
  limit: wholeNumber.optional().openapi({ description: `${standardLimit} without it, ${maxLimit} at most.` }),
  offset: wholeNumber.optional(),
});

/** A list as the server of 0.5 answers it. */
export function listOf<T extends z.ZodType>(name: string, item: T) {
  const address = z.string().nullable().openapi({ description: 'An absolute URL.', example: null });
  return z.object({ count: z.int(), next: address, previous: address, results: z.array(item) }).openapi(name);
}
