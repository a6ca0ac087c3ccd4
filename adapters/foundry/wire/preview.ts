import { z } from '@hono/zod-openapi';

/** Every endpoint is in preview, and wants to hear that its client knows it. */
export const previewParameter = 'preview';

/** The query of every endpoint. */
export const previewQuery = z.object({
  [previewParameter]: z
    .literal('true', { error: 'must be true: this endpoint is in preview' })
    .openapi({ type: 'boolean', example: true, description: 'This endpoint is in preview: must be true.' }),
});
