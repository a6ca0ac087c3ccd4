import { artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import { classify, type MetricPoint } from '../../../src/core/metrics.js';
import type { Run } from '../../../src/core/model.js';
import type { Param, Tag } from '../../../src/core/params.js';
import type { Context } from '../../../src/services/context.js';
import { logMetrics } from '../../../src/services/metrics/log.js';
import { getProject } from '../../../src/services/projects/get.js';
import { createTrackedRun, type NewTrackedRun } from '../../../src/services/runs/create.js';
import { inPieces } from '../../conformance/artifacts/tar.js';
import type { Site } from '../../http/support.js';
import { aTrackedRequest } from '../../support/services.js';

/** The setting of a request by the user of the settings. */
export async function contextOf({ deps }: Site): Promise<Context> {
  const user = await deps.ports.store.read.accounts.findUser(deps.authentication.defaultUser);
  if (user === null) throw new Error('the user is there');
  return { ports: deps.ports, actor: { user, runKey: null }, workspace: deps.workspace };
}

/** A point; without a step where that is null. */
export function point(
  key: string,
  value: number | null,
  step: bigint | number | null = null,
  timestampMs: bigint | number = 1_795_254_000_000n,
): MetricPoint {
  const place = {
    step: step === null ? null : BigInt(step),
    timestampMs: BigInt(timestampMs),
    timestampUs: 0,
  };
  return { key, ...classify(value), ...place };
}

/** A text param, with the number that it stands for. */
export function param(key: string, text: string): Param {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return { key, type: 'string', text, number: Number.isFinite(number) ? number : null };
}

/** What a run of a test has. */
export interface Given extends Partial<Pick<NewTrackedRun, 'name' | 'codeRef' | 'status'>> {
  readonly params?: readonly Param[];
  readonly tags?: readonly Tag[];
  readonly points?: readonly MetricPoint[];
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly projectNumber?: number;
}

/** A run with its RIDs and the path of the experiment that it is. */
export interface Made {
  readonly run: Run;
  readonly modelRid: string;
  readonly experimentRid: string;
  readonly path: string;
}

/** Stores a run that reports by itself. */
export async function makeRun(ctx: Context, given: Given = {}): Promise<Made> {
  const { params = [], tags = [], points = [], files = {}, projectNumber = 0, ...fields } = given;
  const request = aTrackedRequest({ projectNumber, params, tags, status: 'running', ...fields });
  const { run } = await createTrackedRun(ctx, request);
  if (points.length > 0) await logMetrics(ctx, { id: run.id }, points);
  for (const [path, content] of Object.entries(files)) await writeFile(ctx, run, path, content);
  const { project } = await getProject(ctx, { number: projectNumber });
  const modelRid = `ri.models.main.model.${project.id}`;
  const experimentRid = `ri.models.main.experiment.${run.id}`;
  return { run, modelRid, experimentRid, path: `/api/v2/models/${modelRid}/experiments/${experimentRid}` };
}

/** Writes a file among the outputs of a run. */
export async function writeFile(
  ctx: Context,
  run: Run,
  path: string,
  content: string | Buffer,
): Promise<void> {
  const bytes = inPieces(Buffer.from(content), 64 * 1024);
  await ctx.ports.artifacts.write(runRoot(run.artifactRoot), artifactPath(path), bytes);
}
