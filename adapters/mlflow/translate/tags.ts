import type { CodeRef, Run } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';

/**
 * Tags that stand for fields of the core (`mlflow.utils.mlflow_tags`): written, they set the field, and they are
 * shown from it, so that there are no two truths.
 */
export const projectedTags = {
  name: 'mlflow.runName',
  description: 'mlflow.note.content',
  parent: 'mlflow.parentRunId',
  commit: 'mlflow.source.git.commit',
  branch: 'mlflow.source.git.branch',
  url: 'mlflow.source.git.repoURL',
} as const;

/** What tags say of a run's own fields. Null: the tag is taken away. */
export interface TaggedFields {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly parentRef?: string | null;
  readonly code?: Partial<Pick<CodeRef, 'commit' | 'branch' | 'url'>>;
}

/** Tags as a client sends them, apart: fields, and tags that are tags here too. Of equal keys the last one counts. */
export interface SortedTags {
  readonly fields: TaggedFields;
  readonly tags: readonly Tag[];
}

const codeTags: ReadonlyMap<string, 'commit' | 'branch' | 'url'> = new Map([
  [projectedTags.commit, 'commit'],
  [projectedTags.branch, 'branch'],
  [projectedTags.url, 'url'],
]);

/** The field that a tag stands for, with a value of it; null for a tag that is one here too. */
function fieldOf(key: string, value: string | null): TaggedFields | null {
  switch (key) {
    case projectedTags.name:
      return { name: value };
    case projectedTags.description:
      return { description: value };
    case projectedTags.parent:
      return { parentRef: value };
    default: {
      const part = codeTags.get(key);
      return part === undefined ? null : { code: { [part]: value } };
    }
  }
}

function merged(a: TaggedFields, b: TaggedFields): TaggedFields {
  return { ...a, ...b, ...(b.code === undefined ? {} : { code: { ...a.code, ...b.code } }) };
}

/** Sorts what a client sends; a value of null takes a tag away. */
export function sortTags(sent: readonly Tag[]): SortedTags {
  let fields: TaggedFields = {};
  const tags = new Map<string, Tag>();
  for (const tag of sent) {
    const field = fieldOf(tag.key, tag.value);
    if (field === null) tags.set(tag.key, tag);
    else fields = merged(fields, field);
  }
  return { fields, tags: [...tags.values()] };
}

const noCode: CodeRef = { commit: null, head: null, branch: null, url: null, isDirty: null, diff: null };

/** The code reference from now on; undefined where tags say nothing of it. */
export function toCodeRef(present: CodeRef | null, { code }: TaggedFields): CodeRef | null | undefined {
  if (code === undefined) return undefined;
  const changed = { ...noCode, ...present, ...code };
  return Object.values(changed).every((value) => value === null) ? null : changed;
}

/** What of a run its projected tags are made of. */
export interface ProjectedRun {
  readonly run: Pick<Run, 'name' | 'description' | 'parentRef' | 'codeRef'>;
  /** 32 hex digits; null for a run without a parent that is here. */
  readonly parentId: string | null;
  /** The name that is shown. */
  readonly shownName: string;
}

const projectedKeys: ReadonlySet<string> = new Set(Object.values(projectedTags));

/**
 * All tags as they are shown: the projected ones, then those that the run has; a label has an empty value. A label
 * of another dialect may be called as a projected tag is: it is no word on the field, and a key has one tag here.
 */
export function fromTags(
  { run, parentId, shownName }: ProjectedRun,
  tags: readonly Tag[],
): { key: string; value: string }[] {
  const projected: [string, string | null | undefined][] = [
    [projectedTags.name, shownName],
    [projectedTags.description, run.description],
    [projectedTags.parent, parentId ?? run.parentRef],
    [projectedTags.commit, run.codeRef?.commit],
    [projectedTags.branch, run.codeRef?.branch],
    [projectedTags.url, run.codeRef?.url],
  ];
  const shown = projected.flatMap(([key, value]) => (value == null ? [] : [{ key, value }]));
  const own = tags.filter(({ key }) => !projectedKeys.has(key));
  return [...shown, ...own.map(({ key, value }) => ({ key, value: value ?? '' }))];
}
