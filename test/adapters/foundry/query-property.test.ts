import fc from 'fast-check';
import { stringify } from 'lossless-json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experiment } from '../../../adapters/foundry/wire/experiment.js';
import type { OrderByWire } from '../../../adapters/foundry/wire/search.js';
import { searchResponse } from '../../../adapters/foundry/wire/search.js';
import { isTerminal } from '../../../src/core/status.js';
import type { Context } from '../../../src/services/context.js';
import { createProject } from '../../../src/services/projects/create.js';
import { reportStatus } from '../../../src/services/runs/report-status.js';
import { aProject } from '../../support/services.js';
import { firstRid, type Plan, plan, where } from './filter-arbitraries.js';
import { passes, type Shown, type Where } from './filter-model.js';
import { type Client, createClient } from './harness.js';
import { contextOf, type Made, makeRun } from './site.js';

let client: Client;
let ctx: Context;

beforeAll(async () => {
  client = await createClient();
  ctx = await contextOf(client.site);
});

afterAll(() => client.close());

async function store(given: Plan, projectNumber: number): Promise<Made> {
  const { status, codeBranch, ...fields } = given;
  const codeRef =
    codeBranch === null
      ? null
      : { commit: null, head: null, branch: codeBranch, url: null, isDirty: null, diff: null };
  const begins = isTerminal(status) ? 'running' : status;
  const made = await makeRun(ctx, { ...fields, codeRef, projectNumber, status: begins });
  if (isTerminal(status))
    await reportStatus(
      ctx,
      { id: made.run.id },
      { status, at: null, message: null, traceback: null, details: null },
    );
  return made;
}

interface Stored extends Shown {
  readonly made: Made;
}

async function show(made: Made, given: Plan): Promise<Stored> {
  const { body } = await client.call('GET', `${made.path}?preview=true`);
  const texts = new Map(given.params.map(({ key, text }) => [key, text]));
  return { made, wire: experiment.parse(body), name: given.name, texts };
}

/** Runs without a name come last; ties go by the order of creation, in the direction. */
function sorted(runs: readonly Stored[], orderBy: OrderByWire | null): readonly string[] {
  const { field, direction } = orderBy ?? { field: 'CREATED_TIME', direction: 'DESC' };
  const sign = direction === 'ASC' ? 1 : -1;
  const compare = (a: Stored, b: Stored): number => {
    if (field === 'EXPERIMENT_NAME' && a.name !== b.name) {
      if (a.name === null || b.name === null) return a.name === null ? 1 : -1;
      return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) * sign;
    }
    const created = field === 'EXPERIMENT_NAME' ? 0 : a.made.run.createdAt - b.made.run.createdAt;
    return (created || a.made.run.key - b.made.run.key) * sign;
  };
  return [...runs].sort(compare).map(({ wire }) => wire.rid);
}

/** The RIDs of all pages. */
async function search(modelRid: string, request: Record<string, unknown>): Promise<readonly string[]> {
  const rids: string[] = [];
  let pageToken: string | undefined;
  do {
    const body = stringify({ ...request, pageToken }) ?? '';
    const answer = await client.call('POST', `/api/v2/models/${modelRid}/experiments/search?preview=true`, {
      body,
    });
    const { data, nextPageToken } = searchResponse.parse(answer.body);
    rids.push(...data.map(({ rid }) => rid));
    pageToken = nextPageToken;
  } while (pageToken !== undefined);
  return rids;
}

function meant(given: Where, rid: string): Where {
  if (given.type === 'eq' && given.value === firstRid) return { ...given, value: rid };
  if (given.type === 'not') return { ...given, value: meant(given.value, rid) };
  return 'filters' in given
    ? { ...given, filters: given.filters.map((filter) => meant(filter, rid)) }
    : given;
}

const orderBy = fc.option(
  fc.record({
    field: fc.constantFrom('EXPERIMENT_NAME' as const, 'CREATED_TIME' as const, 'CREATED_AT' as const),
    direction: fc.constantFrom('ASC' as const, 'DESC' as const),
  }),
);
const request = fc.record({ where, orderBy, pageSize: fc.integer({ min: 1, max: 12 }) });

describe('searches', () => {
  it('find the experiments that are shown with what they ask for, in order, page by page', async () => {
    let projects = 0;
    let found = 0;
    const plans = fc.array(plan, { minLength: 4, maxLength: 12 });
    const requests = fc.array(request, { minLength: 30, maxLength: 30 });
    const property = fc.asyncProperty(plans, requests, async (plans, requests) => {
      projects += 1;
      const { project } = await createProject(ctx, aProject({ name: `p${projects}` }));
      const runs: Stored[] = [];
      for (const each of plans) runs.push(await show(await store(each, project.number), each));
      const [first] = runs;
      const modelRid = first?.wire.modelRid ?? '';
      for (const { where, orderBy, pageSize } of requests) {
        const filter = meant(where, first?.wire.rid ?? '');
        const wanted = runs.filter((run) => passes(run, filter));
        const got = await search(modelRid, { where: filter, orderBy, pageSize });
        expect({ filter, orderBy, rids: got }).toEqual({ filter, orderBy, rids: sorted(wanted, orderBy) });
        found += got.length;
      }
    });
    await fc.assert(property, { numRuns: process.env.FRANCA_TEST_FULL === '1' ? 300 : 20 });
    expect(found).toBeGreaterThan(100);
  }, 900_000);
});
