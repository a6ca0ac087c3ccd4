import { z } from '@hono/zod-openapi';
import { notFound } from '../../../src/core/errors.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { listNodes } from '../../../src/services/usage/nodes.js';
import { fromNode } from '../translate/node.js';
import { cluster, node } from '../wire/cluster.js';
import { counted } from './common.js';

const tag = 'cluster';

/** Documented and served: the machines that jobs run on. */
export const clusterRoutes = {
  cluster: {
    method: 'get',
    path: '/api/v1/cluster',
    operationId: 'getCluster',
    tag,
    summary: 'Get the cluster',
    answers: { 200: { description: 'The machines that jobs run on.', schema: cluster } },
  },
  node: {
    method: 'get',
    path: '/api/v1/nodes/{sequence}',
    operationId: 'getNode',
    tag,
    summary: 'Get a machine that jobs run on',
    params: z.object({ sequence: counted(1) }),
    answers: { 200: { description: 'The machine.', schema: node } },
  },
} as const;

/** Adds the routes of the cluster. */
export function addClusterRoutes({ add, answer }: DialectApp, { version }: AdapterDeps): void {
  add(clusterRoutes.cluster, async (_input, ctx, c) => {
    const nodes = (await listNodes(ctx)).map(fromNode);
    return answer(c, { version_api: { platform: `Franca ${version}` }, nodes });
  });

  add(clusterRoutes.node, async ({ params: { sequence } }, ctx, c) => {
    const found = (await listNodes(ctx))[sequence - 1];
    if (found === undefined) throw notFound('route', `there is no node ${sequence}`);
    return answer(c, fromNode(found, sequence - 1));
  });
}
