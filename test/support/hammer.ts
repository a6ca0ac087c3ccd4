import { expect } from 'vitest';
import { createProject, type PolyaxonMetric, type PolyaxonProject } from './polyaxon.js';

/** What one client has sent that was acknowledged. */
interface Acknowledged {
  /** The values of rows that were sent in lists. */
  readonly rows: PolyaxonMetric['values'][];
  /** Rows as they were answered. */
  readonly answers: PolyaxonMetric[];
  readonly params: number[];
}

/** Numbers that look random and are the same in every run: a linear congruential generator. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function shuffled<T>(items: readonly T[], random: (below: number) => number): readonly T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(random(rest.length), 1));
}

const keys = ['loss', 'accuracy', 'precision', 'recall', 'f1'];

/** Posts rows, alone and in lists, and merges params, all of the same keys, in an order of its own. */
async function client(project: PolyaxonProject, id: number, index: number, rounds: number) {
  const random = numbersFrom(index);
  const done: Acknowledged = { rows: [], answers: [], params: [] };
  const row = (round: number, part: number) => ({
    values: Object.fromEntries(
      shuffled(keys, random).map((key) => [key, index * 10_000 + round * 10 + part]),
    ),
    // Some at the same time, some at the server's.
    ...(random(2) === 0 ? { created_at: `2026-01-01T00:00:0${random(10)}+00:00` } : {}),
  });
  const path = `/experiments/${id}`;
  const works = Array.from({ length: rounds }, (_, round) => [
    async () => {
      done.answers.push(await project.ask<PolyaxonMetric>('POST', `${path}/metrics`, row(round, 0)));
    },
    async () => {
      const rows = [row(round, 1), row(round, 2), row(round, 3)];
      await project.ask('POST', `${path}/metrics`, rows);
      done.rows.push(...rows.map(({ values }) => values));
    },
    async () => {
      const value = index * 10_000 + round;
      const params = Object.fromEntries(shuffled(['lr', 'seed', 'depth'], random).map((key) => [key, value]));
      await project.ask('PATCH', path, { merge: true, params: { ...params, [`own-${index}`]: value } });
      done.params.push(value);
    },
  ]).flat();
  for (const work of shuffled(works, random)) await work();
  return done;
}

/** The last value of a key: the greatest by time and value, as core-model says. */
function lastOf(key: string, rows: readonly PolyaxonMetric[]): number | undefined {
  const points = rows.map(({ created_at, values }) => ({ at: created_at, value: values[key] ?? Number.NaN }));
  points.sort((a, b) => (a.at === b.at ? a.value - b.value : a.at < b.at ? -1 : 1));
  return points.at(-1)?.value;
}

async function check(project: PolyaxonProject, id: number, done: readonly Acknowledged[]): Promise<void> {
  const rows = await project.metrics(id);
  const answers = done.flatMap((one) => one.answers);
  const sent = [...done.flatMap((one) => one.rows), ...answers.map(({ values }) => values)];
  // Every row holds one number under each key, and no other row has it.
  const numbers = (all: readonly PolyaxonMetric['values'][]) =>
    all.map((values) => keys.map((key) => values[key]).join(' ')).sort();
  expect(numbers(rows.map(({ values }) => values))).toEqual(numbers(sent));
  expect(rows.map((row) => row.id)).toEqual(rows.map((_row, place) => place + 1));
  for (const answer of answers) expect(rows[answer.id - 1]).toEqual(answer);
  const experiment = await project.get(id);
  expect(experiment.last_metric).toEqual(Object.fromEntries(keys.map((key) => [key, lastOf(key, rows)])));
  // One write has won, and won whole.
  const { lr, seed, depth, ...own } = experiment.params ?? {};
  expect([seed, depth]).toEqual([lr, lr]);
  expect(done.flatMap((one) => one.params)).toContain(lr);
  for (const { params } of done) {
    const [value = 0] = params;
    expect(params).toContain(own[`own-${Math.floor(value / 10_000)}`]);
  }
  expect(Object.keys(own)).toHaveLength(done.length);
}

/**
 * Lets 50 clients write metrics and params of the same experiment at the same time, and 10 of another with the
 * same keys; then compares all that is read with all that was acknowledged. Any answer but a success is a failure.
 */
export async function hammerWithClients(url: string, rounds: number): Promise<void> {
  const project = await createProject(url);
  const [first, second] = [await project.track(), await project.track()];
  const crowd = (id: number, clients: number) =>
    Promise.all(Array.from({ length: clients }, (_, index) => client(project, id, index, rounds)));
  const [done, others] = await Promise.all([crowd(first, 50), crowd(second, 10)]);
  await check(project, first, done);
  await check(project, second, others);
}
