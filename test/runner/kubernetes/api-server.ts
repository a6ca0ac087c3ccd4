import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, connectCluster } from '../../../src/runner/kubernetes/cluster.js';

/** A server that answers in the place of a cluster's API as a test tells it to, and a connection to it. */
export interface ApiServer {
  readonly cluster: Cluster;
  close(): void;
}

export async function createApiServer(listener: RequestListener): Promise<ApiServer> {
  const { KUBECONFIG } = process.env;
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'franca-api-'));
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    join(folder, 'config'),
    JSON.stringify({
      'current-context': 'a',
      clusters: [
        { name: 'a', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'a', user: { token: 't' } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    }),
  );
  process.env.KUBECONFIG = join(folder, 'config');
  const cluster = await connectCluster(null);
  return {
    cluster,
    close() {
      cluster.close();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
      if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = KUBECONFIG;
    },
  };
}
