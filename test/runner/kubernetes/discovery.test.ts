import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDiscovery, type Discovery } from '../../../src/runner/kubernetes/discovery.js';
import { type ApiServer, createApiServer } from './api-server.js';

describe('the kinds of the training operator that a cluster serves', () => {
  let server: ApiServer;
  let discovery: Discovery;
  let asked: string[];
  let errors: unknown[];
  /** By path, the status of the answer; 404 for others. */
  let answers: Record<string, number>;
  const group = '/apis/kubeflow.org/v1';
  const list = (plural: string, namespace = 'a') => `${group}/namespaces/${namespace}/${plural}`;
  const resources = ['tfjobs', 'tfjobs/status', 'xgboostjobs', 'paddlejobs'].map((name) => ({ name }));

  beforeEach(async () => {
    asked = [];
    errors = [];
    answers = { [group]: 200, [list('tfjobs')]: 200, [list('tfjobs', 'b')]: 200, [list('xgboostjobs')]: 200 };
    server = await createApiServer(({ url = '' }, response: ServerResponse) => {
      const [path = ''] = url.split('?');
      asked.push(path);
      response.writeHead(answers[path] ?? 404).end(JSON.stringify({ resources, items: [] }));
    });
  });
  afterEach(() => {
    discovery.close();
    server.close();
    vi.useRealTimers();
  });

  function begin(namespaces: readonly string[] = ['a']): Discovery {
    discovery = createDiscovery({
      cluster: server.cluster,
      namespaces,
      onError: (error) => errors.push(error),
    });
    return discovery;
  }

  it('are those that it has, and that may be used', async () => {
    expect(await begin().known).toEqual(new Set(['TFJob', 'XGBoostJob']));
    answers[list('tfjobs')] = 403;
    expect(await begin().known).toEqual(new Set(['XGBoostJob']));
  });

  it('are those that may be used in every namespace', async () => {
    answers[list('xgboostjobs', 'b')] = 403;
    expect(await begin(['a', 'b']).known).toEqual(new Set(['TFJob']));
  });

  it('are none without the operator, which costs one request', async () => {
    answers = {};
    expect(await begin().known).toEqual(new Set());
    expect(await discovery.served()).toEqual(new Set());
    expect(asked).toEqual([group]);
    expect(errors).toEqual([]);
  });

  it('are asked for again after a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    await begin().known;
    delete answers[list('tfjobs')];
    vi.advanceTimersByTime(59_000);
    expect(await discovery.served()).toEqual(new Set(['TFJob', 'XGBoostJob']));
    vi.advanceTimersByTime(2_000);
    expect(await discovery.served()).toEqual(new Set(['XGBoostJob']));
  });

  it('are asked for until the cluster answers', async () => {
    answers[group] = 503;
    const { known } = begin();
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    await expect(discovery.served()).rejects.toThrow();
    answers[group] = 200;
    expect(await known).toEqual(new Set(['TFJob', 'XGBoostJob']));
  });
});
