import { invalid } from '../../../src/core/errors.js';
import type { Project } from '../../../src/core/model.js';
import type { SpecInput } from '../../../src/core/spec.js';
import { toTags } from '../../../src/core/tag-list.js';
import type { NewManagedRun, NewTrackedRun } from '../../../src/services/runs/create.js';
import { dialect, extended } from '../extensions.js';
import type { ExperimentInput } from '../wire/experiment.js';
import { toParams } from './params.js';
import { readFile, type SentFile } from './polyaxonfile.js';
import { type FromFile, toCore } from './spec-to-core.js';

/** What a client asks for: a run that Franca starts, or one that its client reports on. */
export type NewExperiment =
  | { readonly kind: 'managed'; readonly run: NewManagedRun }
  | { readonly kind: 'tracked'; readonly run: NewTrackedRun };

/**
 * The new run that a client asks for. A file that says what to run is run, unless `is_managed` is false.
 *
 * @throws CoreError `invalid` for a file that is wrong, and where one is needed and not there.
 */
export function toNewExperiment(
  body: ExperimentInput,
  project: Pick<Project, 'number'>,
  idempotencyKey: string | null,
): NewExperiment {
  const { content, is_managed } = body;
  const sent = content == null || content.trim() === '' ? null : readFile(content);
  const params = body.params ?? body.declarations;
  const file = sent === null ? null : toCore(sent, { ...body, params });
  const common = {
    ...described(body, file),
    params: file?.params ?? toParams(params ?? {}),
    projectNumber: project.number,
    idempotencyKey,
  };
  if (is_managed ?? file?.spec != null) {
    if (file === null) throw invalid('content', 'a managed experiment needs a file');
    if (file.spec === null) throw invalid('content.run', 'a managed experiment needs it');
    return { kind: 'managed', run: { ...common, spec: file.spec, useProjectCode: true } };
  }
  if (file === null && is_managed == null) throw invalid('content', 'is needed, unless is_managed is false');
  return { kind: 'tracked', run: { ...common, spec: sent === null ? null : (file?.spec ?? kept(sent)) } };
}

function described(body: ExperimentInput, file: FromFile | null) {
  const { run_env, data_refs, ttl, readme } = body;
  return {
    name: body.name ?? file?.name ?? null,
    uniqueName: true,
    description: body.description ?? file?.description ?? null,
    tags: toTags(body.tags ?? file?.tags ?? []),
    framework: file?.framework ?? body.framework ?? null,
    backend: file?.backend ?? body.backend ?? null,
    groupRef: body.experiment_group ?? null,
    buildRef: body.build_job ?? null,
    extensions: extended(
      {},
      {
        ...(run_env == null ? {} : { run_env }),
        ...(data_refs == null ? {} : { data_refs }),
        ...(ttl == null ? {} : { ttl }),
        ...(readme == null ? {} : { readme }),
      },
    ),
  };
}

/** A file without `run`, which is kept to be shown. */
function kept({ mediaType, text }: SentFile): SpecInput {
  return {
    source: { dialect, mediaType, text },
    framework: null,
    namespace: null,
    roles: [],
    code: null,
    termination: { completion: { kind: 'all' }, maxRetries: 0 },
  };
}
