import type { DialectApp } from '../../../src/http/dialect-app.js';
import { environments } from '../../../src/services/documents/documents.js';
import { fromEnvironment, toEnvironment } from '../translate/environment.js';
import { environmentListResponse, environmentResponse, environmentSpecInput } from '../wire/environment.js';
import { addDocumentRoutes, documentRoutes } from './documents.js';

/** Documented and served: stored environments, by name. */
export const environmentRoutes = documentRoutes({
  path: '/api/v1/environment',
  tag: 'environment',
  one: 'an environment',
  many: 'environments',
  operationIds: {
    create: 'createEnvironment',
    list: 'listEnvironment',
    get: 'getEnvironment',
    patch: 'updateEnvironment',
    delete: 'deleteEnvironment',
  },
  input: environmentSpecInput,
  response: environmentResponse,
  listResponse: environmentListResponse,
});

/** Adds the routes of environments. */
export function addEnvironmentRoutes(app: DialectApp): void {
  addDocumentRoutes(app, environmentRoutes, {
    verbs: environments,
    toCore: toEnvironment,
    fromCore: fromEnvironment,
    emptySpec: 'Invalid environment spec.',
  });
}
