import type { Face } from './faces.js';
import type { AttackSite, Names } from './site.js';

/** A route as the documents describe it, with its path filled by what there is. */
export interface ServedRoute {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** The media types that it takes; none without a body. */
  readonly takes: readonly string[];
  /** True where it asks for credentials. */
  readonly secured: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Where the document of a face is; the gateway's own routes are in that of all. */
const documentOf: Readonly<Record<Face, string>> = {
  polyaxon: '/openapi/polyaxon.json',
  submarine: '/openapi/submarine.json',
  mlflow: '/openapi/mlflow.json',
  seed: '/openapi/mlflow.json',
  foundry: '/openapi/foundry.json',
  gateway: '/openapi.json',
};

const belongs = (face: Face, path: string): boolean => {
  if (face === 'mlflow') return !path.startsWith('/api/v1/');
  if (face === 'seed') return path.startsWith('/api/v1/');
  if (face === 'gateway') return /^\/($|health|livez|readyz|openapi|v1\/)/.test(path);
  return true;
};

/** What each parameter of a path is filled with. */
function filled(face: Face, path: string, names: Names): string {
  const id =
    face === 'submarine' ? names.submarine : face === 'seed' && path.includes('/runs/') ? names.run : '1';
  return path
    .replace('{username}', 'root')
    .replace('{project_name}', 'p')
    .replace('{id}', id)
    .replace('{modelRid}', names.modelRid)
    .replace('{experimentRid}', names.experimentRid)
    .replace('{experimentSeriesName}', 'loss')
    .replace('{experimentArtifactTableName}', 't.parquet')
    .replace('{artifact_path}', `${names.experiment}/${names.run}/artifacts/model/weights`)
    .replace('{model_id}', names.loggedModel)
    .replace('{dialect}', 'mlflow.json')
    .replace(/\{\w+\}/g, '1');
}

/** Every route of a face; MLflow's at the address of clients and at that of pages. */
export async function routesOf(face: Face, { send, names }: AttackSite): Promise<readonly ServedRoute[]> {
  const { text } = await send({ method: 'GET', path: documentOf[face] });
  const { paths } = JSON.parse(text) as Document;
  return Object.entries(paths)
    .filter(([path]) => belongs(face, path))
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { operationId, security = [], requestBody }]) => {
        const at = filled(face, path, names);
        const preview = face === 'foundry' ? `${at}?preview=true` : at;
        const addresses =
          face === 'mlflow' && at.startsWith('/api/') ? [at, at.replace('/api/', '/ajax-api/')] : [preview];
        return addresses.map((address) => ({
          operationId,
          method: method.toUpperCase(),
          path: address,
          takes: Object.keys(requestBody?.content ?? {}),
          secured: security.length > 0,
        }));
      }),
    );
}

/** The routes that take JSON. */
export async function jsonRoutes(face: Face, site: AttackSite): Promise<readonly ServedRoute[]> {
  return (await routesOf(face, site)).filter(({ takes }) => takes.includes('application/json'));
}
