import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type Cluster, connectCluster } from '../../../src/runner/kubernetes/cluster.js';
import { createInformer, type Informer } from '../../../src/runner/kubernetes/informer.js';
import type { PodObject } from '../../../src/runner/kubernetes/objects.js';
import { type ApiServer, createApiServer } from './api-server.js';

const pod = (name: string, resourceVersion: string) => ({
  metadata: { name, resourceVersion, managedFields: [{}] },
});

/** Speaks the API's list and watch as a test tells it to. */
interface Api {
  items: object[];
  version: string;
  /** The watches that are open. */
  readonly watches: ServerResponse[];
  /** What was asked for, in order. */
  readonly asked: URLSearchParams[];
  /** Answers instead, while it is set. */
  answer: ((response: ServerResponse) => void) | null;
}

describe('an informer', () => {
  let server: ApiServer;
  let api: Api;
  let cluster: Cluster;
  let informer: Informer<PodObject>;
  let seen: string[];
  let errors: unknown[];

  beforeEach(async () => {
    api = { items: [], version: '10', watches: [], asked: [], answer: null };
    server = await createApiServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      api.asked.push(query);
      if (api.answer !== null) return api.answer(response);
      if (query.get('watch') !== 'true') {
        response.end(JSON.stringify({ metadata: { resourceVersion: api.version }, items: api.items }));
        return;
      }
      response.writeHead(200);
      response.flushHeaders();
      api.watches.push(response);
    });
    cluster = server.cluster;
    seen = [];
    errors = [];
  });

  afterEach(async () => {
    cluster.close();
    await informer.close();
    server.close();
  });

  async function begin(watchSeconds = 60, isOptional = false): Promise<void> {
    informer = createInformer<PodObject>({
      cluster,
      path: '/api/v1/namespaces/ns/pods',
      labelSelector: 'franca/instance=i',
      watchSeconds,
      isOptional,
      onChange: ({ metadata }, gone) => seen.push(`${gone ? '-' : '+'}${metadata?.name}`),
      onError: (error) => errors.push(error),
    });
    await informer.synced;
    await vi.waitFor(() => expect(api.watches).toHaveLength(1));
  }

  function send(event: object, watch = api.watches.at(-1)): void {
    watch?.write(`${JSON.stringify(event)}\n`);
  }

  const lists = () => api.asked.filter((query) => query.get('watch') !== 'true').length;

  it('lists once, then follows', async () => {
    api.items = [pod('a', '5')];
    await begin();
    send({ type: 'ADDED', object: pod('b', '11') });
    send({ type: 'MODIFIED', object: pod('a', '12') });
    send({ type: 'DELETED', object: pod('b', '13') });
    await vi.waitFor(() => expect(seen).toEqual(['+a', '+b', '+a', '-b']));
    expect([...informer.values()]).toEqual([{ metadata: { name: 'a', resourceVersion: '12' } }]);
    expect(Object.fromEntries(api.asked.at(-1) ?? [])).toMatchObject({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '10',
      labelSelector: 'franca/instance=i',
    });
    expect(api.asked).toHaveLength(2);
  });

  it('takes events that come in pieces', async () => {
    await begin();
    const [first, second] = [pod('ä', '11'), pod('b', '12')].map(
      (object) => `${JSON.stringify({ type: 'ADDED', object })}\n`,
    );
    const bytes = Buffer.from(`${first}${second}`);
    for (const byte of bytes) api.watches[0]?.write(Buffer.of(byte));
    await vi.waitFor(() => expect(seen).toEqual(['+ä', '+b']));
  });

  it('goes on from the last bookmark when a watch ends as it should', async () => {
    await begin();
    send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    await vi.waitFor(() => expect(api.watches).toHaveLength(1));
    api.watches[0]?.end();
    await vi.waitFor(() => expect(api.watches).toHaveLength(2));
    expect(api.asked.at(-1)?.get('resourceVersion')).toBe('99');
    expect(lists()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('lists again when its place is forgotten, tells what changed, and calls it no fault', async () => {
    api.items = [pod('a', '5'), pod('b', '6'), pod('c', '7')];
    await begin();
    api.items = [pod('a', '5'), pod('b', '60')];
    api.version = '100';
    send({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version' } });
    await vi.waitFor(() => expect(api.watches).toHaveLength(2));
    expect(seen.slice(3)).toEqual(['+b', '-c']);
    expect(api.asked.at(-1)?.get('resourceVersion')).toBe('100');
    expect(lists()).toBe(2);
    expect(errors).toEqual([]);
  });

  it('lists again when its connection breaks', async () => {
    await begin();
    api.watches[0]?.destroy();
    await vi.waitFor(() => expect(api.watches).toHaveLength(2), { timeout: 5000 });
    expect(lists()).toBe(2);
    expect(errors).toHaveLength(1);
  });

  it('does not trust a watch that is silent for longer than it was asked for', async () => {
    await begin(0.01);
    await vi.waitFor(() => expect(api.watches).toHaveLength(2), { timeout: 10_000 });
    expect(lists()).toBe(2);
  });

  it('asks a server that is not well ever more seldom', async () => {
    await begin();
    api.answer = (response) =>
      response.writeHead(503).end(JSON.stringify({ reason: 'x', message: 'not well' }));
    const before = api.asked.length;
    api.watches[0]?.destroy();
    await vi.waitFor(() => expect(errors.length).toBeGreaterThanOrEqual(4), { timeout: 10_000 });
    // Waits of at least 125, 250, 500 ms lie between the tries.
    expect(api.asked.length - before).toBeLessThanOrEqual(5);
    expect(errors.at(-1)).toBeInstanceOf(ApiError);
    expect(informer.isFresh()).toBe(false);
    const watches = api.watches.length;
    api.answer = null;
    await vi.waitFor(() => expect(api.watches.length).toBe(watches + 1), { timeout: 20_000 });
    expect(informer.isFresh()).toBe(true);
  });

  it.each([
    [true, { seen: ['+a', '-a'], isFresh: true, faults: 1 }],
    [false, { seen: ['+a'], isFresh: false, faults: 2 }],
  ])(
    'knows that there is nothing of a kind that is not served any more, if that may be: %s',
    async (isOptional, then) => {
      api.items = [pod('a', '5')];
      await begin(60, isOptional);
      api.answer = (response) => response.writeHead(404).end('404 page not found');
      const before = api.asked.length;
      api.watches[0]?.destroy();
      await vi.waitFor(() => expect(api.asked.length).toBeGreaterThan(before + 1), { timeout: 5000 });
      await vi.waitFor(() => expect(seen).toEqual(then.seen));
      expect(informer.isFresh()).toBe(then.isFresh);
      // The connection that broke is one.
      expect(Math.min(errors.length, 2)).toBe(then.faults);
    },
  );

  it('reads a collection page by page', async () => {
    const pages: Record<string, object> = {
      '': { metadata: { continue: 'n', resourceVersion: '1' }, items: [pod('a', '1')] },
      n: { metadata: { resourceVersion: '2' }, items: [pod('b', '1')] },
    };
    api.answer = (response) => {
      const query = api.asked.at(-1);
      if (query?.get('watch') === 'true') {
        response.writeHead(200).flushHeaders();
        api.watches.push(response);
      } else response.end(JSON.stringify(pages[query?.get('continue') ?? '']));
    };
    await begin();
    expect(seen).toEqual(['+a', '+b']);
  });
});

it('a cluster that is not configured is missed in words', async () => {
  const { KUBECONFIG, HOME } = process.env;
  process.env.KUBECONFIG = '';
  process.env.HOME = mkdtempSync(join(tmpdir(), 'franca-home-'));
  try {
    await expect(connectCluster(null)).rejects.toThrow(/no cluster is configured/);
  } finally {
    rmSync(process.env.HOME, { recursive: true });
    process.env.HOME = HOME;
    if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = KUBECONFIG;
  }
});
