import { unreadable } from './errors.js';

/** More columns than anything could show. */
const mostColumns = 10_000;

/** The names in the JSON text of `columns`; numbers count as their texts, as where a table was made without names. */
export function columnsOf(text: string): readonly string[] {
  const names = parsed(text, 'columns');
  if (!Array.isArray(names) || names.length === 0) throw unreadable('columns is no list of names');
  if (names.length > mostColumns) throw unreadable(`it has more than ${mostColumns} columns`);
  if (!names.every((name) => typeof name === 'string' || typeof name === 'number'))
    throw unreadable('the name of a column is no text');
  const texts = names.map(String);
  if (new Set(texts).size < texts.length) throw unreadable('two columns have the same name');
  return texts;
}

/** The cells in the JSON text of a row, exactly as they stand there. */
export function cellsOf(text: string, count: number, index: number): readonly string[] {
  const values = parsed(text, `row ${index}`);
  const length = Array.isArray(values) ? values.length : 0;
  if (length !== count) throw unreadable(`row ${index} has ${length} cells, and there are ${count} columns`);
  return split(text);
}

/** Rows as JSON objects, in a list. */
export function objectsOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const keys = columns.map((name) => `${JSON.stringify(name)}:`);
  const objects = rows.map((cells) => `{${cells.map((cell, place) => `${keys[place]}${cell}`).join(',')}}`);
  return `[${objects.join(',')}]`;
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(`${what} is no JSON`);
  }
}

/** The elements of a list that is known to be JSON and not empty. */
function split(list: string): readonly string[] {
  const cells: string[] = [];
  let [depth, start, inText] = [0, 0, false];
  for (let at = 0; at < list.length; at += 1) {
    const character = list[at];
    if (inText) {
      if (character === '\\') at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth === 0) cells.push(list.slice(start, at).trim());
    } else if (character === ',' && depth === 1) {
      cells.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  return cells;
}
