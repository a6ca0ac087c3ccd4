import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { createFolderArtifactStore, type FolderArtifactStore } from '../../../src/artifacts/folder-store.js';
import { runRoot } from '../../../src/core/artifact-path.js';
import { isUuid, type RunId } from '../../../src/core/ids.js';
import type { Runner, RunPlan } from '../../../src/core/ports/index.js';
import { createFileLogStore, type FileLogStore } from '../../../src/logs/file-log-store.js';
import { createLocalRunner, type LocalRunnerOptions } from '../../../src/runner/local/local-runner.js';
import type { RunnerFixture } from '../../conformance/runner/suite.js';

/** The compiled supervisor: jobs are not run by a TypeScript loader. */
export const supervisorPath = fileURLToPath(
  new URL('../../../dist/src/runner/local/supervisor.js', import.meta.url),
);

const silent = { info() {}, warn() {}, error() {} };

/** A local runner in a folder of its own. */
export interface LocalFixture extends RunnerFixture {
  readonly folder: string;
  readonly runnerFolder: string;
  readonly runner: Runner;
  readonly logs: FileLogStore;
  readonly artifacts: FolderArtifactStore;
  /** Notes a run that another process submitted, so that `dispose` ends it. */
  note(runId: RunId): void;
}

/** Options of a runner over a folder, as tests use them. */
export function optionsFor(folder: string, more: Partial<LocalRunnerOptions> = {}): LocalRunnerOptions {
  if (!existsSync(supervisorPath))
    throw new Error('run `npm run build` first: the supervisor is not compiled');
  return {
    folder: join(folder, 'runner'),
    logs: createFileLogStore(join(folder, 'logs')),
    artifacts: createFolderArtifactStore(join(folder, 'artifacts')),
    slots: 4,
    crash() {},
    logger: silent,
    serverEnvironment: process.env,
    supervisorPath,
    pollMillis: 100,
    ...more,
  };
}

/** A runner over a new folder, or over `folder`, which it then does not remove. */
export async function createLocalFixture(
  more: Partial<LocalRunnerOptions> = {},
  given?: string,
): Promise<LocalFixture> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'franca-runner-'));
  const artifacts = createFolderArtifactStore(join(folder, 'artifacts'));
  const options = optionsFor(folder, { artifacts, ...more });
  const runs = new Set<RunId>();
  let runner = noting(createLocalRunner(options), runs);

  return {
    folder,
    runnerFolder: options.folder,
    logs: options.logs,
    artifacts,
    get runner() {
      return runner;
    },
    note: (runId) => runs.add(runId),
    async restart() {
      await runner.close();
      runner = noting(createLocalRunner(options), runs);
      await runner.recover();
    },
    async dispose() {
      for (const runId of runs) await runner.stop(runId, 0);
      await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), { timeout: 15_000, interval: 20 });
      for (const runId of runs) {
        await vi.waitFor(() => runner.remove(runId), { timeout: 5000, interval: 20 });
        await options.logs.remove(runId);
        await artifacts.remove(runRoot(runId), null);
      }
      expect(filesBelow(folder)).toEqual([]);
      await runner.close();
      await options.logs.close();
      if (given === undefined) rmSync(folder, { recursive: true });
    },
  };
}

function noting(runner: Runner, runs: Set<RunId>): Runner {
  const submit = runner.submit.bind(runner);
  runner.submit = async (plan: RunPlan) => {
    if (isUuid(plan.runId)) runs.add(plan.runId);
    return submit(plan);
  };
  return runner;
}

/** Everything that lives because of jobs of this folder: supervisors by their words, jobs by their HOME or id. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`)} ${read(`/proc/${pid}/environ`)}`)
    .filter((text) => text.includes(folder));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}
