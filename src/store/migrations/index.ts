import type { Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { initial } from './0001_initial.js';
import { tracking } from './0002_tracking.js';
import { code } from './0003_code.js';
import { services } from './0004_services.js';
import { facets } from './0005_facets.js';
import { runNames } from './0006_run_names.js';
import { projectSearch } from './0007_project_search.js';
import { inputs } from './0008_inputs.js';
import { jobRecords } from './0008_job_records.js';
import { loggedModels } from './0009_logged_models.js';
import { runBegan } from './0010_run_began.js';
import { fileDigests } from './0011_file_digests.js';

/**
 * Every migration by its name, in order. A migration that was released is never changed; what comes
 * later is a new one.
 */
export function migrationsFor(engine: Engine): Readonly<Record<string, Migration>> {
  return {
    '0001_initial': initial(engine),
    '0002_tracking': tracking(engine),
    '0003_code': code(engine),
    '0004_services': services(engine),
    '0005_facets': facets(engine),
    '0006_run_names': runNames(engine),
    '0007_project_search': projectSearch(engine),
    '0008_inputs': inputs(engine),
    '0008_job_records': jobRecords(engine),
    '0009_logged_models': loggedModels(engine),
    '0010_run_began': runBegan(engine),
    '0011_file_digests': fileDigests(engine),
  };
}
