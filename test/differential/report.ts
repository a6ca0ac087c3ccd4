import { difference, lineOf } from './compare.js';
import { scenarios } from './scenarios/index.js';

/*
 * Prints what differs between two running servers and is not in the table:
 * `REAL_PORT=… FRANCA_PORT=… PASS=… npx tsx test/differential/report.ts [PART OF A NAME]`. Their answers depend on what
 * they were asked before, so each PASS is a new word.
 */

const { REAL_PORT, FRANCA_PORT, PASS = 'one', BASE = '/api' } = process.env;
for (const scenario of scenarios.filter(({ name }) => name.includes(process.argv[2] ?? ''))) {
  const target = { base: BASE, pass: PASS };
  const { unlisted } = await difference({
    target,
    scenario,
    real: Number(REAL_PORT),
    franca: Number(FRANCA_PORT),
  });
  for (const one of unlisted) process.stdout.write(`${lineOf(one)}\n`);
}
