import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A cluster of this machine, which tests of faults stop and start: the folder of its state, with a pid file for each
 * program, and the folder of its scripts, of which one starts what has died.
 */
const state = process.env.FRANCA_TEST_CLUSTER_STATE ?? '/var/lib/test-cluster';
const scripts = process.env.FRANCA_TEST_CLUSTER_SCRIPTS ?? join(root, '../shared/kubernetes');
const etcd = process.env.FRANCA_TEST_ETCD ?? 'http://127.0.0.1:12379';
const up = join(scripts, 'cluster-up.sh');

/** False where the cluster is somewhere else, so that nobody can break it, or put an image onto its nodes. */
export const isOwn = existsSync(`${state}/run/kube-apiserver.pid`) && existsSync(up);

type Program = 'kube-apiserver' | 'kubelet' | 'etcd' | 'kube-controller-manager';

function signal(program: Program, name: NodeJS.Signals): void {
  process.kill(Number(readFileSync(`${state}/run/${program}.pid`, 'utf8')), name);
}

/** Ends the API server at once. */
export function killApiServer(): void {
  signal('kube-apiserver', 'SIGKILL');
}

/** Starts what has died, and waits until the cluster serves. */
export async function bringUp(): Promise<void> {
  await promisify(execFile)('bash', [up]);
}

/** Lets the node fall silent, or speak again. */
export function setNodeSilent(silent: boolean): void {
  signal('kubelet', silent ? 'SIGSTOP' : 'SIGCONT');
}

async function askEtcd<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Makes etcd forget its history, so that no watch can go on from where it was. */
export async function forgetHistory(): Promise<void> {
  const { header } = await askEtcd<{ header: { revision: string } }>('/v3/maintenance/status', {});
  await askEtcd('/v3/kv/compaction', { revision: header.revision, physical: true });
}

/**
 * Puts an image onto the node that stands for the one in which workers of the training operator wait for their master.
 * Its shell has an nslookup that succeeds when a name is found in one of the domains that are searched; busybox’s own
 * wants it in all of them.
 */
export async function loadWaitingImage(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-image-'));
  try {
    const shell = '#!/bin/busybox sh\nnslookup() { busybox nslookup "$1" | grep -q ^Name:; }\neval "$2"\n';
    await writeFile(join(folder, 'sh'), shell, { mode: 0o755 });
    const load = [join(scripts, 'load-image.sh'), name, 'busybox', '--add', `${folder}=/usr/local/bin`];
    await promisify(execFile)('bash', load);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the built project onto the node, on this machine's Node: as an image whose command is Franca's. */
export async function loadFranca(name: string): Promise<void> {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'franca-image-'));
  try {
    const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
    const packages = stdout
      .split('\n')
      .map((path) => relative(root, path))
      .filter((path) => path.startsWith('node_modules/') && !path.includes('/node_modules/'));
    for (const path of ['package.json', 'dist', ...packages])
      await cp(join(root, path), join(folder, path), { recursive: true });
    await run('bash', [join(scripts, 'load-image.sh'), name, 'node', '--add', `${folder}=/app`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
