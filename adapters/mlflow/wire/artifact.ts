import { z } from '@hono/zod-openapi';
import { int64, optionalText, requiredText } from './values.js';

/** A file or folder. */
const fileInfo = z
  .object({
    path: z.string().openapi({ example: 'model/MLmodel' }),
    is_dir: z.boolean(),
    file_size: int64.optional().openapi({ description: 'Of a file, in bytes.' }),
  })
  .openapi('FileInfo');

export type FileInfo = z.output<typeof fileInfo>;

export const artifactsAsked = z.object({
  run_id: optionalText,
  run_uuid: optionalText,
  path: optionalText,
  page_token: optionalText,
});

export const artifactAsked = z.object({ run_id: optionalText, run_uuid: optionalText, path: requiredText });

export const artifactUploaded = z.object({ run_uuid: requiredText, path: requiredText });

/** A path below the proxy's root: `<experiment>/<run>/artifacts/<path>`. */
export const proxyParams = z.object({ artifact_path: z.string() });

export const proxyListed = z.object({ path: optionalText });

export const artifactList = z
  .object({ root_uri: z.string(), files: z.array(fileInfo), next_page_token: z.string().optional() })
  .openapi('ListArtifactsResponse');

export const proxyList = z.object({ files: z.array(fileInfo) }).openapi('ListProxiedArtifactsResponse');
