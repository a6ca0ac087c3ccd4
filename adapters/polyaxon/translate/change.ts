import type { Extensions } from '../../../src/core/model.js';
import { fromTags, retag } from '../../../src/core/tag-list.js';
import type { RunChange } from '../../../src/services/runs/update.js';
import { extended, extensionOf } from '../extensions.js';
import type { ExperimentPatch } from '../wire/experiment.js';
import { toParams } from './params.js';

/** What a client changes of an experiment. With `merge` tags and params are added to those that there are. */
export function toChange(patch: ExperimentPatch): RunChange {
  const { name, description, backend, framework, tags, merge, run_env, data_refs, readme } = patch;
  const params = patch.params ?? patch.declarations;
  return {
    ...(typeof name === 'string' ? { name, uniqueName: true } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof backend === 'string' ? { backend } : {}),
    ...(typeof framework === 'string' ? { framework } : {}),
    ...(params == null
      ? {}
      : { params: { mode: merge === true ? 'merge' : 'replace', params: toParams(params) } }),
    ...(tags == null
      ? {}
      : { retag: (present) => retag(merge === true ? [...fromTags(present), ...tags] : tags, present) }),
    extend: (present) =>
      extended(present, {
        ...(run_env == null ? {} : { run_env }),
        ...(data_refs == null ? {} : { data_refs: mergedRefs(present, data_refs, merge === true) }),
        ...(readme == null ? {} : { readme }),
      }),
  };
}

/** References to data, by their names: with `merge` beside those that there are. */
function mergedRefs(present: Extensions, refs: unknown, merge: boolean): unknown {
  const known = extensionOf(present).data_refs;
  return merge && isRecord(known) && isRecord(refs) ? { ...known, ...refs } : refs;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
