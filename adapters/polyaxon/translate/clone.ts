import { invalid } from '../../../src/core/errors.js';
import type { Param } from '../../../src/core/params.js';
import { toTags } from '../../../src/core/tag-list.js';
import type { Clone } from '../../../src/services/runs/clone.js';
import type { RunView } from '../../../src/services/runs/view.js';
import type { CloneInput } from '../wire/experiment.js';
import { contentOf, isOwn } from './config.js';
import { mergeContent } from './merge-content.js';
import { fromParams, toParams } from './params.js';
import { readFile } from './polyaxonfile.js';
import { paramsOf, toCore } from './spec-to-core.js';

/**
 * The new run that is made of another. What is sent of a file is merged deep into the file of the origin; its
 * params win over the origin's, and those beside it over both.
 *
 * @throws CoreError `invalid` for a part that is wrong, or that leaves nothing to run.
 */
export function toClone(
  kind: Clone['kind'],
  origin: Pick<RunView, 'run' | 'spec'>,
  originParams: readonly Param[],
  body: CloneInput,
): Clone {
  const { content, name, description, tags, update_code } = body;
  const clone = {
    kind,
    name: name ?? null,
    uniqueName: true,
    tags: toTags(tags ?? []),
    ...(typeof description === 'string' ? { description } : {}),
    updateCode: update_code === true,
  };
  const beside = body.params ?? body.declarations;
  const part = content == null || content.trim() === '' ? '{}' : content;
  if (part === '{}' && beside == null) return clone;
  // Nothing in a spec of another dialect stands for a param: it runs as it did.
  if (part === '{}' && origin.spec !== null && !isOwn(origin.spec)) {
    return { ...clone, params: toParams({ ...fromParams(originParams), ...beside }) };
  }
  const merged = mergeContent(origin.spec === null ? null : contentOf(origin.spec), part);
  const params = { ...fromParams(originParams), ...paramsOf(readFile(part).document), ...beside };
  const file = toCore(merged, { params });
  if (file.spec === null) throw invalid('content.run', 'there is nothing to run');
  // A file names no namespace: it stays where it was.
  const spec = { ...file.spec, namespace: origin.spec?.namespace ?? null };
  return { ...clone, spec, params: file.params, framework: file.framework };
}
