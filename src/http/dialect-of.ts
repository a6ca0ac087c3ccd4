/** Every API that Franca knows; those without an adapter are refused by name. */
export const dialectNames = ['submarine', 'polyaxon', 'mlflow', 'foundry'] as const;

export type KnownDialect = (typeof dialectNames)[number];

/** Who answers a request: a dialect, or the gateway itself. */
export type Answerer = KnownDialect | 'gateway';

/** What decides who answers. */
export interface RequestHead {
  readonly method: string;
  /** As `tidyPath` gives it. */
  readonly path: string;
  readonly authorization: string | undefined;
}

/** First segments under `/api/v1` that belong to a dialect. All others there are names of Polyaxon's owners. */
const underApiV1: ReadonlyMap<string, KnownDialect> = new Map([
  ['experiment', 'submarine'],
  ['environment', 'submarine'],
  ['template', 'submarine'],
  ['notebook', 'submarine'],
  ['serve', 'submarine'],
  ['registered-model', 'submarine'],
  ['model-version', 'submarine'],
  ['internal', 'submarine'],
  ['experiments', 'mlflow'],
]);

/** Words that stand where an owner's name does; no user and no workspace may have one of them, in any case. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...underApiV1.keys(),
  'archives',
  'bookmarks',
  'cluster',
  'log_handler',
  'nodes',
  'projects',
  'superusers',
  'users',
  'versions',
]);

/** Second segments under `/api`, but for `v1`. */
const underApi: ReadonlyMap<string, KnownDialect> = new Map([
  ['auth', 'submarine'],
  ['metric', 'submarine'],
  ['param', 'submarine'],
  ['2.0', 'mlflow'],
  ['3.0', 'mlflow'],
  ['v2', 'foundry'],
]);

/** First segments outside `/api`. */
const outsideApi: ReadonlyMap<string, KnownDialect> = new Map([
  ['ajax-api', 'mlflow'],
  ['get-artifact', 'mlflow'],
  ['version', 'mlflow'],
  ['tensorboard', 'polyaxon'],
]);

/** Polyaxon's clients, and they alone, send this scheme; `GET /api/v1/experiments` is theirs and MLflow's. */
const polyaxonScheme = /^\s*token\s/i;

function ofApiV1(segment: string, { method, path, authorization }: RequestHead): KnownDialect {
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && path === '/api/v1/experiments' && polyaxonScheme.test(authorization ?? '')) return 'polyaxon';
  return underApiV1.get(segment) ?? 'polyaxon';
}

/**
 * Decides before any routing who answers, so that errors too speak the right dialect. Segments are
 * compared whole and with case. Every path that no dialect claims is the gateway's.
 */
export function dialectOf(head: RequestHead): Answerer {
  const [, first = '', second = '', third = ''] = head.path.split('/', 4);
  if (first === 'api' && second === 'v1') return ofApiV1(third, head);
  if (first === 'api') return underApi.get(second) ?? 'gateway';
  if (first === 'ws' && second === 'v1') return 'polyaxon';
  return outsideApi.get(first) ?? 'gateway';
}
