import { z } from '@hono/zod-openapi';
import { previewQuery } from './preview.js';
import { countQuery, long } from './values.js';

const point = z
  .object({
    value: z.number().openapi({ example: 0.07 }),
    timestamp: long.openapi({
      description: 'Milliseconds since 1970-01-01 UTC.',
      example: 1_795_254_000_000,
    }),
    step: long,
  })
  .openapi('DoubleSeriesValueV1');

export const seriesPage = z
  .object({ type: z.literal('doubleV1'), series: z.array(point) })
  .openapi('DoubleSeriesV1');

/** Values of a page without, and with the greatest, `pageSize`. */
export const seriesPageSize = { standard: 200, most: 1000 } as const;

/** Rows of a page of a table without, and with the greatest, `pageSize`. */
export const tablePageSize = { standard: 10, most: 100 } as const;

/** Which part is asked for. */
export function partQuery({ standard, most }: { readonly standard: number; readonly most: number }) {
  return previewQuery.extend({
    offset: countQuery.optional(),
    pageSize: countQuery.optional().openapi({ description: `${standard} without it; ${most} at most.` }),
  });
}

export type PointWire = z.output<typeof point>;
