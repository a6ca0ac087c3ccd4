import fc from 'fast-check';

/** A condition as a user means it; `render` writes it in the language. */
export type Asked =
  | { readonly kind: 'values'; readonly field: string; readonly negated: boolean; readonly values: string[] }
  | ({ readonly kind: 'compare'; readonly field: string; readonly negated: boolean } & Comparing)
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly negated: boolean;
      readonly from: string;
      readonly to: string;
    };

interface Comparing {
  readonly comparison: '' | '<' | '<=' | '>' | '>=';
  readonly value: string;
}

/** What a list shows of a run. Times are ISO 8601 in UTC, without a zone, to the microsecond. */
export interface ShownRun {
  readonly id: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly user: string;
  readonly userId: number | null;
  readonly status: string;
  readonly project: string;
  readonly projectId: number;
  readonly group: string | null;
  readonly build: string | null;
  readonly backend: string | null;
  readonly framework: string | null;
  readonly commit: string | null;
  readonly tags: readonly string[];
  readonly params: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, number>;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** True if the run is one that the condition asks for: by the words of the language's documentation alone. */
export function holds(run: ShownRun, asked: Asked, owner: string): boolean {
  switch (asked.kind) {
    case 'values':
      return asked.values.some((value) => hasValue(run, asked.field, value, owner)) !== asked.negated;
    case 'range': {
      const time = timeOf(run, asked.field);
      const within = time !== null && until(asked.from, time) && until(time, asked.to);
      return within !== asked.negated;
    }
    case 'compare': {
      const time = timeOf(run, asked.field);
      const metric = run.metrics.get(asked.field.replace(/^metrics?\./, ''));
      const isTime = asked.field.endsWith('_at');
      if (asked.comparison === '') {
        const equal = isTime
          ? time?.startsWith(asked.value)
          : metric !== undefined && Object.is(metric + 0, Number(spelled(asked.value)) + 0);
        return (equal === true) !== asked.negated;
      }
      if (isTime) return time !== null && ordered(asked, timeSign(time, asked.value));
      if (metric === undefined || Number.isNaN(metric)) return false;
      return ordered(asked, Math.sign(metric - Number(spelled(asked.value))) || order(metric, asked.value));
    }
  }
}

/** Infinity less infinity is no number. */
function order(metric: number, value: string): number {
  const other = Number(spelled(value));
  return metric < other ? -1 : metric > other ? 1 : 0;
}

function ordered({ comparison, negated }: { comparison: string; negated: boolean }, sign: number): boolean {
  const truth = { '<': sign < 0, '<=': sign <= 0, '>': sign > 0, '>=': sign >= 0 }[comparison];
  return truth !== negated;
}

const spelled = (value: string) => value.replace(/inf(inity)?/i, 'Infinity').replace(/nan/i, 'NaN');

/** A time within what is named is neither before nor behind it. */
function timeSign(time: string, named: string): number {
  const part = time.slice(0, named.length);
  return part < named ? -1 : part > named ? 1 : 0;
}

function until(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length) <= b.slice(0, length);
}

function timeOf(run: ShownRun, field: string): string | null {
  const times: Readonly<Record<string, string | null>> = {
    created_at: run.created_at,
    updated_at: run.updated_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
  };
  return times[field] ?? null;
}

function hasValue(run: ShownRun, field: string, value: string, owner: string): boolean {
  const [head = '', ...rest] = field.split('.');
  switch (field) {
    case 'id':
      return run.id === Number(value);
    case 'user.id':
      return run.userId === Number(value);
    case 'project.id':
      return run.projectId === Number(value);
    case 'user':
    case 'user.username':
      return run.user.toLowerCase() === value.toLowerCase();
    case 'project':
      return value === run.project || value === `${owner}.${run.project}`;
    case 'tags':
      return run.tags.includes(value);
    case 'independent':
      return (run.group === null) === (value.toLowerCase() === 'true');
    case 'group':
      return isReference(run.group, value, `${owner}.${run.project}`, '');
    case 'build':
      return isReference(run.build, value, `${owner}.${run.project}`, 'builds.');
    case 'name':
    case 'description':
      return hasText(run[field], value);
    case 'status':
    case 'backend':
    case 'framework':
    case 'commit':
      return run[field] === value;
  }
  if (head !== 'params' && head !== 'declarations') throw new Error(`there is no field ${field}`);
  const text = run.params.get(rest.join('.'));
  if (text === undefined) return false;
  if (/^(true|false)$/i.test(value) && text.toLowerCase() === value.toLowerCase())
    return text === value || /^[Tt]rue$|^[Ff]alse$/.test(text);
  return text === value || (isNumber(text) && isNumber(value) && Number(text) === Number(value));
}

/** True for a text that the number of a param is kept of. */
export function isNumber(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

function isReference(ref: string | null, value: string, home: string, kind: string): boolean {
  if (ref === null) return false;
  if (ref === value) return true;
  if (/^\d+$/.test(value)) return ref.endsWith(`.${value}`);
  return /^\d+$/.test(ref) && [`${home}.${ref}`, `${home}.${kind}${ref}`].includes(value);
}

function hasText(text: string | null, value: string): boolean {
  if (text === null) return false;
  if (!/^%|%$/.test(value)) return text === value;
  const piece = lower(value.replace(/^%/, '').replace(/%$/, '').trim());
  const found = lower(text);
  if (!value.startsWith('%')) return found.startsWith(piece);
  return value.endsWith('%') ? found.includes(piece) : found.endsWith(piece);
}

const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Blanks that a user may leave, and the ways of writing one thing. */
export interface Style {
  readonly blank: string;
  readonly mirrored: boolean;
}

export const style: fc.Arbitrary<Style> = fc.record({
  blank: fc.constantFrom('', '', ' ', '  ', '\t'),
  mirrored: fc.boolean(),
});

/** The condition in the language. */
export function render(asked: Asked, { blank, mirrored }: Style): string {
  const not = asked.negated ? `~${blank}` : '';
  const head = `${blank}${asked.field}${blank}:${blank}${not}`;
  if (asked.kind === 'values') return `${head}${asked.values.join(`${blank}|${blank}`)}${blank}`;
  if (asked.kind === 'range') return `${head}${asked.from}${blank}..${blank}${asked.to}`;
  const sign = mirrored ? [...asked.comparison].reverse().join('') : asked.comparison;
  return `${head}${sign}${blank}${asked.value}${blank}`;
}
