import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import { createDialectApp } from '../../src/http/dialect-app.js';
import { createRecordIntake } from '../../src/services/intake/record-intake.js';
import { renderError } from './errors.js';
import { jobEnvironment } from './job.js';
import { addArtifactRoutes } from './routes/artifacts.js';
import { addEnvironmentRoutes } from './routes/environments.js';
import { addExperimentRoutes } from './routes/experiments.js';
import { addLoginRoute } from './routes/login.js';
import { addLogRoutes } from './routes/logs.js';
import { addServiceRoutes } from './routes/services.js';
import { addTemplateRoutes } from './routes/templates.js';
import { addTrackingRoutes } from './routes/tracking.js';
import { recordDatabase } from './translate/records.js';
import { errorResponse } from './wire/envelope.js';

/** The largest body: far above any spec, and little enough to be parsed at once. */
const maxBodyBytes = 1024 * 1024;

/** Apache Submarine's REST API, as its documentation of 0.5 shows it and its SDK 0.8 needs it. */
export function createSubmarineAdapter(deps: AdapterDeps): Adapter {
  const { createdAtMs: storeCreatedAtMs } = deps.ports.store;
  const dialect = createDialectApp({
    deps,
    title: 'Franca: Submarine',
    description: 'The REST API of Apache Submarine, spoken by Franca.',
    contentType: 'application/json;charset=utf-8',
    checksAccept: true,
    maxBodyBytes,
    errorSchema: errorResponse,
    renderError,
  });
  // Those with fixed names come before `/experiment/{id}`.
  addServiceRoutes(dialect);
  addArtifactRoutes(dialect);
  addLogRoutes(dialect);
  addExperimentRoutes(dialect);
  addEnvironmentRoutes(dialect);
  addTemplateRoutes(dialect);
  addTrackingRoutes(dialect);
  addLoginRoute(dialect, deps);
  return {
    name: 'submarine',
    app: dialect.app,
    document: dialect.document,
    jobEnvironment: ({ run, inbox }) =>
      jobEnvironment(run, { storeCreatedAtMs, jobUrl: deps.settings.jobUrl, inbox }),
    takeIn: createRecordIntake(deps.ports, recordDatabase(storeCreatedAtMs)),
  };
}
