import { z } from '@hono/zod-openapi';
import { notFound } from '../../../src/core/errors.js';
import type { Status } from '../../../src/core/status.js';
import type { BodyMediaType } from '../../../src/http/body.js';
import type { Context } from '../../../src/services/context.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { parseExperimentId } from '../translate/ids.js';
import { statusesOf } from '../translate/status.js';

/** What Submarine's POST and PATCH consume. */
export const mediaTypes: readonly BodyMediaType[] = ['application/json', 'application/yaml'];

/** The path parameter of an experiment. */
export const experimentParams = z.object({
  id: z
    .string()
    .openapi({ param: { description: 'experimentId' }, example: 'experiment_1586156073228_0001' }),
});

/** The path parameter of an environment or template. */
export const nameParams = z.object({ name: z.string().openapi({ example: 'my-submarine-env' }) });

const count = z
  .string()
  .regex(/^[0-9]{1,9}$/, 'must be a whole number')
  .transform(Number)
  .openapi({ type: 'integer', minimum: 0, maximum: 999_999_999 })
  .optional();

/** What a list may be narrowed to. Without a limit it is whole: no client of Submarine asks for pages. */
export const listQuery = z.object({
  status: z.string().optional().openapi({
    description: 'A status, in any case; of a text that is none there are no experiments.',
    example: 'Running',
  }),
  limit: count,
  offset: count,
});

/** The core's statuses that a list asks for. */
export function filterOf(query: z.output<typeof listQuery>): { statuses?: readonly Status[] } {
  return query.status === undefined ? {} : { statuses: statusesOf(query.status) };
}

/** The items of these pages, without the first `offset`, at most `limit`. */
export async function* itemsOf<T, U>(
  pages: AsyncIterable<readonly T[]>,
  { limit = Number.POSITIVE_INFINITY, offset = 0 }: z.output<typeof listQuery>,
  show: (item: T) => U,
): AsyncGenerator<U> {
  let place = 0;
  if (limit === 0) return;
  for await (const page of pages) {
    for (const item of page) {
      if (place >= offset) yield show(item);
      place += 1;
      if (place >= offset + limit) return;
    }
  }
}

/**
 * The run that an experimentId names.
 *
 * @throws CoreError `not_found` for an id that can name none.
 */
export function runRefOf(ctx: Context, id: string): RunRef {
  const key = parseExperimentId(id, ctx.ports.store.createdAtMs);
  if (key === null) throw notFound('run');
  return { key };
}
