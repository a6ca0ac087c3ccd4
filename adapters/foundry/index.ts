import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { renderError } from './errors.js';
import { jobEnvironment } from './job.js';
import { addExperimentRoutes } from './routes/experiments.js';
import { addSeriesRoutes } from './routes/series.js';
import { addTableRoutes } from './routes/tables.js';
import { errorResponse } from './wire/errors.js';

/** The largest body: far above any search. */
const maxBodyBytes = 1024 * 1024;

/** The part of Palantir Foundry's API that reads experiments, as its documentation shows it and its SDK 1.77 and later need it. */
export function createFoundryAdapter(deps: AdapterDeps): Adapter {
  const dialect = createDialectApp({
    deps,
    title: 'Franca: Foundry',
    description: 'The API of Palantir Foundry’s model experiments, spoken by Franca.',
    contentType: 'application/json',
    checksAccept: false,
    maxBodyBytes,
    errorSchema: errorResponse,
    renderError,
  });
  addExperimentRoutes(dialect);
  addSeriesRoutes(dialect);
  addTableRoutes(dialect);
  return {
    name: 'foundry',
    app: dialect.app,
    document: dialect.document,
    jobEnvironment: (told) => jobEnvironment(told, deps.settings),
  };
}
