import type { Adapter, AdapterDeps, Fetchable } from '../../src/http/adapter.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { addressedPath } from '../../src/http/url.js';
import { joinDocuments } from './document.js';
import { renderError } from './errors.js';
import { jobEnvironment } from './job.js';
import { addArtifactRoutes } from './routes/artifacts.js';
import { inWorkspaces } from './routes/common.js';
import { addDatasetRoutes } from './routes/datasets.js';
import { addExperimentRoutes } from './routes/experiments.js';
import { addModelRoutes } from './routes/logged-models.js';
import { addLoggingRoutes } from './routes/logging.js';
import { addMetricRoutes } from './routes/metrics.js';
import { addRunRoutes } from './routes/runs.js';
import { addSystemRoutes } from './routes/system.js';
import { renderError as renderSeedError } from './seed/errors.js';
import { addSeedRoutes } from './seed/routes.js';
import { errorResponse as seedErrorResponse } from './seed/wire.js';
import { errorResponse } from './wire/errors.js';

/** What the client sends at once is less than 1 MB (`mlflow.utils.validation`); profiles of datasets are larger. */
const maxBodyBytes = 20 * 1024 * 1024;

/** Where the small API of seed 003 is; all other paths are the tracking server's. */
const seedPath = '/api/v1/';

/** MLflow's tracking API as its clients of 2 and 3 need it, and the small API of seed 003, over the same runs. */
export function createMlflowAdapter(deps: AdapterDeps): Adapter {
  const common = { deps, checksAccept: false, maxBodyBytes } as const;
  const tracking = createDialectApp({
    ...common,
    title: 'Franca: MLflow',
    description: 'The tracking API of MLflow, spoken by Franca.',
    contentType: 'application/json',
    errorSchema: errorResponse,
    renderError,
  });
  const app = inWorkspaces(tracking);
  addExperimentRoutes(app);
  addRunRoutes(app);
  addLoggingRoutes(app);
  addMetricRoutes(app);
  addDatasetRoutes(app);
  addModelRoutes(app);
  addArtifactRoutes(app);
  addSystemRoutes(app);

  const seed = createDialectApp({
    ...common,
    title: 'Franca: experiment tracking',
    description: 'A small API of experiments and runs, over the same as the tracking API.',
    contentType: 'application/json',
    errorSchema: seedErrorResponse,
    renderError: renderSeedError,
  });
  addSeedRoutes(inWorkspaces(seed));

  const both: Fetchable = {
    fetch(request, bindings) {
      const path = addressedPath(request, bindings?.incoming?.url);
      return (path.startsWith(seedPath) ? seed : tracking).app.fetch(request, bindings);
    },
  };
  return {
    name: 'mlflow',
    app: both,
    document: () => joinDocuments(tracking.document(), seed.document()),
    jobEnvironment: (told) => jobEnvironment(told, deps.settings),
  };
}
