import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import { isOwn, loadFranca } from './machine.js';
import { createSpace, type Space, servedKinds } from './space.js';
import { type Experiment, experimentOf, image } from './support.js';

const served = await servedKinds();

const token = 'test-token-of-the-superuser';
const folder = new URL('../../deploy/kubernetes/', import.meta.url);

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Record<string, unknown> & { readonly name: string };
  readonly [field: string]: unknown;
}

const plurals: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceaccounts',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Deployment: 'deployments',
  Service: 'services',
};

/** The manifests as an overlay would give them: in this namespace, with this image. */
function manifests(namespace: string, franca: string): Resource[] {
  const text = readFileSync(new URL('kustomization.yaml', folder), 'utf8');
  const { resources } = parse(text) as { resources: string[] };
  const all = resources.flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map(
      (document) => document.toJS() as Resource,
    ),
  );
  const placed = all
    .filter(({ kind }) => kind !== 'Namespace')
    .map((resource) => ({ ...resource, metadata: { ...resource.metadata, namespace } }));
  const filled = JSON.stringify(placed)
    .replace(
      '"image":"franca"',
      `"image":${JSON.stringify(franca)},"command":["node","/app/dist/src/main.js"]`,
    )
    .replace('"FRANCA_K8S_NAMESPACES":"franca"', `"FRANCA_K8S_NAMESPACES":"${namespace}"`)
    .replace('"FRANCA_AUTH":"token"', `"FRANCA_AUTH":"token","FRANCA_TOKEN":"${token}"`)
    .replace(
      '"kind":"ServiceAccount","name":"franca"',
      `"kind":"ServiceAccount","name":"franca","namespace":"${namespace}"`,
    )
    .replace('"accessModes"', `"storageClassName":"","volumeName":"${namespace}","accessModes"`);
  return JSON.parse(filled) as Resource[];
}

describe.skipIf(!isOwn)('Franca as a pod, with the manifests of deploy/kubernetes', () => {
  let space: Space;
  let volume: string;
  let url: string;

  beforeAll(async () => {
    await loadFranca('localhost/franca:test');
    space = await createSpace();
    volume = await mkdtemp(join(tmpdir(), 'franca-volume-'));
    await space.cluster.request({
      method: 'POST',
      path: '/api/v1/persistentvolumes',
      body: {
        metadata: { name: space.name },
        spec: {
          capacity: { storage: '10Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          hostPath: { path: volume },
        },
      },
    });
    for (const resource of manifests(space.name, 'localhost/franca:test')) {
      const group = resource.apiVersion === 'v1' ? '/api/v1' : `/apis/${resource.apiVersion}`;
      const path = `${group}/namespaces/${space.name}/${plurals[resource.kind]}`;
      await space.cluster.request({
        method: 'POST',
        path,
        query: { fieldValidation: 'Strict' },
        body: resource,
      });
    }
    url = await vi.waitFor(ready, { timeout: 120_000, interval: 1000 });
  }, 400_000);
  afterAll(async () => {
    await space?.remove();
    await space?.cluster
      .request({ method: 'DELETE', path: `/api/v1/persistentvolumes/${space.name}` })
      .catch(() => {});
    if (volume !== undefined) await rm(volume, { recursive: true, force: true });
  });

  async function ready(): Promise<string> {
    const { items } = await space.cluster.request<{ items: (PodObject & { status?: { podIP?: string } })[] }>(
      {
        path: `/api/v1/namespaces/${space.name}/pods`,
        query: { labelSelector: 'app.kubernetes.io/name=franca' },
      },
    );
    const [pod] = items;
    expect(pod?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    return `http://${pod?.status?.podIP}:5050`;
  }

  async function call<T>(path: string, body?: object): Promise<T> {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const { result, message } = (await answer.json()) as { result: T; message: string };
    if (!answer.ok) throw new Error(message);
    return result;
  }

  it('runs a job, whose outputs it has', async () => {
    const script = 'echo hello from a pod; echo kept > "$FRANCA_OUTPUTS_PATH/file.txt"';
    const run = await call<{ experimentId: string; uid: string }>(
      '/api/v1/experiment',
      experimentOf({ Worker: { script, image } }),
    );
    await vi.waitFor(
      async () =>
        expect(await call(`/api/v1/experiment/${run.experimentId}`)).toMatchObject({ status: 'Succeeded' }),
      { timeout: 60_000, interval: 500 },
    );
    const logs = await call<{ logContent: { podLog: string[] }[] }>(
      `/api/v1/experiment/logs/${run.experimentId}`,
    );
    expect(logs.logContent[0]?.podLog).toEqual(['hello from a pod']);
    const query = new URLSearchParams({ run_uuid: run.uid.replaceAll('-', ''), path: 'file.txt' });
    const file = await fetch(`${url}/get-artifact?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await file.text()).toBe('kept\n');
  });

  it.skipIf(!served.has('TFJob'))(
    'runs an object of the training operator, each replica with its own inbox',
    async () => {
      const script = (last: boolean) =>
        `echo $JOB_COMPLETION_INDEX > /franca/inbox/mark${last ? '; [ $JOB_COMPLETION_INDEX = 0 ] && sleep 5; true' : ''}`;
      const run = await call<Experiment>(
        '/api/v1/experiment',
        experimentOf({
          Ps: { script: script(false), image },
          Worker: { script: script(true), image, replicas: 2 },
        }),
      );
      await vi.waitFor(
        async () =>
          expect(await call(`/api/v1/experiment/${run.experimentId}`)).toMatchObject({ status: 'Succeeded' }),
        { timeout: 60_000, interval: 500 },
      );
      const [job] = await space.trainingJobs('TFJob', run);
      const files = readdirSync(volume, { recursive: true, encoding: 'utf8' });
      const marks = files
        .filter((file) => file.includes(`${job?.metadata?.name}/`) && file.endsWith('/mark'))
        .map((file) => [...file.split('/').slice(-3, -1), readFileSync(join(volume, file), 'utf8').trim()]);
      expect(marks.sort()).toEqual([
        ['ps', '0', '0'],
        ['worker', '0', '0'],
        ['worker', '1', '1'],
      ]);
      await fetch(`${url}/api/v1/experiment/${run.experimentId}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
      await vi.waitFor(async () => expect(await space.trainingJobs('TFJob', run)).toEqual([]), {
        timeout: 30_000,
      });
    },
  );

  it('may do what it does, and no more', async () => {
    const may = async (verb: string, resource: string, group = '', namespace = space.name) => {
      const [name, subresource] = resource.split('/');
      const { status } = await space.cluster.request<{ status: { allowed: boolean } }>({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          spec: {
            user: `system:serviceaccount:${space.name}:franca`,
            groups: [
              'system:serviceaccounts',
              `system:serviceaccounts:${space.name}`,
              'system:authenticated',
            ],
            resourceAttributes: { verb, resource: name, subresource, group, namespace },
          },
        },
      });
      return status.allowed;
    };
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
    const allowed: string[] = [];
    for (const [group, resources] of Object.entries({
      '': [
        'pods',
        'pods/log',
        'pods/exec',
        'pods/attach',
        'pods/portforward',
        'services',
        'events',
        'secrets',
        'configmaps',
        'serviceaccounts',
        'serviceaccounts/token',
        'persistentvolumeclaims',
        'nodes',
        'namespaces',
      ],
      batch: ['jobs', 'cronjobs'],
      'kubeflow.org': ['tfjobs', 'pytorchjobs', 'xgboostjobs', 'mpijobs'],
      apps: ['deployments'],
      'rbac.authorization.k8s.io': ['roles', 'rolebindings'],
    })) {
      for (const resource of resources)
        for (const verb of verbs) if (await may(verb, resource, group)) allowed.push(`${verb} ${resource}`);
    }
    const workloads = ['jobs', 'pytorchjobs', 'tfjobs', 'xgboostjobs'];
    const expected = [
      ...['create', 'delete', 'get', 'list', 'watch'].flatMap((verb) =>
        workloads.map((name) => `${verb} ${name}`),
      ),
      'create services',
      'delete pods',
      'delete services',
      'get pods',
      'get pods/log',
      'get services',
      'list events',
      'list pods',
      'patch pods',
      'watch events',
      'watch pods',
    ];
    expect(allowed.sort()).toEqual(expected.sort());
    expect(await may('list', 'pods', '', 'default')).toBe(false);
    expect(await may('create', 'jobs', 'batch', 'kube-system')).toBe(false);
  });
});
