import type { DatasetUse } from '../../../src/core/dataset.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { Param, Tag } from '../../../src/core/params.js';
import type { Field, Filter, Order, Value } from '../../../src/core/query.js';
import { type Status, whyOf } from '../../../src/core/status.js';
import { expectedOf } from './query-model.js';

/** A run with what searches see of it, held in memory. */
export interface ModelRun {
  readonly run: Run;
  readonly project: Project;
  readonly origin: ModelRun | null;
  readonly parent: ModelRun | null;
  /** The statuses of its attempt that moved it, in the order of arrival. */
  readonly moves: readonly Status[];
  readonly params: readonly Param[];
  readonly tags: readonly Tag[];
  /** Points in the order of their steps; none is null. */
  readonly metrics: ReadonlyMap<string, readonly number[]>;
  readonly uses: readonly DatasetUse[];
}

/** The runs that pass, in the order. */
export function expected(runs: readonly ModelRun[], filter: Filter, order: Order): ModelRun[] {
  const model = {
    valuesOf,
    keyOf: ({ run }: ModelRun) => run.key,
    createdAt: ({ run }: ModelRun) => run.createdAt,
  };
  return expectedOf(model, runs, filter, order);
}

/** All values that the run has in the field; none where it is missing. */
function valuesOf(model: ModelRun, field: Field): Value[] {
  const { run, project, origin, parent, moves, params, tags, metrics, uses } = model;
  const hex = (id: string) => id.split('-').join('');
  switch (field.kind) {
    case 'extension': {
      const value = run.extensions[field.dialect]?.[field.name] ?? field.otherwise;
      return value === undefined ? [] : [value as Value];
    }
    case 'joined': {
      const pieces = field.pieces.map((piece) =>
        typeof piece === 'string' ? piece : valuesOf(model, { kind: 'attribute', name: piece.attribute })[0],
      );
      return [pieces.join('')];
    }
    case 'rank': {
      const [value] = valuesOf(model, { kind: 'attribute', name: field.name });
      const place = field.groups.findIndex((group) => group.some((each) => each === value));
      return place < 0 ? [] : [place];
    }
    case 'attribute': {
      const { createdBy, codeRef, ...plain } = run;
      const before = moves.filter((status) => status !== 'stopping').at(-1) ?? null;
      const values: Record<string, unknown> = {
        ...plain,
        createdBy: createdBy.name,
        createdByKey: createdBy.key,
        statusBeforeStopping: run.status === 'stopping' ? before : null,
        codeCommit: codeRef?.commit ?? null,
        codeBranch: codeRef?.branch ?? null,
        codeUrl: codeRef?.url ?? null,
        projectNumber: project.number,
        projectName: project.name,
        projectSlug: project.slug,
        originId: origin?.run.id ?? null,
        parentId: parent?.run.id ?? null,
        parentName: parent === null ? run.parentRef : hex(parent.run.id),
        idHex: hex(run.id),
        shownName: run.name ?? `run-${run.number}`,
        originHex: origin === null ? null : hex(origin.run.id),
        why: whyOf(run.statusReason, run.statusMessage) || null,
        beganAt: run.startedAt ?? run.createdAt,
      };
      const value = values[field.name];
      return value === null ? [] : [value as Value];
    }
    case 'param': {
      const found = params.find((param) => param.key === field.key);
      const value = field.as === 'text' ? found?.text : found?.number;
      return value === undefined || value === null ? [] : [value];
    }
    case 'tag': {
      const found = tags.find((tag) => tag.key === field.key);
      return found === undefined ? [] : [found.value ?? ''];
    }
    case 'label':
      return tags.filter((tag) => tag.value === null).map((tag) => tag.key);
    case 'paramName':
      return params.map((param) => param.key);
    case 'metricName':
      return [...metrics.keys()];
    case 'dataset':
      return uses.map((use) => use[field.part]).filter((value) => value !== null);
    case 'metric': {
      const points = metrics.get(field.key);
      if (points === undefined) return [];
      if (field.part === 'count') return [points.length];
      if (field.part === 'finite') return [points.filter(Number.isFinite).length];
      if (field.part === 'last') return points.slice(-1);
      const numbers = points.filter((point) => !Number.isNaN(point));
      if (numbers.length === 0) return [];
      return [field.part === 'min' ? Math.min(...numbers) : Math.max(...numbers)];
    }
  }
}
