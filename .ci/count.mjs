// Adds up the counts of every suite in a folder (vitest's JSON, pytest's JUnit XML) and of its steps,
// names the failed ones once more with the beginning of their reasons, for those who only see the end of a log,
// and ends with the one line that says how the gate went.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';
// What vitest's report says in place of a reason where a test exceeds its time.
const overtime = 'STACK_TRACE_ERROR';
const total = { passed: 0, failed: 0, skipped: 0 };
const suites = new Map();
const failures = [];

function add(name, passed, failed, skipped) {
  suites.set(name, failed);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}

for (const file of readdirSync(folder)) {
  const text = readFileSync(join(folder, file), 'utf8');
  if (file.endsWith('.json')) {
    const report = JSON.parse(text);
    const name = file.slice(0, -'.json'.length);
    add(name, report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests);
    for (const result of report.testResults) {
      if (result.status === 'failed' && result.assertionResults.length === 0)
        failures.push([result.name, result.message]);
      for (const test of result.assertionResults)
        if (test.status === 'failed')
          failures.push([
            test.fullName,
            test.failureMessages.join('\n').replaceAll(overtime, 'it took too long'),
          ]);
    }
  } else if (file.endsWith('.xml')) {
    const name = file.slice(0, -'.xml'.length);
    const count = (what) => Number(new RegExp(`<testsuite [^>]*\\b${what}="(\\d+)"`).exec(text)?.[1] ?? 0);
    const failed = count('failures') + count('errors');
    add(name, count('tests') - failed - count('skipped'), failed, count('skipped'));
    for (const [, test, reason] of text.matchAll(
      /<testcase [^>]*\bname="([^"]*)"[^>]*><(?:failure|error) message="([^"]*)"/g,
    ))
      failures.push([test, reason.replaceAll('&#10;', '\n')]);
  }
}

// A step that failed without a failed test of its own (lint, an install, a suite that never began) counts as
// one. A step of several suites (one for each client) writes a file for each, named after the step and the suite.
const steps = readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n');
for (const step of steps) {
  const [state, name] = step.split(' ');
  const own = [...suites].filter(([suite]) => suite === name || suite.startsWith(`${name}-`));
  if (state === 'FAILED' && own.every(([, failed]) => failed === 0)) total.failed += 1;
  else if (state === 'ok' && own.length === 0) total.passed += 1;
}

for (const [test, reason] of failures)
  process.stdout.write(`failed: ${test}\n${reason.slice(0, 600).replaceAll(/^/gm, '    ')}\n`);

process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
