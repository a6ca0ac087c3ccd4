import { polyaxonRun, proxied, proxies } from '../doors.js';
import type { Face } from '../faces.js';
import { notFitting, type Row, type Tried } from '../matrix.js';
import type { Names } from '../site.js';

type Deletion = readonly [path: string, status: number, words: string];

const deletes =
  (face: Face, deletions: (names: Names) => readonly Deletion[]): Tried =>
  async (site) => {
    for (const [path, status, words] of deletions(site.names))
      await site.refused(face, { method: 'DELETE', path }, { status, words });
  };

/** Whoever is named by a dot is named by the address that it leads to, and that is not asked for. */
const dots = (...paths: readonly string[]): readonly Deletion[] =>
  paths.flatMap((path) =>
    ['.', './', '%2e', '..', '%2E%2e/'].map((end) => [`${path}/${end}`, 400, 'the names . and ..'] as const),
  );

const notAllowed = (...paths: readonly string[]): readonly Deletion[] =>
  paths.map((path) => [path, 405, 'DELETE is not allowed here']);

export const emptying: Row = {
  title: 'deleting artifacts/.',
  attacks: [
    {
      name: 'the whole by its dot, or by no name at all',
      cells: {
        polyaxon: deletes('polyaxon', () => [
          ...dots('/api/v1/root/p/experiments', '/api/v1/root/p', '/api/v1/root', polyaxonRun),
          ...notAllowed('/api/v1/root/p/experiments/', '/api/v1/root/', `${polyaxonRun}/outputs/`),
        ]),
        submarine: deletes('submarine', () => [
          ...dots('/api/v1/experiment', '/api/v1/environment', '/api/v1/template'),
          ...notAllowed('/api/v1/experiment/', '/api/v1/environment/', '/api/v1/template/'),
        ]),
        mlflow: deletes('mlflow', (names) => [
          ...proxied(names).flatMap((root) => [
            ...dots(root, `${root}/model`),
            [root, 400, "'path' supplied: must name a file or folder"] as const,
            [`${root}/`, 400, "'path' supplied: must name a file or folder"] as const,
            [`${root}//`, 400, "'path' supplied: must name a file or folder"] as const,
          ]),
          ...proxies.flatMap((proxy) => [
            ...dots(proxy),
            [proxy, 405, 'DELETE is not allowed here'] as const,
            [`${proxy}/`, 404, 'ENDPOINT_NOT_FOUND'] as const,
            ...[
              '%2f',
              names.experiment,
              `${names.experiment}/`,
              `${names.experiment}/${names.run}`,
              `${names.experiment}/models`,
              `${names.experiment}/models/${names.loggedModel}`,
            ].map((place) => [`${proxy}/${place}`, 404, 'RESOURCE_DOES_NOT_EXIST'] as const),
          ]),
        ]),
        seed: deletes('seed', () => [
          ...dots('/api/v1/experiments', '/api/v1/experiments/runs'),
          ...notAllowed('/api/v1/experiments/'),
          ['/api/v1/experiments/runs/', 400, 'id'],
        ]),
        foundry: notFitting('deletes nothing'),
        gateway: notFitting('deletes nothing'),
      },
    },
  ],
};
