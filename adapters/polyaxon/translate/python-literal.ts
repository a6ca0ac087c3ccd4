import { invalid } from '../../../src/core/errors.js';
import { maxDepth, tooDeep } from '../../../src/http/check-value.js';
import { shown } from './json.js';

/** Where a text stops being what Python prints of a dict; not for clients. */
class Fault extends Error {
  constructor(readonly at: number) {
    super(`at ${at}`);
  }
}

const blanks = /[ \t\r\n]*/y;
const number = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z_][\w.]*/y;
const quoted = /[uU]?(?:'([^'\\\n]*(?:\\[\s\S][^'\\\n]*)*)'|"([^"\\\n]*(?:\\[\s\S][^"\\\n]*)*)")/y;
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

const named: Readonly<Record<string, string>> = {
  '\n': '',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

function textOf(text: string, at: number): string {
  return text.replace(escapes, (whole, two, four, eight, octal, single: string | undefined) => {
    if (single !== undefined) {
      if (/[NUux]/.test(single)) throw new Fault(at);
      return named[single] ?? (/[\\'"]/.test(single) ? single : whole);
    }
    const code = octal === undefined ? Number.parseInt(two ?? four ?? eight, 16) : Number.parseInt(octal, 8);
    if (code > 0x10ffff) throw new Fault(at);
    return String.fromCodePoint(code);
  });
}

/** A reader of what `repr` gives for dicts, lists, tuples, texts, numbers, True, False and None. */
class Reader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  whole(): unknown {
    const value = this.#value();
    this.#match(blanks);
    if (this.#at < this.text.length) throw new Fault(this.#at);
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #next(): string {
    this.#match(blanks);
    return this.text[this.#at] ?? '';
  }

  #take(token: string): void {
    if (this.#next() !== token) throw new Fault(this.#at);
    this.#at += 1;
  }

  #value(): unknown {
    const start = this.#next();
    if (start === '{') return this.#nested(() => this.#dict());
    if (start === '[') return this.#nested(() => this.#list('[', ']'));
    if (start === '(') return this.#nested(() => this.#list('(', ')'));
    const text = this.#string();
    if (text !== null) return text;
    const digits = this.#match(number);
    if (digits !== null) {
      // Python 2 writes `1L`.
      if (this.text[this.#at] === 'L') this.#at += 1;
      return Number(digits[0]);
    }
    return this.#named();
  }

  #string(): string | null {
    const at = this.#at;
    const match = this.#match(quoted);
    return match === null ? null : textOf(match[1] ?? match[2] ?? '', at);
  }

  #named(): unknown {
    const at = this.#at;
    const name = this.#match(word)?.[0] ?? '';
    if (Object.hasOwn(constants, name)) return constants[name];
    if (name === 'OrderedDict') return this.#nested(() => this.#ordered());
    // YAML, which is tried next, would make texts of them.
    if (name === 'nan' || name === 'inf') throw invalid('', `${name} is not a number that is taken`);
    if (this.text[this.#at] === '(') throw invalid('', `${shown(name)}(…) is no plain value of Python`);
    throw new Fault(at);
  }

  #nested(read: () => unknown): unknown {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw tooDeep();
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #list(open: string, close: string): unknown[] {
    const items: unknown[] = [];
    this.#take(open);
    while (this.#next() !== close) {
      items.push(this.#value());
      if (this.#next() === close) break;
      this.#take(',');
    }
    this.#take(close);
    return items;
  }

  #dict(): unknown {
    const entries: [unknown, unknown][] = [];
    this.#take('{');
    while (this.#next() !== '}') {
      const key = this.#value();
      this.#take(':');
      entries.push([key, this.#value()]);
      if (this.#next() === '}') break;
      this.#take(',');
    }
    this.#take('}');
    return this.#recordOf(entries);
  }

  /** `OrderedDict([('a', 1)])`, since Python 3.12 `OrderedDict({'a': 1})`. */
  #ordered(): unknown {
    const [pairs, ...more] = this.#list('(', ')');
    if (more.length > 0) throw new Fault(this.#at);
    if (!Array.isArray(pairs)) return pairs ?? {};
    return this.#recordOf(
      pairs.map((pair: unknown) => {
        if (!Array.isArray(pair) || pair.length !== 2) throw new Fault(this.#at);
        return [pair[0], pair[1]];
      }),
    );
  }

  #recordOf(entries: readonly (readonly [unknown, unknown])[]): unknown {
    const record = new Map<string, unknown>();
    for (const [key, value] of entries) {
      if (typeof key !== 'string' && typeof key !== 'number') throw new Fault(this.#at);
      if (record.has(String(key))) throw invalid('', `the key ${String(key).slice(0, 100)} stands twice`);
      record.set(String(key), value);
    }
    return Object.fromEntries(record);
  }
}

/**
 * The value that Python prints as this text, tuples as lists; undefined if it is no such text.
 *
 * @throws CoreError `invalid` for a key that stands twice, `nan`, `inf`, a call such as `datetime.date(…)`, and depth.
 */
export function parsePython(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: new Reader(text).whole() };
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
