import { z } from '@hono/zod-openapi';

/** Who calls. */
export const user = z
  .object({
    username: z.string().openapi({ example: 'root' }),
    email: z.string().nullable().openapi({ description: 'Not known here.', example: null }),
    is_superuser: z.boolean(),
  })
  .openapi('PolyaxonUser');

/** What a login form holds. There are no passwords: a token stands in its place. */
export const credentials = z
  .object({ username: z.string().max(255).optional(), password: z.string().max(4_096) })
  .openapi('PolyaxonCredentials');

export const token = z.object({ token: z.string() }).openapi('PolyaxonToken');

/** Versions of clients that this server works with. */
export const clientVersion = z
  .object({ latest_version: z.string(), min_version: z.string() })
  .openapi('PolyaxonVersion', { example: { latest_version: '0.6.1', min_version: '0.5.0' } });

export const chartVersion = z.object({ version: z.string() }).openapi('PolyaxonChartVersion');

/** Where clients send their own errors: nowhere. */
export const logHandler = z
  .object({ dsn: z.string().nullable(), environment: z.string(), tags: z.record(z.string(), z.string()) })
  .openapi('PolyaxonLogHandler');
