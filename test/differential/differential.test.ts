import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../support/server.js';
import { difference, lineOf } from './compare.js';
import { type Difference, differences } from './differences.js';
import { findMlflow, type Oracle, startOracle } from './oracle.js';
import { scenarios } from './scenarios/index.js';

const program = await findMlflow();
const passes = [
  { base: '/api', pass: 'api' },
  { base: '/ajax-api', pass: 'ajax' },
] as const;
const met = new Set<Difference>();

describe('the list of requests', () => {
  it('has 200 requests and more, of which no two have one name', () => {
    const names = scenarios.flatMap(({ steps }) => steps.map(({ name }) => name));
    expect(names.length).toBeGreaterThanOrEqual(200);
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  });
});

describe.skipIf(program === null)('the same answers as MLflow 3.17.2', () => {
  let oracle: Oracle;
  let franca: RunningServer;

  beforeAll(async () => {
    [oracle, franca] = await Promise.all([startOracle(program ?? ''), startServer()]);
  });

  afterAll(async () => {
    await franca?.stop();
    await oracle?.stop();
  });

  describe.each(passes)('below $base', (target) => {
    it.each(scenarios)('$name', async (scenario) => {
      const { unlisted, entries } = await difference({
        target,
        scenario,
        real: oracle.port,
        franca: franca.port,
      });
      for (const entry of entries) met.add(entry);
      expect(unlisted, unlisted.map(lineOf).join('\n')).toEqual([]);
    });
  });

  it('need every entry of the table of differences', () => {
    expect(differences.filter((one) => !met.has(one))).toEqual([]);
  });
});
