import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Cluster, connectCluster } from '../../src/runner/kubernetes/cluster.js';

/** A way to the API server that a test can break. */
export interface Wire {
  /** The cluster, by this way. */
  readonly cluster: Cluster;
  /** Cuts every connection that there is. */
  cut(): void;
  /** Lets nothing more through the connections that there are, without a word to either end; new ones are as before. */
  swallow(): void;
  close(): Promise<void>;
}

interface ClientConfig {
  clusters: { cluster: { server: string } }[];
}

/** Lays a wire to the cluster of KUBECONFIG. */
export async function layWire(): Promise<Wire> {
  const config = parse(await readFile(process.env.KUBECONFIG ?? '', 'utf8')) as ClientConfig;
  const real = new URL(config.clusters[0]?.cluster.server ?? '');
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(Number(real.port), real.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const { cluster } of config.clusters) cluster.server = `https://${real.hostname}:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'franca-wire-'));
  const { KUBECONFIG } = process.env;
  process.env.KUBECONFIG = join(folder, 'kubeconfig');
  await writeFile(process.env.KUBECONFIG, stringify(config));
  const cluster = await connectCluster(null).finally(() => {
    process.env.KUBECONFIG = KUBECONFIG;
  });
  return {
    cluster,
    cut() {
      for (const [near] of pairs) near.destroy();
    },
    swallow() {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    async close() {
      for (const [near] of pairs) near.destroy();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
