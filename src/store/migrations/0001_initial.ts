import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** Everything of the first version. */
export function initial(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [
        ...accounts(columns),
        ...projects(columns),
        ...runs(columns),
        ...execution(columns),
        ...values(columns),
        ...metrics(columns),
        ...documents(columns),
        ...records(columns),
      ]);
    },
  };
}

function accounts({ counter, key, int, small, text, table, clustered }: Columns): string[] {
  return [
    `create table meta (name ${text} not null primary key, value ${text} not null) ${table}`,

    `create table workspace (
      key ${counter},
      name ${text} not null,
      next_project_number ${int} not null default 0,
      created_at ${key} not null
    ) ${table}`,
    'create unique index workspace_name on workspace (lower(name))',

    `create table account (
      key ${counter},
      id ${text} not null unique,
      name ${text} not null,
      is_superuser ${small} not null,
      created_at ${key} not null
    ) ${table}`,
    'create unique index account_name on account (lower(name))',

    `create table member (
      workspace_key ${key} not null references workspace (key) on delete cascade,
      user_key ${key} not null references account (key) on delete cascade,
      role ${text} not null,
      primary key (workspace_key, user_key)
    ) ${clustered}`,
    'create index member_user on member (user_key)',
  ];
}

function projects({ counter, key, int, small, text, table }: Columns): string[] {
  return [
    `create table project (
      key ${counter},
      id ${text} not null unique,
      workspace_key ${key} not null references workspace (key),
      number ${int} not null,
      name ${text} not null,
      slug ${text} not null,
      description ${text},
      is_public ${small} not null,
      created_by_key ${key} references account (key),
      created_by_name ${text} not null,
      next_run_number ${int} not null default 1,
      created_at ${key} not null,
      updated_at ${key} not null,
      deleted_at ${key},
      extensions ${text} not null
    ) ${table}`,
    'create unique index project_number on project (workspace_key, number)',
    'create unique index project_name on project (workspace_key, name)',
    'create unique index project_slug on project (workspace_key, slug)',
  ];
}

/** Lists are read in the order (created_at, key); each filter on equality has an index that goes on in that order. */
function runs({ counter, key, int, small, text, table }: Columns): string[] {
  return [
    `create table run (
      key ${counter},
      id ${text} not null unique,
      workspace_key ${key} not null references workspace (key),
      project_key ${key} not null references project (key),
      number ${int} not null,
      name ${text},
      description ${text},
      created_by_key ${key} references account (key),
      created_by_name ${text} not null,
      managed ${small} not null,
      desired_state ${text} not null,
      status ${text} not null,
      status_reason ${text},
      status_message ${text},
      attempt ${int} not null,
      spec_revision ${int},
      origin_key ${key} references run (key) on delete set null,
      origin_kind ${text},
      parent_key ${key} references run (key) on delete set null,
      parent_ref ${text},
      created_at ${key} not null,
      updated_at ${key} not null,
      started_at ${key},
      finished_at ${key},
      heartbeat_at ${key},
      deleted_at ${key},
      purge_at ${key},
      version ${int} not null,
      extensions ${text} not null
    ) ${table}`,
    'create unique index run_number on run (project_key, number)',
    'create index run_list on run (workspace_key, created_at, key) where deleted_at is null',
    'create index run_status on run (workspace_key, status, created_at, key) where deleted_at is null',
    'create index run_project on run (workspace_key, project_key, created_at, key) where deleted_at is null',
    `create index run_project_status on run (workspace_key, project_key, status, created_at, key)
      where deleted_at is null`,
    `create index run_unfinished on run (key) where (managed = 1 and status not in
      ('succeeded', 'failed', 'upstream_failed', 'stopped', 'skipped')) or purge_at is not null`,
    'create index run_origin on run (origin_key) where origin_key is not null',
    'create index run_parent on run (parent_key) where parent_key is not null',

    `create table token (
      hash ${text} not null primary key,
      user_key ${key} not null references account (key) on delete cascade,
      label ${text},
      run_key ${key} references run (key) on delete cascade,
      created_at ${key} not null,
      expires_at ${key}
    ) ${table}`,
    'create index token_user on token (user_key)',
    'create index token_run on token (run_key) where run_key is not null',
  ];
}

function execution({ counter, key, int, small, text, table }: Columns): string[] {
  return [
    `create table run_spec (
      run_key ${key} not null references run (key) on delete cascade,
      revision ${int} not null,
      source_dialect ${text} not null,
      source_media_type ${text} not null,
      source_text ${text} not null,
      body ${text} not null,
      created_at ${key} not null,
      primary key (run_key, revision)
    ) ${table}`,

    `create table attempt (
      position ${counter},
      run_key ${key} not null references run (key) on delete cascade,
      number ${int} not null,
      reason ${text} not null,
      submitted_revision ${int},
      admitted ${small} not null,
      created_at ${key} not null,
      unique (run_key, number)
    ) ${table}`,

    `create table job (
      key ${counter},
      id ${text} not null unique,
      run_key ${key} not null references run (key) on delete cascade,
      attempt ${int} not null,
      number ${int} not null,
      role ${text} not null,
      "index" ${int} not null,
      name ${text} not null,
      status ${text} not null,
      reason ${text},
      message ${text},
      exit_code ${key},
      signal ${text},
      node ${text},
      resources ${text} not null,
      retired ${small} not null,
      created_at ${key} not null,
      updated_at ${key} not null,
      started_at ${key},
      finished_at ${key},
      unique (run_key, number)
    ) ${table}`,

    `create table status_event (
      seq ${counter},
      run_key ${key} not null references run (key) on delete cascade,
      job_key ${key} references job (key) on delete cascade,
      attempt ${int} not null,
      status ${text} not null,
      effective ${small} not null,
      at ${key} not null,
      reason ${text},
      message ${text},
      traceback ${text},
      origin ${text} not null
    ) ${table}`,
    'create index status_event_run on status_event (run_key, job_key, seq)',
    'create index status_event_job on status_event (job_key) where job_key is not null',
  ];
}

/** The first 100 characters of a value are searched by index: PostgreSQL's entries are bounded in size. */
function values({ key, int, real, text, clustered }: Columns): string[] {
  return [
    `create table param (
      run_key ${key} not null references run (key) on delete cascade,
      key ${text} not null,
      position ${int} not null,
      type ${text} not null,
      text ${text} not null,
      number ${real},
      primary key (run_key, key)
    ) ${clustered}`,
    'create index param_position on param (run_key, position)',
    'create index param_number on param (key, number, run_key)',
    'create index param_text on param (key, substr(text, 1, 100), run_key)',

    `create table tag (
      run_key ${key} not null references run (key) on delete cascade,
      key ${text} not null,
      position ${int} not null,
      value ${text},
      primary key (run_key, key)
    ) ${clustered}`,
    'create index tag_position on tag (run_key, position)',
    'create index tag_value on tag (key, substr(value, 1, 100), run_key)',
  ];
}

/**
 * A point refers to its run without a foreign key: the check would cost as much as the insert. The run
 * is held while points are added, and takes them along when it is removed.
 */
function metrics({ counter, key, int, small, int64, real, text, table, clustered }: Columns): string[] {
  return [
    `create table metric_key (id ${counter}, name ${text} not null unique) ${table}`,

    `create table metric_counter (
      run_key ${key} not null primary key references run (key) on delete cascade,
      next_row ${key} not null,
      next_seq ${key} not null
    ) ${table}`,

    `create table metric_point (
      run_key ${key} not null,
      key_id ${int} not null,
      timestamp_ms ${int64} not null,
      timestamp_us ${small} not null,
      has_step ${small} not null,
      step ${int64} not null,
      seq ${key} not null,
      "row" ${key} not null,
      kind ${small} not null,
      value ${real},
      primary key (run_key, key_id, timestamp_ms, timestamp_us, has_step, step, seq)
    ) ${clustered}`,
    'create index metric_point_row on metric_point (run_key, "row", seq)',

    `create table metric_summary (
      run_key ${key} not null references run (key) on delete cascade,
      key_id ${int} not null,
      count ${key} not null,
      finite ${key} not null,
      min ${real},
      max ${real},
      last_kind ${small} not null,
      last_value ${real},
      last_has_step ${small} not null,
      last_step ${int64} not null,
      last_timestamp_ms ${int64} not null,
      last_timestamp_us ${small} not null,
      last_seq ${key} not null,
      updated_at ${key} not null,
      primary key (run_key, key_id)
    ) ${clustered}`,
    'create index metric_summary_last on metric_summary (key_id, last_value, run_key)',
  ];
}

function documents({ counter, key, text, table }: Columns): string[] {
  return [
    `create table environment (
      sequence ${counter},
      workspace_key ${key} not null references workspace (key),
      name ${text} not null,
      image ${text},
      docker_image ${text},
      description ${text},
      document ${text} not null,
      created_at ${key} not null,
      updated_at ${key} not null
    ) ${table}`,
    'create unique index environment_name on environment (workspace_key, name)',

    `create table template (
      sequence ${counter},
      workspace_key ${key} not null references workspace (key),
      name ${text} not null,
      document ${text} not null,
      created_at ${key} not null,
      updated_at ${key} not null
    ) ${table}`,
    'create unique index template_name on template (workspace_key, name)',
  ];
}

function records({ counter, key, text, table, clustered }: Columns): string[] {
  return [
    `create table idempotency_key (
      workspace_key ${key} not null references workspace (key),
      user_key ${key} not null references account (key),
      key ${text} not null,
      request_hash ${text} not null,
      run_key ${key} not null references run (key) on delete cascade,
      expires_at ${key} not null,
      primary key (workspace_key, user_key, key)
    ) ${clustered}`,
    'create index idempotency_key_expiry on idempotency_key (expires_at)',
    'create index idempotency_key_run on idempotency_key (run_key)',

    `create table audit_event (
      key ${counter},
      actor ${text} not null,
      action ${text} not null,
      entity ${text} not null,
      at ${key} not null
    ) ${table}`,
    'create index audit_event_entity on audit_event (entity, key)',
  ];
}
