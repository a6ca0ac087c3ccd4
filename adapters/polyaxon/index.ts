import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { renderError } from './errors.js';
import { jobEnvironment } from './job.js';
import { addAccountRoutes } from './routes/accounts.js';
import { addActionRoutes } from './routes/actions.js';
import { addBookmarkRoutes } from './routes/bookmarks.js';
import { addCloneRoutes } from './routes/clones.js';
import { addClusterRoutes } from './routes/cluster.js';
import { addCodeRoutes } from './routes/code.js';
import { addExperimentRoutes } from './routes/experiments.js';
import { addHistoryRoutes } from './routes/histories.js';
import { addJobRoutes } from './routes/jobs.js';
import { addLogRoutes } from './routes/logs.js';
import { addOutputRoutes } from './routes/outputs.js';
import { addProjectRoutes } from './routes/projects.js';
import { addResourceRoutes } from './routes/resources.js';
import { addTensorboardPageRoutes } from './routes/tensorboard-pages.js';
import { addTensorboardRoutes } from './routes/tensorboards.js';
import { unsupportedPath } from './translate/unsupported.js';
import { errorResponse } from './wire/errors.js';

/** The largest body: room for a second's metrics and logs of a busy tracking client, and for a Git diff. */
const maxBodyBytes = 8 * 1024 * 1024;

/** The REST API of Polyaxon 0.5 and 0.6, as its documentation shows it and as its client and CLI need it. */
export function createPolyaxonAdapter(deps: AdapterDeps): Adapter {
  const dialect = createDialectApp({
    deps,
    title: 'Franca: Polyaxon',
    description: 'The REST API of Polyaxon 0.5, spoken by Franca.',
    contentType: 'application/json',
    checksAccept: false,
    maxBodyBytes,
    errorSchema: errorResponse,
    renderError,
    unknownRoute: unsupportedPath,
  });
  // Those with fixed names come before those that begin with an owner.
  addAccountRoutes(dialect, deps);
  addBookmarkRoutes(dialect, deps);
  addClusterRoutes(dialect, deps);
  addActionRoutes(dialect);
  addExperimentRoutes(dialect, deps);
  addCloneRoutes(dialect);
  addHistoryRoutes(dialect, deps);
  addLogRoutes(dialect);
  addJobRoutes(dialect, deps);
  addResourceRoutes(dialect);
  addOutputRoutes(dialect);
  addTensorboardRoutes(dialect, deps);
  addTensorboardPageRoutes(dialect);
  addCodeRoutes(dialect);
  addProjectRoutes(dialect, deps);
  return {
    name: 'polyaxon',
    app: dialect.app,
    document: dialect.document,
    jobEnvironment: (told) => jobEnvironment(told, deps.settings),
  };
}
