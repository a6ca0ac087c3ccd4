import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A cluster of this machine, which tests of faults stop and start: the folder of its state, with a pid file for each
 * program, and the folder of its scripts, of which one starts what has died.
 */
const state = process.env.FRANCA_TEST_CLUSTER_STATE ?? '/var/lib/test-cluster';
const scripts = process.env.FRANCA_TEST_CLUSTER_SCRIPTS ?? join(root, '../shared/kubernetes');
const up = join(scripts, 'cluster-up.sh');
const etcd = process.env.FRANCA_TEST_ETCD ?? 'http://127.0.0.1:12379';
/** Whose program and standard library the images have. */
const python = '/usr/bin/python3';
/** The versions that the client's own tests have. */
const requirements = join(root, 'test/clients/mlflow-3.17.2/requirements.txt');

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
  const hasOperator = existsSync(`${state}/run/training-operator.pid`);
  const env = { ...process.env, TRAINING_OPERATOR: hasOperator ? 'yes' : 'no' };
  await run('bash', [up], { env });
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

/** Puts an image of programs of this machine, with folders, onto the node. */
async function loadImage(
  name: string,
  kind: 'busybox' | 'node' | 'python',
  folders: Record<string, string>,
): Promise<void> {
  const added = Object.entries(folders).flatMap(([path, folder]) => ['--add', `${folder}=${path}`]);
  await run('bash', [join(scripts, 'load-image.sh'), name, kind, ...added]);
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
    await loadImage(name, 'busybox', { '/usr/local/bin': folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the built project onto the node, on this machine's Node: as an image whose command is Franca's. */
export async function loadFranca(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-image-'));
  try {
    const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
    const packages = stdout
      .split('\n')
      .map((path) => relative(root, path))
      .filter((path) => path.startsWith('node_modules/') && !path.includes('/node_modules/'));
    for (const path of ['package.json', 'dist', ...packages])
      await cp(join(root, path), join(folder, path), { recursive: true });
    await loadImage(name, 'node', { '/app': folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the mlflow client onto the node, on this machine's Python, with the scripts of the folder `pod` in `/job`. */
export async function loadMlflow(name: string): Promise<void> {
  const job = join(root, 'test/kubernetes/pod');
  await loadImage(name, 'python', { '/usr/lib/python3/dist-packages': await mlflowPackages(), '/job': job });
}

/** The client without what only a server needs, in a folder outside the checkout that is made once. */
async function mlflowPackages(): Promise<string> {
  const { stdout: version } = await run(python, ['-c', 'import platform; print(platform.python_version())']);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'franca', 'pods');
  const folder = join(cache, `mlflow-skinny-3.17.2-python-${version.trim()}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, 'making-'));
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', made];
  const pinned = ['--python-version', version.trim(), '--only-binary', ':all:', '--constraint', requirements];
  await run('python3', [...pip, ...pinned, 'mlflow-skinny==3.17.2']);
  await rename(made, folder);
  return folder;
}
