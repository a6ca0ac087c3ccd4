import fc from 'fast-check';

/** A condition as a user means it; `render` writes it in the language. */
export type Asked =
  | {
      readonly kind: 'number';
      readonly name: Named;
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
      readonly value: string;
    }
  | {
      readonly kind: 'text';
      readonly name: Named;
      readonly operator: '=' | '!=' | 'LIKE' | 'ILIKE';
      readonly value: string;
    }
  | {
      readonly kind: 'list';
      readonly name: Named;
      readonly operator: 'IN' | 'NOT IN';
      readonly values: readonly string[];
    }
  | { readonly kind: 'there'; readonly name: Named; readonly operator: 'IS NULL' | 'IS NOT NULL' };

/** What a condition or a term is about. */
export interface Named {
  readonly kind: 'attribute' | 'metric' | 'param' | 'tag';
  readonly key: string;
}

/** A run as an answer shows it, with its entries as maps; times in milliseconds. */
export interface ShownRun {
  readonly info: Readonly<Record<string, string | number | null>>;
  readonly metrics: ReadonlyMap<string, number>;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
}

/** True if the condition holds for the run: by the words of the language's documentation alone. */
export function holds(run: ShownRun, asked: Asked): boolean {
  const value = shownValue(run, asked.name);
  if (asked.kind === 'there') return (value === null) === (asked.operator === 'IS NULL');
  if (value === null) return false;
  switch (asked.kind) {
    case 'number':
      return compared(value as number, asked.operator, Number(asked.value));
    case 'text':
      return textHolds(String(value), asked.operator, asked.value);
    case 'list':
      return asked.values.includes(String(value)) === (asked.operator === 'IN');
  }
}

/** The value that is asked for; null where the run has none. */
export function shownValue(run: ShownRun, { kind, key }: Named): string | number | null {
  switch (kind) {
    case 'attribute':
      return run.info[key] ?? null;
    case 'metric':
      return run.metrics.get(key) ?? null;
    case 'param':
      return run.params.get(key) ?? null;
    case 'tag':
      return run.tags.get(key) ?? null;
  }
}

/** JavaScript compares NaN as the language does: it is unequal to every number, and that is all that is true of it. */
function compared(value: number, operator: string, other: number): boolean {
  const truths: Readonly<Record<string, boolean>> = {
    '=': value === other,
    '!=': value !== other,
    '<': value < other,
    '<=': value <= other,
    '>': value > other,
    '>=': value >= other,
  };
  return truths[operator] === true;
}

function textHolds(text: string, operator: 'LIKE' | 'ILIKE' | '=' | '!=', value: string): boolean {
  if (operator === '=') return text === value;
  if (operator === '!=') return text !== value;
  const fold = (part: string) =>
    operator === 'LIKE' ? part : part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const pattern = [...fold(value)]
    .map((sign) => (sign === '%' ? '.*' : sign === '_' ? '.' : `\\u{${sign.codePointAt(0)?.toString(16)}}`))
    .join('');
  return new RegExp(`^${pattern}$`, 'su').test(fold(text));
}

/** Ways of writing one thing. */
export interface Style {
  readonly blank: string;
  readonly quote: "'" | '"';
  readonly keyQuote: '' | '`' | '"' | "'";
  /** Which of the words for a kind, and of the cases of keywords. */
  readonly variant: number;
}

export const style: fc.Arbitrary<Style> = fc.record({
  blank: fc.constantFrom(' ', ' ', '  ', '\t', '\n'),
  quote: fc.constantFrom("'", '"'),
  keyQuote: fc.constantFrom('', '', '`', '"', "'"),
  variant: fc.nat({ max: 11 }),
});

const words = {
  attribute: ['attributes', 'attribute', 'attr', 'run', ''],
  metric: ['metrics', 'metric', '`metrics`'],
  param: ['params', 'param', 'parameter', 'parameters'],
  tag: ['tags', 'tag'],
} as const satisfies Record<Named['kind'], readonly string[]>;

/** The name in the language. */
export function renderName({ kind, key }: Named, { keyQuote, variant }: Style): string {
  const word = words[kind][variant % words[kind].length] ?? '';
  // "parameter" is a keyword to the real server's reader of SQL, behind which no name begins with a digit.
  const isMisread = word.startsWith('parameter') && /^\d/.test(key);
  const isPlain = /^[\p{L}\p{N}_.]+$/u.test(key) && !/(^|\.)\d+(\.|$)/.test(key) && !isMisread;
  const needsQuote = keyQuote === '' && !isPlain;
  const wanted = needsQuote ? '`' : keyQuote;
  const quote = word === '' && wanted === "'" ? '`' : key.includes(wanted || 'none') ? '`' : wanted;
  return `${word === '' ? '' : `${word}.`}${quote}${key}${quote}`;
}

/** The condition in the language. A value with both quotes in it cannot be written. */
export function render(asked: Asked, how: Style): string {
  const { blank, quote, variant } = how;
  const keyword = (word: string) => (variant % 3 === 0 ? word.toLowerCase() : word).replaceAll(' ', ' ');
  const name = renderName(asked.name, how);
  const text = (value: string) => {
    const mark = value.includes(quote) ? (quote === "'" ? '"' : "'") : quote;
    return `${mark}${value}${mark}`;
  };
  // Lists alone are read as Python writes them.
  const escaped = (value: string) => value.replaceAll('\\', '\\\\');
  switch (asked.kind) {
    case 'number':
      return `${name}${variant % 2 === 0 ? '' : blank}${asked.operator}${variant % 2 === 0 ? '' : blank}${asked.value}`;
    case 'text':
      return `${name}${blank}${keyword(asked.operator)}${blank}${text(asked.value)}`;
    case 'list':
      return `${name} ${keyword(asked.operator)}${blank}(${asked.values.map(escaped).map(text).join(`,${blank}`)})`;
    case 'there':
      return `${name} ${keyword(asked.operator)}`;
  }
}
