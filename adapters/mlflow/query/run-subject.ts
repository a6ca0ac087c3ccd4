import { param } from '../../../src/core/query.js';
import { datasetField, entryField, metricField } from './fields.js';
import { runAttributes } from './run-fields.js';
import { runTag } from './run-tags.js';
import { fixedKind, type NameKind, openKind, type Subject } from './subject.js';

/** Other names of times, and of names; the real server takes these in filters alone. */
const timeAliases = [
  ['created', 'start_time'],
  ['Created', 'start_time'],
] as const;
const nameAliases = [
  ['run name', 'run_name'],
  ['Run name', 'run_name'],
  ['Run Name', 'run_name'],
] as const;

const metrics = openKind('metrics', metricField);
const params = openKind('params', (key) => entryField(param(key)));
const tags = openKind('tags', runTag);
const datasets = fixedKind(
  'datasets',
  new Map((['name', 'digest', 'context'] as const).map((part) => [part, datasetField(part)])),
);

function subjectOf(attributes: NameKind, others: readonly (readonly [string, NameKind])[] = []): Subject {
  const kinds = new Map([
    ...(['attribute', 'attributes', 'attr', 'run'] as const).map((word) => [word, attributes] as const),
    ...(['metric', 'metrics'] as const).map((word) => [word, metrics] as const),
    ...(['parameter', 'parameters', 'param', 'params'] as const).map((word) => [word, params] as const),
    ...(['tag', 'tags'] as const).map((word) => [word, tags] as const),
    ...others,
  ]);
  return { kinds, bare: attributes };
}

/** Runs as filters name what is theirs. */
export const filteredRuns = subjectOf(
  fixedKind('attributes', runAttributes, new Map([...timeAliases, ...nameAliases])),
  ['dataset', 'datasets'].map((word) => [word, datasets] as const),
);

/** Runs as orders do. */
export const orderedRuns = subjectOf(fixedKind('attributes', runAttributes, new Map(timeAliases)));
