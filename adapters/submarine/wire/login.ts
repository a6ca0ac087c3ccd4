import { z } from '@hono/zod-openapi';

/** The password is a token: there are no others. */
export const loginParam = z
  .looseObject({
    username: z.string().nullable().optional().openapi({ example: 'root' }),
    password: z.string().nullable().optional().openapi({ example: 'a token' }),
  })
  .openapi('LoginParam');
