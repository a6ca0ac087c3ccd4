import type { RawRequest } from '../support/raw-http.js';
import type { Names } from './site.js';

/** A request that takes a path, and what its answer calls that. */
export interface Door {
  readonly field: string;
  request(path: string): RawRequest;
}

/** The run's experiment as Polyaxon's clients name it. */
export const polyaxonRun = '/api/v1/root/p/experiments/1';

/** What stands between a model and a file of it. */
export const foundryRun = ({ modelRid, experimentRid }: Names) =>
  `/api/v2/models/${modelRid}/experiments/${experimentRid}`;

/** A form with one file, as `curl -F` sends it. */
export function form(
  part: string,
  fileName: string,
  content: string | Buffer,
  type?: string,
): Partial<RawRequest> {
  const head = `--b\r\nContent-Disposition: form-data; name="${part}"; filename="${fileName}"\r\n`;
  const typed = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return {
    body: Buffer.concat([
      Buffer.from(`${head}${typed}\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n--b--\r\n'),
    ]),
    type: 'multipart/form-data; boundary=b',
  };
}

function door(method: string, field: string, pathOf: (path: string) => string, body?: string): Door {
  return {
    field,
    request: (path) => ({ method, path: pathOf(path), ...(body === undefined ? {} : { body, type: null }) }),
  };
}

/** MLflow's proxy of artifacts, at the address of clients and at that of pages. */
export const proxies = ['/api/2.0/mlflow-artifacts/artifacts', '/ajax-api/2.0/mlflow-artifacts/artifacts'];

/** Where the proxy keeps the files of the run and of the logged model. */
export const proxied = ({ experiment, run, loggedModel }: Names): readonly string[] =>
  proxies.flatMap((proxy) => [
    `${proxy}/${experiment}/${run}/artifacts`,
    `${proxy}/${experiment}/models/${loggedModel}/artifacts`,
  ]);

/** What MLflow's clients and pages read files and folders by. */
export function mlflowReads(names: Names): readonly Door[] {
  const { experiment, run, loggedModel } = names;
  return [
    door('GET', 'path', (path) => `/get-artifact?run_id=${run}&path=${path}`),
    door('GET', 'path', (path) => `/get-artifact?run_uuid=${run}&path=${path}`),
    ...['/api', '/ajax-api'].flatMap((api) => [
      door('GET', 'path', (path) => `${api}/2.0/mlflow/artifacts/list?run_id=${run}&path=${path}`),
      door(
        'GET',
        'artifact_directory_path',
        (path) =>
          `${api}/2.0/mlflow/logged-models/${loggedModel}/artifacts/directories?artifact_directory_path=${path}`,
      ),
    ]),
    ...proxies.map((proxy) =>
      door('GET', 'path', (path) => `${proxy}?path=${experiment}/${run}/artifacts/${path}`),
    ),
    ...proxied(names).map((root) => door('GET', 'path', (path) => `${root}/${path}`)),
  ];
}

/** What they write and remove files by. */
export function mlflowWrites(names: Names): readonly Door[] {
  return [
    door(
      'POST',
      'path',
      (path) => `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${names.run}&path=${path}`,
      'x',
    ),
    ...proxied(names).flatMap((root) => [
      door('PUT', 'path', (path) => `${root}/${path}`, 'x'),
      door('DELETE', 'path', (path) => `${root}/${path}`),
    ]),
  ];
}

/** The upload of MLflow's small face: into a folder. */
export function seedUpload({ run }: Names): Door {
  return {
    field: 'artifact_path',
    request: (path) => ({
      method: 'POST',
      path: `/api/v1/experiments/runs/${run}/log-artifact?artifact_path=${path}`,
      ...form('file', 'x', 'x'),
    }),
  };
}

/** Polyaxon's outputs. */
export const polyaxonReads: readonly Door[] = ['tree', 'files'].map((what) =>
  door('GET', 'path', (path) => `${polyaxonRun}/outputs/${what}?path=${path}`),
);

/** Foundry's tables, whose slashes are sent in percent signs. */
export function foundryReads(names: Names): readonly Door[] {
  return ['json', 'parquet'].map((what) =>
    door(
      'GET',
      'experimentArtifactTableName',
      (path) => `${foundryRun(names)}/artifactTables/${path.replaceAll('/', '%2F')}/${what}?preview=true`,
    ),
  );
}

/** Where Submarine's clients put the id of an experiment, an environment or a template: it names no file. */
export const submarineIds: readonly Door[] = [
  ['GET', '/api/v1/experiment/', 'Not found experiment.'],
  ['GET', '/api/v1/experiment/logs/', 'Not found experiment.'],
  ['DELETE', '/api/v1/experiment/', 'Not found experiment.'],
  ['DELETE', '/api/v1/environment/', 'Environment not found.'],
  ['DELETE', '/api/v1/template/', 'ExperimentTemplate not found.'],
].map(([method = '', at = '', field = '']) =>
  door(method, field, (path) => `${at}${path.replaceAll('/', '%2F')}`),
);

/** What the gateway takes of a path. */
export const gatewayReads: readonly Door[] = [
  door('GET', 'dialect', (path) => `/openapi/${path.replaceAll('/', '%2F')}`),
  door('GET', 'there is no GET', (path) => `/files/${path.replaceAll('/', '%2F')}`),
];

/** True for an address that names `.` or `..` in its path, in letters or in percent signs: no route sees it. */
export function namesDots({ path }: RawRequest): boolean {
  return /\/(\.|%2e){1,2}(\/|$)/i.test(path.split('?')[0] ?? '');
}
