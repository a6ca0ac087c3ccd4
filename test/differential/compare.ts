import { type Difference, differences } from './differences.js';
import { type Found, foundBetween, leavesOf } from './normalise.js';
import { type Outcome, replay, type Target } from './replay.js';
import type { Scenario } from './steps.js';

/** Where and what to replay: the ports of the two servers. */
export interface Comparison {
  readonly target: Omit<Target, 'port'>;
  readonly scenario: Scenario;
  readonly real: number;
  readonly franca: number;
}

/** Replays a scenario on both servers: what differs without an entry in the table, and the entries that were met. */
export async function difference({ target, scenario, real, franca }: Comparison): Promise<{
  readonly unlisted: readonly Found[];
  readonly entries: readonly Difference[];
}> {
  const theirs = await replay({ ...target, port: real }, scenario);
  const ours = await replay({ ...target, port: franca }, scenario);
  const now = Date.now();
  const unlisted: Found[] = [];
  const entries: Difference[] = [];
  for (const [place, outcome] of theirs.entries()) {
    const mine = ours[place];
    if (mine === undefined) throw new Error('each step has an answer');
    const { name } = outcome.step;
    const found = [
      ...foundBetween(name, leavesOf(outcome, now), leavesOf(mine, now)),
      ...unnamedField(outcome, mine),
    ];
    for (const one of found) {
      const entry = entryOf(one);
      if (entry === undefined) unlisted.push(one);
      else entries.push(entry);
    }
  }
  return { unlisted, entries };
}

/** Both must name the field that a step says is wrong. */
function unnamedField(real: Outcome, franca: Outcome): readonly Found[] {
  const { name, field } = real.step;
  if (field === undefined) return [];
  // Where the real server fails, it says nothing.
  const isUnnamed = (one: Outcome) =>
    one.status >= 400 && one.status !== 500 && !messageOf(one).includes(field);
  if (!isUnnamed(real) && !isUnnamed(franca)) return [];
  return [{ step: name, at: 'message', real: messageOf(real), franca: messageOf(franca) }];
}

/** The message of an error; empty where there is none. */
function messageOf({ body }: Outcome): string {
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
}

/** The entry of the table that this difference is. */
function entryOf({ step, at, real, franca }: Found): Difference | undefined {
  const isValue = (wanted: unknown, value: unknown) => wanted === '*' || Object.is(wanted, value);
  const isStep = (name: string) => (name.endsWith('*') ? step.startsWith(name.slice(0, -1)) : step === name);
  return differences.find(
    (one) =>
      one.in.some(isStep) &&
      patternOf(one.at).test(at) &&
      isValue(one.real, real) &&
      isValue(one.franca, franca),
  );
}

function patternOf(at: string): RegExp {
  const parts = at.split('.').map((part) => {
    if (part === '**') return '.+';
    return part.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '[^.]+');
  });
  return new RegExp(`^${parts.join('\\.')}$`);
}

/** A difference in one line. */
export function lineOf({ step, at, real, franca }: Found): string {
  const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
  return `${step} | ${at} | real ${shown(real)} | franca ${shown(franca)}`;
}
