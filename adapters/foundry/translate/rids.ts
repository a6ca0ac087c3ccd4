import { isUuid, type ProjectId, type RunId } from '../../../src/core/ids.js';
import { isRid } from '../wire/rids.js';

const prefixes = { model: 'ri.models.main.model.', experiment: 'ri.models.main.experiment.' } as const;

/** A project is a model. */
export function modelRidOf(id: ProjectId): string {
  return prefixes.model + id;
}

/** A run of whatever dialect is an experiment. */
export function experimentRidOf(id: RunId): string {
  return prefixes.experiment + id;
}

/** The project that a model's RID names; null for one that can name none here. */
export function modelIdIn(rid: string): ProjectId | null {
  return uuidIn(rid, prefixes.model) as ProjectId | null;
}

/** The run that an experiment's RID names; null for one that can name none here. */
export function experimentIdIn(rid: string): RunId | null {
  return uuidIn(rid, prefixes.experiment) as RunId | null;
}

function uuidIn(rid: string, prefix: string): string | null {
  const id = rid.slice(prefix.length);
  return rid.startsWith(prefix) && isUuid(id) ? id : null;
}

/** The text if it is a RID: one that is none fails its reader's whole answer. */
export function ridOrNull(text: string | null): string | null {
  return text !== null && isRid(text) ? text : null;
}
