import { expect } from 'vitest';
import { type Facts, hex, millis } from './facts.js';
import { home, type Platform } from './support.js';
import { logByDatabase } from './writers/submarine.js';

/** What clients of one dialect add to a run of whatever dialect; gives what is written of it from then on. */
export interface Addition {
  readonly name: string;
  add(platform: Platform, facts: Facts): Promise<Facts>;
}

/** Polyaxon's client shows a list of tags and sends it back whole, with one more. */
const byPolyaxon: Addition = {
  name: 'Polyaxon',
  async add(platform, facts) {
    const path = `${home}/${facts.names.number}`;
    const { body } = await platform.polyaxon('GET', path);
    const tags = [...((body as { tags: string[] | null }).tags ?? []), 'of Polyaxon'];
    const now = platform.tick();
    const change = { params: { 'of Polyaxon': [1.5, null] }, merge: true };
    expect((await platform.polyaxon('PATCH', path, { tags })).http).toBe(200);
    expect((await platform.polyaxon('PATCH', path, change)).http).toBe(200);
    await platform.polyaxon('POST', `${path}/metrics`, { values: { 'of Polyaxon': 'NaN', none: null } });
    const at = { step: null, ms: BigInt(millis(now)), us: now % 1000, request: now };
    return {
      ...facts,
      tags: [...facts.tags, { key: 'of Polyaxon', value: null }],
      params: [...facts.params, { key: 'of Polyaxon', value: [1.5, null] }],
      points: [
        ...facts.points,
        { ...at, key: 'of Polyaxon', value: Number.NaN },
        { ...at, key: 'none', value: null },
      ],
    };
  },
};

const byMlflow: Addition = {
  name: 'MLflow',
  async add(platform, facts) {
    const run_id = hex(facts.names.uuid);
    const at = { key: 'of MLflow', step: 2n ** 63n - 1n, timestamp: 2n ** 53n + 1n };
    const metrics = [
      { ...at, value: '-Infinity' },
      { ...at, value: 5e-324 },
    ];
    const answer = await platform.mlflow('POST', '/api/2.0/mlflow/runs/log-batch', {
      run_id,
      metrics,
      params: [{ key: 'of MLflow', value: '' }],
      tags: [
        { key: 'of MLflow', value: '=' },
        { key: 'mlflow.note.content', value: 'a note' },
        { key: 'mlflow.source.name', value: 'train.py' },
      ],
    });
    expect(answer.http).toBe(200);
    const point = { key: at.key, step: at.step, ms: at.timestamp, us: 0, request: platform.tick() };
    const tags = facts.tags.filter(({ key }) => key !== 'mlflow.source.name');
    const place = facts.tags.findIndex(({ key }) => key === 'mlflow.source.name');
    const source = { key: 'mlflow.source.name', value: 'train.py' };
    const added = { key: 'of MLflow', value: '=' };
    return {
      ...facts,
      description: 'a note',
      // A tag that is set anew stays where it was.
      tags: place < 0 ? [...tags, added, source] : [...tags.toSpliced(place, 0, source), added],
      params: [...facts.params, { key: 'of MLflow', value: '' }],
      points: [...facts.points, { ...point, value: Number.NEGATIVE_INFINITY }, { ...point, value: 5e-324 }],
    };
  },
};

const bySeed: Addition = {
  name: 'MLflow’s seed',
  async add(platform, facts) {
    const path = `/api/v1/experiments/runs/${hex(facts.names.uuid)}`;
    await platform.mlflow('POST', `${path}/log-params`, { params: { 'of seed': true } });
    const body = { metrics: { 'of seed': -1e-7 }, step: -1, timestamp: -1 };
    expect((await platform.mlflow('POST', `${path}/log-metrics`, body)).http).toBe(200);
    const point = { key: 'of seed', value: -1e-7, step: -1n, ms: -1n, us: 0, request: platform.tick() };
    return {
      ...facts,
      params: [...facts.params, { key: 'of seed', value: true }],
      points: [...facts.points, point],
    };
  },
};

/** What its SDK logs inside of a job: only of runs that have one. Each database is read by a process: some are enough. */
const bySubmarine: Addition = {
  name: 'Submarine',
  async add(platform, facts) {
    if (!facts.managed || facts.names.number % 4 !== 0) return facts;
    const param = { key: 'of Submarine', value: 'x' };
    const ms = BigInt(Date.UTC(1971, 6));
    const point = {
      key: 'of Submarine',
      value: 2.5,
      step: 7n,
      ms,
      us: 1,
      request: platform.tick(),
      worker: 'ps-0',
    };
    await logByDatabase(platform, facts.names, { points: [point], params: [param] });
    return { ...facts, params: [...facts.params, param], points: [...facts.points, point] };
  },
};

export const additions: readonly Addition[] = [byPolyaxon, byMlflow, bySeed, bySubmarine];
