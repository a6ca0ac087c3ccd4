import type { DialectApp } from '../../../src/http/dialect-app.js';
import { templates } from '../../../src/services/documents/documents.js';
import { fromTemplate, toTemplate } from '../translate/template.js';
import { templateListResponse, templateResponse, templateSpecInput } from '../wire/template.js';
import { addDocumentRoutes, documentRoutes } from './documents.js';

/** Documented and served: stored templates, by name. */
export const templateRoutes = documentRoutes({
  path: '/api/v1/template',
  tag: 'experiment-template',
  one: 'a template',
  many: 'templates',
  operationIds: {
    create: 'createExperimentTemplate',
    list: 'listExperimentTemplate',
    get: 'getExperimentTemplate',
    patch: 'patchExperimentTemplate',
    delete: 'deleteExperimentTemplate',
  },
  input: templateSpecInput,
  response: templateResponse,
  listResponse: templateListResponse,
});

/** Adds the routes of templates. */
export function addTemplateRoutes(app: DialectApp): void {
  addDocumentRoutes(app, templateRoutes, {
    verbs: templates,
    toCore: toTemplate,
    fromCore: fromTemplate,
    emptySpec: 'Invalid experimentTemplate spec.',
  });
}
