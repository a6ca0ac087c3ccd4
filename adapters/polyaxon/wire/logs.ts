import { z } from '@hono/zod-openapi';

/** Lines that a tracked experiment sends: joined by newlines, or a list of such texts. */
export const logInput = z
  .union([z.string(), z.array(z.string())])
  .openapi({ type: ['string', 'array'], items: { type: 'string' }, example: 'epoch 1\nepoch 2' });

/** A frame of a followed log. `log_lines` is there in every frame; null beside a status. */
export interface LogFrame {
  readonly log_lines: readonly string[] | null;
  readonly status: string | null;
}
