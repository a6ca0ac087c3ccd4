import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nobodyToWake, openPorts } from '../../src/commands/open-ports.js';
import { loadConfig } from '../../src/config.js';
import type { Service } from '../../src/core/service.js';
import { bootstrap } from '../../src/services/accounts/bootstrap.js';
import type { Context } from '../../src/services/context.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { startService } from '../../src/services/services/start.js';
import { stopService } from '../../src/services/services/stop.js';
import { aTrackedRequest } from '../support/services.js';
import { installTensorboard, pageOf } from '../support/tensorboard.js';
import { createSite, eventually, processesWith, type Site } from './support.js';

const kind = 'tensorboard';
const prefix = '/tensorboard/root/default';
const subject = { project: { number: 0 } };

let site: Site;
let path: string;

beforeEach(async () => {
  site = await createSite();
  ({ path } = installTensorboard(site.folder));
});

afterEach(() => site.remove());

const start = (env: Record<string, string> = {}) => site.start({ PATH: path, ...env });

/** Starts a server that is killed at the point, before or after it is ready. */
async function startAndDie(point: string): Promise<void> {
  const dying = await start({ FRANCA_TEST_CRASH: point }).catch((error: unknown) => {
    // It said nothing, or where it listens: no fault of its own ended it.
    expect(String(error)).toMatch(/ended before it was ready:\n(Franca .+\n(?: {2}.+\n)+)?$/);
    return null;
  });
  if (dying !== null) expect(await dying.exited).toEqual({ code: null, signal: 'SIGKILL' });
}

/** Works on the server's database beside it: what is written there is found at its next start. */
async function beside<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  const config = loadConfig({ data: site.dataFolder }, { PATH: path });
  const open = await openPorts(config, nobodyToWake);
  try {
    const workspace = await bootstrap(open.ports, { user: 'root', workspace: 'root' });
    const user = await open.ports.store.read.accounts.findUser('root');
    if (user === null) throw new Error('bootstrap makes the user');
    return await work({ ports: open.ports, actor: { user, runKey: null }, workspace });
  } finally {
    await open.close();
  }
}

const services = () =>
  beside(async ({ ports: { store } }) => {
    const keys = await store.read.services.keys();
    return Promise.all(keys.map((key) => store.read.services.findByKey(key)));
  });

const begin = () =>
  beside(async (ctx) => {
    await createTrackedRun(ctx, aTrackedRequest({ name: 'digits' }));
    await startService(ctx, subject, { kind, pathPrefix: prefix, spec: null });
  });

/** The one service, once it listens; and then its one process answers at its address. */
async function untilUp(): Promise<Service> {
  const up = await eventually(async () => {
    const [service = null, ...others] = await services();
    expect(others).toEqual([]);
    expect(service).toMatchObject({ status: 'running' });
    return service;
  });
  if (up === null) throw new Error('there is one');
  expect(await pageOf(up.port ?? 0, `${prefix}/`)).not.toBeNull();
  expect(processesWith(join(site.folder, 'bin', 'tensorboard'))).toHaveLength(1);
  return up;
}

async function endAndLookForTraces(): Promise<void> {
  await eventually(async () => expect(await services()).toEqual([]));
  const below = (...names: string[]) => {
    const folder = join(site.dataFolder, ...names);
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  for (const name of ['plans', 'active', 'jobs', 'states']) expect(below('local', name)).toEqual([]);
  expect(below('logs')).toEqual([]);
  expect(below('artifacts').filter((name) => name.startsWith('service'))).toEqual([]);
}

const startPoints = [
  'service.begin',
  'local.planStored',
  'local.jobStored',
  'local.spawned',
  'service.submitted',
] as const;

describe('a service, with the server killed at a named point', () => {
  it.each(startPoints)('%s: one process, found again, and no trace in the end', async (point) => {
    await begin();
    await startAndDie(point);
    const first = await start();
    const before = await untilUp();
    first.kill('SIGKILL');
    await first.exited;
    const second = await start();
    expect(await untilUp()).toEqual(before);
    await second.stop();
    await beside((ctx) => stopService(ctx, subject, kind));
    await startAndDie('service.removing');
    await start();
    await endAndLookForTraces();
  });
});
