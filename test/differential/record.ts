import { findMlflow, startOracle } from './oracle.js';
import { replay } from './replay.js';
import { scenarios } from './scenarios/index.js';

/*
 * Prints what the real server answers: `npx tsx test/differential/record.ts [PART OF A NAME]`. With ORACLE_PORT it asks
 * the server there, whose answers depend on all that it was asked before.
 */

const wanted = process.argv[2] ?? '';
const running = process.env.ORACLE_PORT;
const program = running === undefined ? await findMlflow() : null;
if (running === undefined && program === null) process.exit(1);
const oracle =
  program === null ? { port: Number(running), stop: async () => {} } : await startOracle(program);
try {
  for (const scenario of scenarios.filter(({ name }) => name.includes(wanted)))
    for (const { step, status, body } of await replay(
      { port: oracle.port, base: '/api', pass: process.env.PASS ?? 'api' },
      scenario,
    ))
      process.stdout.write(`${step.name}\n  ${status} ${JSON.stringify(body)}\n`);
} finally {
  await oracle.stop();
}
