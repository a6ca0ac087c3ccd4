import { type ArtifactPath, artifactPath } from '../../../src/core/artifact-path.js';
import type { RunId } from '../../../src/core/ids.js';
import { toRunId } from './run.js';

/** What a path of the proxy is about: the artifacts of a run, or of a logged model. */
export interface ProxiedPlace {
  readonly owner: { readonly run: RunId } | { readonly model: string };
  /** Below the artifacts; null for all of them. */
  readonly path: ArtifactPath | null;
}

/**
 * A folder as clients write it; null for the whole. A slash at the end changes nothing.
 *
 * @param field what the client calls it, for the error.
 * @throws CoreError `invalid` for a path that climbs or cannot be one.
 */
export function toFolder(text: string | undefined, field = 'path'): ArtifactPath | null {
  const trimmed = text?.replace(/\/+$/, '') ?? '';
  return trimmed === '' || trimmed === '.' ? null : artifactPath(trimmed, field);
}

/**
 * The place that a path of the proxy names, `<experiment>/<run>/artifacts[/<path>]` or
 * `<experiment>/models/<model>/artifacts[/<path>]`; null for another path, where nothing is kept.
 *
 * @throws CoreError `invalid` for a path that climbs or cannot be one.
 */
export function proxiedPlace(text: string): ProxiedPlace | null {
  const whole = toFolder(text);
  const [experiment = '', ...names] = whole?.split('/') ?? [];
  if (!/^\d+$/.test(experiment)) return null;
  const isModel = names[0] === 'models';
  const [owner = '', artifacts, ...rest] = isModel ? names.slice(1) : names;
  if (artifacts !== 'artifacts') return null;
  const path = toFolder(rest.join('/'));
  if (isModel) return { owner: { model: owner }, path };
  const run = toRunId(owner);
  return run === null ? null : { owner: { run }, path };
}
