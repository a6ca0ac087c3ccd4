import { v5 } from 'uuid';
import { userNamespace } from '../../../src/core/ids.js';
import type { Author, Project, Run } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import { type Micros, millisFromMicros } from '../../../src/core/time.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { RecordedRun } from '../../../src/services/runs/recorded.js';
import type { RunTable } from '../../../src/services/tables/list.js';
import { fieldOf, shownTags } from '../extensions.js';
import { type ArtifactWire, type ExperimentWire, type SourceWire, source } from '../wire/experiment.js';
import { isRid } from '../wire/rids.js';
import { inferParam } from './parameters.js';
import { experimentRidOf, modelRidOf, ridOrNull } from './rids.js';
import { fromSummary, toSummaryMetrics } from './series.js';
import { statusOf } from './status.js';

/** The branch of a run that names none. */
export const defaultBranch = 'master';

/** What is shown of a run, beside its tables. */
export type ShownRun = Pick<RecordedRun, 'run' | 'tags' | 'params' | 'summaries'> & {
  readonly project: Pick<Project, 'id'>;
};

/** A run as an experiment of the model that its project is. */
export function fromRun(
  { run, tags, project, params, summaries }: ShownRun,
  tables: readonly RunTable[],
): ExperimentWire {
  const linkedModelVersion = ridOrNull(fieldOf(tags, 'linkedModelVersion'));
  const jobRid = ridOrNull(fieldOf(tags, 'jobRid'));
  return {
    rid: experimentRidOf(run.id),
    modelRid: modelRidOf(project.id),
    createdTime: toWireTime(run.createdAt),
    createdBy: userIdOf(run.createdBy),
    source: sourceOf(tags),
    ...statusOf(run),
    branch: branchOf(run, tags),
    parameters: params.map((param) => ({ name: param.key, value: inferParam(param) })),
    series: summaries.map(fromSummary),
    summaryMetrics: summaries.flatMap(toSummaryMetrics),
    artifacts: Object.fromEntries(tables.map((table) => [table.path, fromTable(table)])),
    tags: shownTags(tags),
    ...(linkedModelVersion === null ? {} : { linkedModelVersion }),
    ...(jobRid === null ? {} : { jobRid }),
  };
}

/** Users have UUIDs there. Their names are compared without case. */
function userIdOf({ name }: Author): string {
  return v5(name.toLowerCase(), userNamespace);
}

function toWireTime(at: Micros): string {
  return new Date(millisFromMicros(at)).toISOString();
}

function branchOf({ codeRef }: Run, tags: readonly Tag[]): string {
  return fieldOf(tags, 'branch') ?? (codeRef?.branch || defaultBranch);
}

/** What a tag says, if it is such a source: an unknown one would fail its reader's whole answer. */
function sourceOf(tags: readonly Tag[]): SourceWire {
  const parsed = source.safeParse(jsonOf(fieldOf(tags, 'source') ?? ''));
  if (!parsed.success) return { type: 'sdk' };
  const { type: _type, ...rids } = parsed.data;
  return Object.values(rids).every((rid) => rid === undefined || isRid(rid)) ? parsed.data : { type: 'sdk' };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fromTable({ path, size, rows }: RunTable): ArtifactWire {
  return {
    name: path,
    sizeBytes: exactInteger(size),
    details: { type: 'table', rowCount: exactInteger(rows) },
  };
}
