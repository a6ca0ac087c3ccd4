import { parse } from 'lossless-json';
import { sendRaw } from '../support/raw-http.js';
import type { Scenario, Step } from './steps.js';

/** What one server answered to one step. */
export interface Outcome {
  readonly step: Step;
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body if it is JSON, else its text. */
  readonly body: unknown;
  /** What was learned so far, by its words. */
  readonly learned: ReadonlyMap<string, string>;
}

/** Where the list is replayed, and as which pass of it. */
export interface Target {
  readonly port: number;
  /** `/api` or `/ajax-api`. */
  readonly base: string;
  readonly pass: string;
}

/** Sends the steps of a scenario one after another. */
export async function replay(target: Target, { steps }: Scenario): Promise<Outcome[]> {
  const learned = new Map([
    ['api', `${target.base}/2.0/mlflow`],
    ['files', `${target.base}/2.0/mlflow-artifacts`],
    ['pass', target.pass],
  ]);
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    const { http, headers, text } = await sendRaw(target.port, filled(step, learned));
    const body = parsed(text, headers);
    for (const [word, place] of Object.entries(step.learn ?? {}))
      learned.set(word, learnedAt(step, body, place));
    outcomes.push({ step, status: http, headers, body, learned: new Map(learned) });
  }
  return outcomes;
}

/** What a server did not answer is a word that no later step finds, so that its answers differ too. */
function learnedAt(step: Step, body: unknown, place: string): string {
  let value: unknown = body;
  for (const key of place.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value === undefined ? `unlearned by ${step.name}` : String(value);
}

function filled(step: Step, learned: ReadonlyMap<string, string>) {
  const fill = (text: string, write: (value: string) => string) =>
    text.replaceAll(/<([a-z][A-Za-z0-9]*)>/g, (mark, word: string) => {
      const value = learned.get(word);
      if (value === undefined) throw new Error(`${step.name} names ${mark}, which nothing taught`);
      return write(value);
    });
  const { method, body, type, headers } = step;
  return {
    method,
    path: fill(step.path, (value) => (value.startsWith('/') ? value : encodeURIComponent(value))),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? fill(body, (value) => value) : body }),
    ...(type === undefined ? {} : { type }),
    // The real server closes a connection behind some errors, without a word.
    headers: { Connection: 'close', ...headers },
  };
}

function parsed(text: string, headers: Headers): unknown {
  if (headers.get('content-type')?.includes('json') !== true) return text;
  try {
    return parse(text, null, numberOf);
  } catch {
    return text;
  }
}

/** As JavaScript has it, but integers that it does not hold as their digits. */
function numberOf(digits: string): number | string {
  const number = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number) ? `${digits}n` : number;
}
