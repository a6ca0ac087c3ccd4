import type { SpecInput } from '../../core/spec.js';
import { type TrainingKind, trainingKinds, trainingRules } from './workloads.js';

/**
 * The kind of the training operator that a run of several roles is; null for one that is none: of one role, of another
 * framework, or with a role that the kind does not have. (A single role, of however many replicas, is what a Job is for.)
 */
export function trainingKindOf({ framework, roles }: SpecInput): TrainingKind | null {
  const kind = trainingKinds.find((one) => trainingRules[one].framework === framework);
  const replicated = roles.filter(({ replicas }) => replicas > 0);
  if (kind === undefined || replicated.length < 2) return null;
  const { types, leaders, decisive } = trainingRules[kind];
  const names = replicated.map(({ name }) => name.toLowerCase());
  const leading = replicated.filter(({ name }) => leaders.includes(name.toLowerCase()));
  const fits =
    names.every((name) => Object.hasOwn(types, name)) &&
    names.some((name) => decisive.includes(name)) &&
    leading.reduce((sum, { replicas }) => sum + replicas, 0) <= 1;
  return fits ? kind : null;
}
