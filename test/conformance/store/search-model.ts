import type { Project, Run } from '../../../src/core/model.js';
import type { Param, Tag } from '../../../src/core/params.js';
import type { Field, Filter, Order, OrderTerm, Pattern, Value } from '../../../src/core/query.js';
import type { Status } from '../../../src/core/status.js';

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
}

/** The runs that pass, in the order: written from the rules, with nothing of the compiler's. */
export function expected(runs: readonly ModelRun[], filter: Filter, order: Order): ModelRun[] {
  const terms: Order =
    order.length > 0 ? order : [{ field: { kind: 'attribute', name: 'createdAt' }, direction: 'asc' }];
  const tie = terms.at(-1)?.direction === 'desc' ? -1 : 1;
  return runs
    .filter((run) => passes(run, filter))
    .sort((a, b) => {
      for (const term of terms) {
        const sign = compareBy(term, a, b);
        if (sign !== 0) return sign;
      }
      return tie * (a.run.key - b.run.key);
    });
}

function passes(run: ModelRun, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => passes(run, part));
    case 'or':
      return filter.filters.some((part) => passes(run, part));
    case 'not':
      return !passes(run, filter.filter);
    case 'exists':
      return valuesOf(run, filter.field).length > 0;
    case 'in':
      return valuesOf(run, filter.field).some((value) => filter.values.some((other) => same(value, other)));
    case 'between':
      return valuesOf(run, filter.field).some(
        (value) => holds('ge', value, filter.from) && holds('le', value, filter.to),
      );
    case 'compare':
      return valuesOf(run, filter.field).some((value) => holds(filter.operator, value, filter.value));
    case 'match':
      return valuesOf(run, filter.field).some((value) =>
        matches(String(value), filter.pattern, filter.ignoreCase),
      );
  }
}

/** All values that the run has in the field; none where it is missing. */
function valuesOf(model: ModelRun, field: Field): Value[] {
  const { run, project, origin, parent, moves, params, tags, metrics } = model;
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

function same(a: Value, b: Value): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function holds(operator: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', a: Value, b: Value): boolean {
  if (operator === 'eq') return same(a, b);
  if (operator === 'ne') return !same(a, b);
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const sign = compareValues(a, b);
  return { lt: sign < 0, le: sign <= 0, gt: sign > 0, ge: sign >= 0 }[operator];
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function matches(text: string, pattern: Pattern, ignoreCase: boolean): boolean {
  const fold = (part: string) =>
    ignoreCase ? [...part].map((c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join('') : part;
  let places = new Set([0]);
  const characters = [...fold(text)];
  for (const piece of pattern) {
    const next = new Set<number>();
    for (const place of places) {
      if (typeof piece === 'string') {
        const wanted = [...fold(piece)];
        if (wanted.every((character, index) => characters[place + index] === character))
          next.add(place + wanted.length);
      } else if (piece.wildcard === 'one') {
        if (place < characters.length) next.add(place + 1);
      } else {
        for (let end = place; end <= characters.length; end += 1) next.add(end);
      }
    }
    places = next;
  }
  return places.has(characters.length);
}

function compareBy({ field, direction, missing = 'last' }: OrderTerm, a: ModelRun, b: ModelRun): number {
  const [left, right] = [a, b].map((run) => {
    const [value] = valuesOf(run, field);
    const rank = value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
    return { rank, value: typeof value === 'string' ? [...value].slice(0, 250).join('') : value };
  });
  if (left === undefined || right === undefined) throw new Error('there are two runs');
  if (left.rank !== right.rank) return (left.rank - right.rank) * (missing === 'last' ? 1 : -1);
  if (left.rank !== 0 || left.value === undefined || right.value === undefined) return 0;
  return compareValues(left.value, right.value) * (direction === 'asc' ? 1 : -1);
}
