import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort, type RunningServer, startServer } from '../support/server.js';
import { createConfigOf, createSpace, rulesWithoutOperator, type Space } from './space.js';

/** An image on the nodes of the cluster that has a shell. */
export const image = process.env.FRANCA_TEST_IMAGE ?? 'localhost/busybox:test';

/** A script that says `up` and goes on until it is told to end, which it does at once. */
export const idle = 'trap "exit 143" TERM; echo up; while :; do sleep 0.1; done';

/** Servers that follow one another on one data folder, with pods in one namespace. */
export interface Place {
  readonly space: Space;
  readonly dataFolder: string;
  /** Of each of its servers. */
  readonly port: number;
  server(): RunningServer;
  start(env?: Readonly<Record<string, string>>): Promise<RunningServer>;
  remove(): Promise<void>;
}

/** @param withOperator false for a Franca that may not use the training operator, so that all runs are plain Jobs. */
export async function createPlace(
  settings: Readonly<Record<string, string>> = {},
  { withOperator = true } = {},
): Promise<Place> {
  const space = await createSpace();
  const dataFolder = await mkdtemp(join(tmpdir(), 'franca-kubernetes-'));
  const port = await freePort();
  let server: RunningServer | undefined;
  const kubeconfig = withOperator
    ? process.env.KUBECONFIG
    : await createConfigOf(space, dataFolder, await rulesWithoutOperator());
  return {
    space,
    dataFolder,
    port,
    server() {
      if (server === undefined) throw new Error('no server was started');
      return server;
    },
    async start(env = {}) {
      server = await startServer({
        dataFolder,
        port,
        env: {
          ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
          ...(process.env.HOME === undefined ? {} : { HOME: process.env.HOME }),
          FRANCA_RUNNER: 'kubernetes',
          FRANCA_K8S_NAMESPACES: space.name,
          FRANCA_K8S_IMAGE: image,
          FRANCA_JOB_URL: `http://franca.example:${port}`,
          ...settings,
          ...env,
        },
      });
      return server;
    },
    async remove() {
      await server?.stop();
      await space.remove();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** An experiment as its client sees it. */
export interface Experiment {
  readonly experimentId: string;
  readonly uid: string;
  readonly status: string;
  readonly acceptedTime: string;
  readonly runningTime: string | null;
  readonly finishedTime: string | null;
}

/** A role whose replicas do a script. */
export interface ScriptRole {
  readonly script: string;
  readonly replicas?: number;
  readonly resources?: string;
  readonly image?: string;
}

/** What Submarine's API answers below its experiments. */
export async function ask<T>(server: RunningServer, path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1/experiment${path}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  const body = (await answer.json()) as { success: boolean; message: string; result: T };
  if (!body.success) throw new Error(`${answer.status}: ${body.message}`);
  return body.result;
}

/** Words are parted by spaces alone, so the script goes by the environment. */
export function experimentOf(
  roles: Readonly<Record<string, ScriptRole>>,
  framework = 'TensorFlow',
  namespace = 'default',
): object {
  const spec = Object.entries(roles).map(([name, role]) => [
    name,
    {
      replicas: role.replicas ?? 1,
      resources: role.resources ?? 'cpu=10m,memory=32M',
      ...(role.image === undefined ? {} : { image: role.image }),
      cmd: `sh -c eval\${IFS}"$SCRIPT"`,
      envVars: { SCRIPT: role.script },
    },
  ]);
  const meta = { name: 'test', namespace, framework };
  return { meta, environment: { image }, spec: Object.fromEntries(spec) };
}

export function submit(
  server: RunningServer,
  roles: Readonly<Record<string, ScriptRole>>,
  framework?: string,
  namespace?: string,
): Promise<Experiment> {
  const body = JSON.stringify(experimentOf(roles, framework, namespace));
  return ask(server, '', { method: 'POST', body });
}

/** Runs a script by a Polyaxonfile with this environment; gives the run as the other dialect shows it. */
export async function runFile(
  server: RunningServer,
  environment: object,
  script = 'true',
): Promise<Experiment> {
  const file = {
    version: 1,
    kind: 'experiment',
    framework: 'tensorflow',
    environment,
    build: { image },
    run: { cmd: script },
  };
  const answer = await fetch(`${server.url}/api/v1/root/default/experiments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content: JSON.stringify(file) }),
  });
  const { uuid } = (await answer.json()) as { uuid: string };
  const made = (await ask<Experiment[]>(server, '')).find(({ uid }) => uid.replaceAll('-', '') === uuid);
  if (made === undefined) throw new Error(`${answer.status}: no experiment was made`);
  return made;
}

export function find(server: RunningServer, { experimentId }: Experiment): Promise<Experiment> {
  return ask(server, `/${experimentId}`);
}

/** Changes the roles of an experiment, and its namespace. */
export async function respecify(
  server: RunningServer,
  { experimentId }: Experiment,
  roles: Readonly<Record<string, ScriptRole>>,
  namespace?: string,
): Promise<void> {
  const body = JSON.stringify(experimentOf(roles, undefined, namespace));
  await ask(server, `/${experimentId}`, { method: 'PATCH', body });
}

export async function remove(server: RunningServer, { experimentId }: Experiment): Promise<void> {
  await ask(server, `/${experimentId}`, { method: 'DELETE' });
}

/** Waits for a status of an experiment. */
export function untilStatus(
  server: RunningServer,
  experiment: Experiment,
  status: string,
  seconds = 60,
): Promise<Experiment> {
  return vi.waitFor(
    async () => {
      const now = await find(server, experiment);
      expect(now.status).toBe(status);
      return now;
    },
    { timeout: seconds * 1000, interval: 200 },
  );
}

/** The output of each job by its name. */
export async function logsOf(
  server: RunningServer,
  { experimentId }: Experiment,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { logContent } = await ask<{ logContent: { podName: string; podLog: string[] }[] }>(
    server,
    `/logs/${experimentId}`,
  );
  return Object.fromEntries(logContent.map(({ podName, podLog }) => [podName, podLog]));
}

/** One entry of a run's history. */
export interface HistoryEntry {
  readonly status: string;
  readonly message: string | null;
}

/** A run's history with its messages, which the dialect of runs by number shows. */
export async function historyOf(server: RunningServer, number: number): Promise<readonly HistoryEntry[]> {
  const answer = await fetch(`${server.url}/api/v1/root/default/experiments/${number}/statuses?limit=100`);
  const { results } = (await answer.json()) as { results: HistoryEntry[] };
  return results;
}

/** Its number among the runs of its project; every test file has a project of its own. */
export function numberOf({ experimentId }: Experiment): number {
  return Number(experimentId.split('_').at(-1));
}
