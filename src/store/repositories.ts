import type { Repositories } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { createAccounts } from './accounts.js';
import { createAttempts } from './attempts.js';
import { createAudit } from './audit.js';
import { createBookmarks } from './bookmarks.js';
import { createDigests } from './digests.js';
import { createEnvironments, createTemplates } from './documents.js';
import { createIdempotency } from './idempotency.js';
import { createInputs } from './inputs.js';
import { createIntakes } from './intakes.js';
import { createJobs } from './jobs.js';
import { createLoggedModels } from './logged-models.js';
import { createMeasurements } from './measurements.js';
import { createMetrics } from './metrics.js';
import { createModelLinks } from './model-links.js';
import { createModelParams } from './model-params.js';
import { createParams } from './params.js';
import { createProjects } from './projects.js';
import { createRuns } from './runs.js';
import { createServices } from './services.js';
import { createSpecs } from './specs.js';
import type { Session } from './statement.js';
import { createStatuses } from './statuses.js';
import { createModelTags, createProjectTags, createTags } from './tags.js';

/** All repositories over one session. */
export function createRepositories(session: Session, now: () => Micros): Repositories {
  return {
    accounts: createAccounts(session),
    projects: createProjects(session),
    runs: createRuns(session, now),
    specs: createSpecs(session),
    attempts: createAttempts(session),
    jobs: createJobs(session),
    statuses: createStatuses(session),
    params: createParams(session),
    tags: createTags(session),
    projectTags: createProjectTags(session),
    metrics: createMetrics(session),
    inputs: createInputs(session),
    loggedModels: createLoggedModels(session),
    modelParams: createModelParams(session),
    modelTags: createModelTags(session),
    measurements: createMeasurements(session),
    modelLinks: createModelLinks(session),
    digests: createDigests(session),
    intakes: createIntakes(session),
    bookmarks: createBookmarks(session),
    services: createServices(session),
    environments: createEnvironments(session),
    templates: createTemplates(session),
    idempotency: createIdempotency(session),
    audit: createAudit(session),
  };
}
