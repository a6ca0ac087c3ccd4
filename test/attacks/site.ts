import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { type RawAnswer, type RawRequest, sendRaw } from '../support/raw-http.js';
import { type RunningServer, startServer } from '../support/server.js';
import { parquetOf } from '../tables/parquet-files.js';
import { type Face, refusal } from './faces.js';

/** What a refused request is answered with: its status, and words that the answer has, such as the field's name. */
export interface Refused {
  readonly status: number;
  readonly words: string | RegExp;
}

/** A server with a run that is attacked in every dialect, one that looks on, and a folder around its data. */
export interface AttackSite {
  readonly server: RunningServer;
  /** Around the data folder; no attack may read or change what else is in it. */
  readonly folder: string;
  /** The folder of the attacked run in the artifact store. */
  readonly outputs: string;
  /** How the dialects name the attacked run, and what is around it. */
  readonly names: Names;
  /** Sends a request as it stands. No answer may tell of the server's insides, or what files around it hold. */
  send(request: RawRequest): Promise<RawAnswer>;
  /** Sends it, and expects to be refused in the envelope of the face. */
  refused(face: Face, request: RawRequest, expected: Refused): Promise<void>;
  /**
   * Sends bytes that no client would send; gives all that comes until the server ends the connection, or until what
   * came is whole.
   */
  exchange(bytes: string, whole?: RegExp): Promise<string>;
  /** All that an attack might change: every row of the database and every file around it. */
  snapshot(): string;
  stop(): Promise<void>;
}

export interface Names {
  /** MLflow's id of the experiment, and of the run. */
  readonly experiment: string;
  readonly run: string;
  readonly loggedModel: string;
  /** Foundry's names of the same two. */
  readonly modelRid: string;
  readonly experimentRid: string;
  /** Submarine's name of the run. */
  readonly submarine: string;
}

/** What the files around the data hold. */
const secret = 'the secret of this machine';
const secrets = new RegExp(`root:x?:0|SQLite format 3|${secret}`);

/** What tells how the server is made: places in its code, words of its databases, its SQL, in which names are quoted. */
const insides =
  /\bat \S+ \(|\.[cm]?[jt]s:\d|node_modules|better-sqlite3|SQLITE_|no such (table|column): |syntax error at or near|near ".*": syntax|\b(from|into|update|join) \\*"\w+\\*"/i;

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Links and a pipe among the outputs, as a job may leave them: none leads out. */
export const planted = {
  passwd: '/etc/passwd',
  etc: '/etc',
  up: '..',
  'model/up': '../../..',
  secret: '../../../secret',
  'secret.parquet': '../../../secret',
  database: '../../franca.db',
  loop: 'loop',
  inside: 'model',
} as const;

export function plant(outputs: string, name: keyof typeof planted): void {
  symlinkSync(planted[name], join(outputs, name));
}

/** A UUID as it stands in names of files, of one without dashes. */
export const dashed = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Starts the compiled server with all that the attacks are about. */
export async function createAttackSite(env: Readonly<Record<string, string>> = {}): Promise<AttackSite> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-attack-'));
  writeFileSync(join(folder, 'secret'), secret);
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder);
  const server = await startServer({ dataFolder, env: { FRANCA_LOCAL_SLOTS: '0', ...env } });
  const authorization = env.FRANCA_TOKEN === undefined ? {} : { Authorization: `Bearer ${env.FRANCA_TOKEN}` };

  async function make<T>(method: string, path: string, body: string | Buffer | object): Promise<T> {
    const isFile = typeof body === 'string' || Buffer.isBuffer(body);
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...authorization, ...(isFile ? {} : { 'Content-Type': 'application/json' }) },
      body: isFile ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text === '' ? 'null' : text) as T;
  }

  const mlflow = '/api/2.0/mlflow';
  const project = await make<{ uuid: string }>('POST', '/api/v1/projects', { name: 'p' });
  const experiments = '/api/v1/root/p/experiments';
  const { uuid: run } = await make<{ uuid: string }>('POST', experiments, {
    is_managed: false,
    name: 'attacked',
  });
  await make('POST', experiments, { is_managed: false, name: 'bystander' });
  await make('POST', `${experiments}/1/metrics`, { values: { loss: 1 } });
  const [experiment = ''] = await experimentIds();
  const { model } = await make<{ model: { info: { model_id: string } } }>('POST', `${mlflow}/logged-models`, {
    experiment_id: experiment,
    name: 'm',
  });
  const artifacts = `/api/2.0/mlflow-artifacts/artifacts/${experiment}`;
  const table = parquetOf([{ name: 'x', data: [1], type: 'INT32' }]);
  await make('PUT', `${artifacts}/${run}/artifacts/model/weights`, 'weights');
  await make('PUT', `${artifacts}/${run}/artifacts/t.parquet`, table);
  await make('PUT', `${artifacts}/models/${model.info.model_id}/artifacts/MLmodel`, 'flavors: {}');
  const outputs = join(dataFolder, 'artifacts', dashed(run));
  for (const name of Object.keys(planted)) plant(outputs, name as keyof typeof planted);
  execFileSync('mkfifo', [join(outputs, 'pipe')]);
  const listed = await fetch(`${server.url}/api/v1/experiment`, { headers: authorization });
  const { result } = (await listed.json()) as { result: { experimentId: string; name: string }[] };

  async function experimentIds(): Promise<readonly string[]> {
    const { experiments: found } = await make<{ experiments: { experiment_id: string; name: string }[] }>(
      'POST',
      `${mlflow}/experiments/search`,
      { max_results: 10, filter: "name = 'p'" },
    );
    return found.map(({ experiment_id }) => experiment_id);
  }

  async function send(request: RawRequest): Promise<RawAnswer> {
    const answer = await sendRaw(server.port, request);
    checkInsides(answer.text);
    return answer;
  }

  function checkInsides(text: string): void {
    expect(text).not.toMatch(secrets);
    expect(text).not.toMatch(insides);
    for (const place of [folder, repository]) expect(text).not.toContain(place);
  }

  return {
    server,
    folder,
    outputs,
    names: {
      experiment,
      run,
      loggedModel: model.info.model_id,
      modelRid: `ri.models.main.model.${dashed(project.uuid)}`,
      experimentRid: `ri.models.main.experiment.${dashed(run)}`,
      submarine: result.find(({ name }) => name === 'attacked')?.experimentId ?? '',
    },
    send,
    async refused(face, request, { status, words }) {
      const answer = await send(request);
      const about = `${request.method} ${request.path.slice(0, 300)} ${String(request.body ?? '').slice(0, 200)}`;
      expect(answer.http, `${about}: ${answer.text.slice(0, 500)}`).toBe(status);
      expect(refusal(face, answer), about).toMatch(words);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
    async exchange(bytes, whole) {
      const text = await exchange(server.port, bytes, whole);
      checkInsides(text);
      return text;
    },
    snapshot: () => [...rowsOf(dataFolder), ...filesOf(folder)].join('\n'),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function exchange(port: number, bytes: string, whole?: RegExp): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      received += part;
      if (whole?.test(received)) socket.destroy();
    });
    // A server that refuses a request before its end may reset the connection behind its answer.
    socket.on('error', () => undefined).on('close', () => resolve(received));
  });
}

function rowsOf(dataFolder: string): readonly string[] {
  const database = new Database(join(dataFolder, 'franca.db'), { readonly: true });
  try {
    const tables = database
      .prepare<[], { name: string }>("select name from sqlite_master where type = 'table' order by name")
      .all();
    return tables.map(({ name }) => {
      const rows = database.prepare(`select * from "${name}"`).all();
      // A probe of readiness writes the time.
      const lasting = rows.map((row) => JSON.stringify(row)).filter((row) => !row.includes('"pinged_at"'));
      return `${name}: ${lasting.join(' ')}`;
    });
  } finally {
    database.close();
  }
}

/** Files and folders with what they hold, links with where they lead; but for the database's own. */
function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => !/^(franca\.db|server\.lock)/.test(name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (entry.isSymbolicLink()) return `${path} -> ${readlinkSync(path)}`;
      if (!entry.isFile()) return path;
      return `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    })
    .sort();
}
