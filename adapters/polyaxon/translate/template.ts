import { invalid } from '../../../src/core/errors.js';
import { isRecord, placeOf, shown } from './json.js';
import { pythonText } from './python-text.js';

/** What all texts of one file may come to, in UTF-16 units: a param may stand in them very often. */
const longestFilled = 1024 * 1024;

const name = /^[A-Za-z_]\w*(?:\.\w+)*$/;

/** What names in templates stand for. */
export type Names = Readonly<Record<string, unknown>>;

function find(names: Names, dotted: string): { readonly value: unknown } | undefined {
  let value: unknown = names;
  for (const part of dotted.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Names)[part];
  }
  return { value };
}

/** Fills the templates of one file. */
class Filler {
  #left = longestFilled;

  constructor(private readonly names: Names) {}

  fill(value: unknown, place: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return this.#text(value, placeOf(...place));
    if (Array.isArray(value)) return value.map((item, index) => this.fill(item, [...place, index]));
    if (!isRecord(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, this.fill(item, [...place, key])]);
    return Object.fromEntries(entries);
  }

  #text(text: string, path: string): string {
    let filled = '';
    let at = 0;
    for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', at)) {
      const kind = text[open + 1] ?? '';
      if (kind === '%') throw invalid(path, 'statements of templates ({% … %}) are not taken');
      if (kind !== '{') {
        filled += text.slice(at, open + 1);
        at = open + 1;
        continue;
      }
      const close = text.indexOf('}}', open + 2);
      if (close < 0) throw invalid(path, 'a {{ has no }}');
      filled += text.slice(at, open) + this.#value(text.slice(open + 2, close).trim(), path);
      at = close + 2;
      if (filled.length > this.#left) break;
    }
    filled += text.slice(at);
    this.#left -= filled.length;
    if (this.#left < 0) throw invalid(path, 'the file is too long when its templates are filled');
    return filled;
  }

  #value(expression: string, path: string): string {
    if (!name.test(expression)) {
      throw invalid(path, `{{ ${shown(expression)} }} is more than a name: only names of params are taken`);
    }
    const found = find(this.names, expression);
    if (found === undefined) throw invalid(path, `{{ ${shown(expression)} }} names no param`);
    return pythonText(found.value);
  }
}

/**
 * A value with the templates in its texts filled: `{{ lr }}`, `{{ model.lr }}`. What is put in is not
 * looked into again, and keys are left alone.
 *
 * @param place of the value in the request, for errors.
 * @throws CoreError `invalid` for a name that stands for nothing, and for all of Jinja but names.
 */
export function fillTemplates(value: unknown, names: Names, ...place: readonly PropertyKey[]): unknown {
  return new Filler(names).fill(value, place);
}
