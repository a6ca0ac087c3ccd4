import type { Generated } from 'kysely';
import type { ArtifactPath, ArtifactRoot } from '../core/artifact-path.js';
import type {
  DatasetKey,
  JobId,
  JobKey,
  ProjectId,
  ProjectKey,
  RunId,
  RunKey,
  ServiceId,
  ServiceKey,
  UserKey,
  WorkspaceKey,
} from '../core/ids.js';
import type { Attempt, AuditEvent, MemberRole, Run } from '../core/model.js';
import type { ParamType } from '../core/params.js';
import type { Service, ServiceKind, ServiceStatus } from '../core/service.js';
import type { DialectName } from '../core/spec.js';
import type { Origin, Reason, Status } from '../core/status.js';
import type { Micros } from '../core/time.js';
import type { Flag, Int64 } from './column-types.js';
import type { LoggedModelTables } from './logged-model-schema.js';

/*
 * The tables as TypeScript sees them, the same for both databases. Truth values are 0 and 1, times are
 * microseconds, documents are JSON text.
 */

interface MetaTable {
  name: string;
  value: string;
}

interface WorkspaceTable {
  key: Generated<WorkspaceKey>;
  name: string;
  next_project_number: Generated<number>;
  created_at: Micros;
}

interface AccountTable {
  key: Generated<UserKey>;
  id: string;
  name: string;
  is_superuser: Flag;
  created_at: Micros;
}

interface MemberTable {
  workspace_key: WorkspaceKey;
  user_key: UserKey;
  role: MemberRole;
}

interface TokenTable {
  hash: string;
  user_key: UserKey;
  label: string | null;
  run_key: RunKey | null;
  created_at: Micros;
  expires_at: Micros | null;
}

interface ProjectTable {
  key: Generated<ProjectKey>;
  id: ProjectId;
  workspace_key: WorkspaceKey;
  number: number;
  name: string;
  slug: string;
  description: string | null;
  is_public: Flag;
  created_by_key: UserKey | null;
  created_by_name: string;
  next_run_number: Generated<number>;
  created_at: Micros;
  updated_at: Micros;
  deleted_at: Micros | null;
  purge_at: Micros | null;
  code_root: ArtifactRoot | null;
  extensions: string;
}

interface RunTable {
  key: Generated<RunKey>;
  id: RunId;
  /** The project's workspace, repeated here so that one index serves the list of a workspace. */
  workspace_key: WorkspaceKey;
  project_key: ProjectKey;
  number: number;
  name: string | null;
  description: string | null;
  created_by_key: UserKey | null;
  created_by_name: string;
  managed: Flag;
  desired_state: Run['desiredState'];
  status: Status;
  status_reason: Reason | null;
  status_message: string | null;
  attempt: number;
  spec_revision: number | null;
  origin_key: RunKey | null;
  origin_kind: Run['originKind'];
  parent_key: RunKey | null;
  parent_ref: string | null;
  /** null: its own. */
  artifact_root: RunId | null;
  /** As JSON. */
  code_ref: string | null;
  /** The commit of `code_ref`, for searches. */
  code_commit: string | null;
  framework: string | null;
  backend: string | null;
  group_ref: string | null;
  build_ref: string | null;
  code_root: ArtifactRoot | null;
  created_at: Micros;
  updated_at: Micros;
  started_at: Micros | null;
  finished_at: Micros | null;
  heartbeat_at: Micros | null;
  deleted_at: Micros | null;
  archived_at: Micros | null;
  purge_at: Micros | null;
  version: number;
  extensions: string;
}

interface RunSpecTable {
  run_key: RunKey;
  revision: number;
  source_dialect: DialectName;
  source_media_type: string;
  source_text: string;
  /** Everything of the spec but its source, as JSON. */
  body: string;
  created_at: Micros;
}

interface AttemptTable {
  position: Generated<number>;
  run_key: RunKey;
  number: number;
  reason: Attempt['reason'];
  submitted_revision: number | null;
  admitted: Flag;
  created_at: Micros;
}

interface JobTable {
  key: Generated<JobKey>;
  id: JobId;
  run_key: RunKey;
  attempt: number;
  number: number;
  role: string;
  index: number;
  name: string;
  status: Status;
  reason: Reason | null;
  message: string | null;
  exit_code: number | null;
  signal: string | null;
  node: string | null;
  resources: string;
  retired: Flag;
  created_at: Micros;
  updated_at: Micros;
  started_at: Micros | null;
  finished_at: Micros | null;
}

interface StatusEventTable {
  seq: Generated<number>;
  run_key: RunKey;
  job_key: JobKey | null;
  attempt: number;
  status: Status;
  effective: Flag;
  at: Micros;
  reason: Reason | null;
  message: string | null;
  traceback: string | null;
  /** As JSON. */
  details: string | null;
  origin: Origin;
}

interface ParamTable {
  run_key: RunKey;
  key: string;
  position: number;
  type: ParamType;
  text: string;
  number: number | null;
}

interface TagTable {
  run_key: RunKey;
  key: string;
  position: number;
  value: string | null;
}

interface ProjectTagTable {
  project_key: ProjectKey;
  key: string;
  position: number;
  value: string | null;
}

interface MetricKeyTable {
  id: Generated<number>;
  name: string;
}

/** What the next point of a run will be numbered; kept out of the run's own wide and indexed row. */
interface MetricCounterTable {
  run_key: RunKey;
  next_row: number;
  next_seq: number;
}

interface MetricPointTable {
  run_key: RunKey;
  key_id: number;
  timestamp_ms: Int64;
  timestamp_us: number;
  /** 0 for a point without a step, which comes before every step; `step` is then 0. */
  has_step: Flag;
  step: Int64;
  seq: number;
  row: number;
  /** The place of the kind in `pointKinds`. */
  kind: number;
  value: number | null;
}

interface MetricSummaryTable {
  run_key: RunKey;
  key_id: number;
  count: number;
  finite: number;
  min: number | null;
  max: number | null;
  last_kind: number;
  last_value: number | null;
  last_has_step: Flag;
  last_step: Int64;
  last_timestamp_ms: Int64;
  last_timestamp_us: number;
  last_seq: number;
  updated_at: Micros;
}

interface EnvironmentTable {
  sequence: Generated<number>;
  workspace_key: WorkspaceKey;
  name: string;
  image: string | null;
  docker_image: string | null;
  description: string | null;
  document: string;
  created_at: Micros;
  updated_at: Micros;
}

interface TemplateTable {
  sequence: Generated<number>;
  workspace_key: WorkspaceKey;
  name: string;
  document: string;
  created_at: Micros;
  updated_at: Micros;
}

interface IdempotencyKeyTable {
  workspace_key: WorkspaceKey;
  user_key: UserKey;
  key: string;
  request_hash: string;
  run_key: RunKey;
  expires_at: Micros;
}

interface AuditEventTable {
  key: Generated<number>;
  actor: string;
  action: AuditEvent['action'];
  entity: string;
  at: Micros;
}

interface RunBookmarkTable {
  user_key: UserKey;
  run_key: RunKey;
  created_at: Micros;
}

interface ProjectBookmarkTable {
  user_key: UserKey;
  project_key: ProjectKey;
  created_at: Micros;
}

interface ServiceTable {
  key: Generated<ServiceKey>;
  id: ServiceId;
  project_key: ProjectKey;
  run_key: RunKey | null;
  kind: ServiceKind;
  desired_state: Service['desiredState'];
  status: ServiceStatus;
  reason: Reason | null;
  message: string | null;
  job_id: JobId;
  port: number | null;
  path_prefix: string;
  spec: string | null;
  created_by_key: UserKey | null;
  created_by_name: string;
  created_at: Micros;
  updated_at: Micros;
}

/** Of rows of metrics of which it is said. */
interface MetricRowTable {
  run_key: RunKey;
  row: number;
  worker: string;
}

interface JobIntakeTable {
  job_key: JobKey;
  source: string;
  place: number;
}

interface DatasetTable {
  key: Generated<DatasetKey>;
  project_key: ProjectKey;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

interface RunInputTable {
  run_key: RunKey;
  dataset_key: DatasetKey;
  position: number;
  context: string | null;
  tags: string;
}

interface FileDigestTable {
  root: ArtifactRoot;
  path: ArtifactPath;
  size: number;
  modified_at: Micros;
  sha256: string;
}

/** Every table by its name. */
export interface Database extends LoggedModelTables {
  meta: MetaTable;
  workspace: WorkspaceTable;
  account: AccountTable;
  member: MemberTable;
  token: TokenTable;
  project: ProjectTable;
  run: RunTable;
  run_spec: RunSpecTable;
  attempt: AttemptTable;
  job: JobTable;
  status_event: StatusEventTable;
  param: ParamTable;
  tag: TagTable;
  project_tag: ProjectTagTable;
  metric_key: MetricKeyTable;
  metric_counter: MetricCounterTable;
  metric_point: MetricPointTable;
  metric_summary: MetricSummaryTable;
  environment: EnvironmentTable;
  template: TemplateTable;
  idempotency_key: IdempotencyKeyTable;
  audit_event: AuditEventTable;
  run_bookmark: RunBookmarkTable;
  project_bookmark: ProjectBookmarkTable;
  service: ServiceTable;
  metric_row: MetricRowTable;
  job_intake: JobIntakeTable;
  dataset: DatasetTable;
  run_input: RunInputTable;
  file_digest: FileDigestTable;
}
