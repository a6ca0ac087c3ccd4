import { expect } from 'vitest';
import {
  type Door,
  foundryReads,
  mlflowReads,
  mlflowWrites,
  polyaxonReads,
  proxied,
  seedUpload,
} from '../doors.js';
import type { Face } from '../faces.js';
import { notFitting, others, type Row, type Tried } from '../matrix.js';
import { type AttackSite, plant, planted } from '../site.js';

const folders = ['file:///etc', 'file:/etc', '/etc', './x', '..', 'C:\\x', 'mlflow-artifacts:/../x'];
const fragments = ['file:///tmp/x#/../..', 's3://bucket/x#/../..', 's3://bucket/x?y', '/tmp#x'];

/** Experiments whose files would lie there: the field is named. */
const located =
  (face: 'mlflow' | 'seed', locations: readonly string[]): Tried =>
  async ({ refused }) => {
    const paths =
      face === 'seed'
        ? ['/api/v1/experiments']
        : ['/api/2.0/mlflow/experiments/create', '/ajax-api/2.0/mlflow/experiments/create'];
    for (const path of paths)
      for (const artifact_location of locations) {
        const body = JSON.stringify({ name: 'located', artifact_location });
        await refused(face, { method: 'POST', path, body }, { status: 400, words: 'artifact_location' });
      }
  };

/** Repositories that a run's code would be fetched from. */
const repositories =
  (urls: readonly string[]): Tried =>
  async ({ refused }) => {
    for (const url of urls)
      for (const code of [
        { syncMode: 'git', git: { url } },
        { syncMode: 'git', url },
      ]) {
        const body = JSON.stringify({
          meta: { name: 'located', framework: 'TensorFlow', cmd: 'true' },
          environment: { image: 'none' },
          spec: { Worker: { replicas: 1, resources: 'cpu=1,memory=64M' } },
          code,
        });
        const words = `Invalid Code Spec: URL is malformed. ${url}`;
        await refused(
          'submarine',
          { method: 'POST', path: '/api/v1/experiment', body },
          { status: 400, words },
        );
      }
  };

const names = [...Object.keys(planted), 'pipe'];
/** What links lead to, and what lies behind it. */
const behind = [...names, 'etc/passwd', 'up/up', 'model/up/franca.db', 'inside/weights', 'loop/x', 'pipe/x'];

const unread =
  (face: Face, doors: (site: AttackSite) => readonly Door[], paths = behind): Tried =>
  async (site) => {
    for (const { request } of doors(site))
      for (const path of paths)
        await site.refused(face, request(path), { status: 404, words: /not found|ArtifactNotFound/ });
  };

/** Lists: of what is no folder there is nothing in them. */
const isList = ({ request }: Door) => /\/list\?|directories\?|artifacts\?path/.test(request('').path);

const ofRun = (site: AttackSite, doors: readonly Door[]) =>
  doors.filter(({ request }) => !request('').path.includes(site.names.loggedModel));

async function linksOfMlflow(site: AttackSite): Promise<void> {
  const reads = ofRun(site, mlflowReads(site.names));
  await unread('mlflow', () => reads.filter((door) => !isList(door)))(site);
  for (const { request } of reads.filter(isList)) {
    for (const path of behind)
      expect(JSON.parse((await site.send(request(path))).text)).toMatchObject({ files: [] });
    const whole = (await site.send(request(''))).text;
    for (const name of names) expect(whole).not.toContain(`"${name}"`);
  }
  const writes = ofRun(site, mlflowWrites(site.names));
  for (const { request } of writes)
    for (const path of ['etc/x', 'up/x', 'inside/x', 'loop/x', 'pipe/x', 'passwd/x', 'model/up/x']) {
      // Nothing is there for these clients; to delete that is no mistake, and what is behind the link stays.
      if (request(path).method === 'DELETE') expect((await site.send(request(path))).http).toBe(200);
      else
        await site.refused('mlflow', request(path), {
          status: 400,
          words: "'path' supplied: leads through something that is not a folder",
        });
    }
  // A link may be removed: then it is the link that goes.
  const [root = ''] = proxied(site.names);
  for (const name of ['etc', 'secret', 'up'] as const) {
    expect((await site.send({ method: 'DELETE', path: `${root}/${name}` })).http).toBe(200);
    plant(site.outputs, name);
  }
}

export const locations: Row = {
  title: 'locations and sources outside, and links in the store',
  attacks: [
    {
      name: 'a folder of the server',
      cells: {
        polyaxon: notFitting('takes no address of files or code: code comes as an upload'),
        submarine: repositories([...folders, 'ext::sh -c id', '--upload-pack=id', 'git@-oProxyCommand=id:x']),
        mlflow: located('mlflow', folders),
        seed: located('seed', folders),
        foundry: notFitting('only reads'),
        gateway: notFitting('keeps nothing'),
      },
    },
    {
      name: 'a location with # or ?',
      cells: {
        polyaxon: notFitting('takes no address of files or code'),
        submarine: repositories(['file:///tmp/x#/../..', '/tmp#x', 'x#https://host/r']),
        mlflow: located('mlflow', fragments),
        seed: located('seed', fragments),
        foundry: notFitting('only reads'),
        gateway: notFitting('keeps nothing'),
      },
    },
    {
      name: 'the source of a version of a model',
      cells: others(
        {
          async mlflow({ refused }) {
            // A registry would fetch the source; there is none.
            for (const path of ['model-versions/create', 'registered-models/create']) {
              const body = JSON.stringify({ name: 'm', source: 'file:///etc' });
              const request = { method: 'POST', path: `/api/2.0/mlflow/${path}`, body };
              await refused('mlflow', request, { status: 404, words: 'ENDPOINT_NOT_FOUND' });
            }
          },
          async submarine({ refused }) {
            for (const path of ['/api/v1/model-version', '/api/v1/registered-model']) {
              const request = { method: 'POST', path, body: '{"source":"file:///etc"}' };
              await refused('submarine', request, { status: 404, words: `there is no POST ${path}` });
            }
          },
        },
        () => notFitting('knows no versions of models'),
      ),
    },
    {
      name: 'links, a loop and a pipe among the files',
      cells: {
        polyaxon: unread('polyaxon', () => polyaxonReads),
        submarine: notFitting('serves no files'),
        mlflow: linksOfMlflow,
        async seed(site) {
          const { request } = seedUpload(site.names);
          for (const path of ['etc', 'up', 'inside', 'loop', 'pipe', 'passwd', 'model/up'])
            await site.refused('seed', request(path), {
              status: 400,
              words: 'leads through something that is not a folder',
            });
        },
        foundry: unread('foundry', ({ names: of }) => foundryReads(of), [
          'secret.parquet',
          'etc/passwd',
          'model/up/franca.db',
        ]),
        gateway: notFitting('serves no files'),
      },
    },
  ],
};
