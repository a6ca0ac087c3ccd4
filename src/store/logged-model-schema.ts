import type { Generated } from 'kysely';
import type { LoggedModelId, LoggedModelKey, ProjectKey, RunKey, UserKey } from '../core/ids.js';
import type { LoggedModelStatus, ModelLink } from '../core/logged-model.js';
import type { Micros } from '../core/time.js';
import type { Flag, Int64 } from './column-types.js';

interface LoggedModelTable {
  key: Generated<LoggedModelKey>;
  id: LoggedModelId;
  project_key: ProjectKey;
  name: string;
  source_run_key: RunKey | null;
  source_ref: string | null;
  status: LoggedModelStatus;
  status_message: string | null;
  model_type: string | null;
  created_by_key: UserKey | null;
  created_by_name: string;
  created_at: Micros;
  updated_at: Micros;
  deleted_at: Micros | null;
  extensions: string;
}

interface LoggedModelParamTable {
  model_key: LoggedModelKey;
  key: string;
  position: number;
  text: string;
}

interface LoggedModelTagTable {
  model_key: LoggedModelKey;
  key: string;
  position: number;
  value: string | null;
}

/** What a run measured of a model; of the latest the same. */
interface ModelMeasurementTable {
  model_key: LoggedModelKey;
  key_id: number;
  /** Empty for no dataset, or no digest. */
  dataset_name: string;
  dataset_digest: string;
  timestamp_ms: Int64;
  timestamp_us: number;
  has_step: Flag;
  step: Int64;
  run_key: RunKey;
  /** The place of the kind in `pointKinds`. */
  kind: number;
  value: number | null;
}

interface RunModelTable {
  run_key: RunKey;
  direction: ModelLink['direction'];
  model_key: LoggedModelKey;
  step: Int64;
  position: number;
}

/** The tables of logged models by their names. */
export interface LoggedModelTables {
  logged_model: LoggedModelTable;
  logged_model_param: LoggedModelParamTable;
  logged_model_tag: LoggedModelTagTable;
  model_measurement: ModelMeasurementTable;
  model_latest: ModelMeasurementTable;
  run_model: RunModelTable;
}
