import type { Outcome } from './replay.js';

/** An outcome in the form in which two servers' are compared: by places, without what must differ. */
export type Leaves = ReadonlyMap<string, unknown>;

/**
 * What of an answer is compared. Ids that were learned stand there by their words; times of now, random names, tokens
 * of pages and numbers in addresses by what they are; an empty list or object is an absent one; entries with keys are
 * sorted by them. Of an error its code alone is compared, since its words need not be alike.
 */
export function leavesOf({ status, headers, body, learned }: Outcome, now: number): Leaves {
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const isJson = typeof body === 'object' && body !== null;
  const code = isJson && 'error_code' in body ? String(body.error_code) : '';
  const leaves = new Map<string, unknown>([['answer', `${status} ${code}`.trimEnd()]]);
  if (status >= 400) return leaves;
  leaves.set('type', type);
  for (const name of ['content-disposition', 'content-range', 'accept-ranges', 'x-content-type-options']) {
    const value = headers.get(name);
    if (value !== null && !isJson) leaves.set(name, name === 'content-disposition' ? fileOf(value) : value);
  }
  const names = new Map([...learned].map(([word, value]) => [value, word]));
  add(leaves, 'body', body, { names, now });
  return leaves;
}

/** The file that a disposition names: where it says so in two ways, by the one that takes every character. */
function fileOf(disposition: string): string {
  const [kind, ...parts] = disposition.split('; ');
  const part = (name: string) => parts.find((each) => each.startsWith(name))?.slice(name.length);
  const encoded = part("filename*=UTF-8''");
  const file = encoded === undefined ? part('filename=')?.replaceAll('"', '') : decodeURIComponent(encoded);
  return `${kind} ${file ?? ''}`;
}

interface Known {
  /** Words by what was learned. */
  readonly names: ReadonlyMap<string, string>;
  readonly now: number;
}

function add(leaves: Map<string, unknown>, at: string, value: unknown, known: Known): void {
  if (typeof value !== 'object' || value === null) {
    leaves.set(at, plain(at, value, known));
    return;
  }
  if (Array.isArray(value) && value.length > 0 && !isSet.test(at)) leaves.set(`${at}.length`, value.length);
  for (const [key, item] of partsOf(at, value)) add(leaves, `${at}.${key}`, item, known);
}

/** What has keys of its own is a set, and known by them; everywhere else the order is part of the answer. */
function partsOf(at: string, value: object): [string | number, unknown][] {
  if (!Array.isArray(value)) return Object.entries(value);
  if (isLoose.test(at)) return [...value].sort(byText).map((item, place) => [place, item]);
  return value.map((item: unknown, place) => {
    const key = isSet.test(at) ? keyOf(item) : null;
    return key === null ? [place, item] : [key.replaceAll('.', '·'), item];
  });
}

/** Where the order of a list says nothing, and each key stands once; the points of a history are none of these. */
const isSet = /\.(tags|params|runs?(\.\d+)?\.data\.metrics)$/;
/** Where the order says nothing, and a key may stand more often. */
const isLoose = /\.(models?(\.\d+)?\.data\.metrics|model_inputs|model_outputs)$/;

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function keyOf(item: unknown): string | null {
  return typeof item === 'object' && item !== null && 'key' in item ? String(item.key) : null;
}

const randomName = /^[a-z]+-[a-z]+-\d{1,3}$/;
const hour = 3_600_000;

function plain(at: string, value: unknown, { names, now }: Known): unknown {
  const key = at.split('.').at(-1) ?? '';
  const number = Number(value);
  if (value !== '' && Number.isInteger(number) && Math.abs(number - now) < hour) return '<now>';
  if (typeof value !== 'string') return value;
  if (key === 'next_page_token') return '<token>';
  if (key === 'workspace') return '<workspace>';
  if (/(^|\.)(run_name|name|value)$/.test(at) && randomName.test(value)) return '<random name>';
  // Numbers of experiments are too short to be told from other texts.
  const isShort = (learnedText: string) => learnedText.length < 8;
  if (key === 'experiment_id' && value !== '0')
    return names.has(value) ? `<${names.get(value)}>` : value.replace(/^\d+$/, '<experiment>');
  let text = value.replace(/^(mlflow-artifacts:)\/\d+(?=\/|$)/, '$1/<experiment>');
  for (const [learned, word] of names) if (!isShort(learned)) text = text.replaceAll(learned, `<${word}>`);
  return text.replaceAll(unlearned, '<id>');
}

/** An id that no step learned; of one digit alone it is one that the steps made up. */
const unlearned = /(?<![0-9a-f])(?!(.)\1{31})[0-9a-f]{32}(?![0-9a-f])/g;

/** A place where two servers' answers differ. */
export interface Found {
  readonly step: string;
  readonly at: string;
  readonly real: unknown;
  readonly franca: unknown;
}

/** Where they differ; where one refused what the other did, that alone, and of a list that is longer, its length. */
export function foundBetween(step: string, real: Leaves, franca: Leaves): Found[] {
  const differsAt = (at: string) => !Object.is(real.get(at), franca.get(at));
  const found = (at: string): Found => ({ step, at, real: real.get(at), franca: franca.get(at) });
  if (differsAt('answer')) return [found('answer')];
  const places = [...new Set([...real.keys(), ...franca.keys()])].filter(differsAt);
  const lists = places.filter((at) => at.endsWith('.length')).map((at) => at.slice(0, -'length'.length));
  const isWithin = (at: string) => lists.some((list) => at.startsWith(list) && at !== `${list}length`);
  return places.filter((at) => !isWithin(at)).map(found);
}
