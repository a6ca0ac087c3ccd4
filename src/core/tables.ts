import { type ArtifactPath, childPath } from './artifact-path.js';
import type { Tag } from './params.js';
import { loggedTablesTag } from './tracking-tags.js';

/** Files whose names end so are tables, whether or not anything names them. */
const suffix = '.parquet';

/** True for a file that is a table by its name. */
export function isTableName(path: ArtifactPath): boolean {
  return path.toLowerCase().endsWith(suffix);
}

/** The files that a run's tags name as tables, each once. A tag of another form than the client's names none. */
export function tablesNamedIn(tags: readonly Tag[]): readonly ArtifactPath[] {
  const value = tags.find(({ key }) => key === loggedTablesTag)?.value ?? null;
  const entries = value === null ? [] : parsedList(value);
  return [...new Set(entries.flatMap(pathOf))];
}

function parsedList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function pathOf(entry: unknown): readonly ArtifactPath[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const { path, type } = entry as { path?: unknown; type?: unknown };
  if (type !== 'table' || typeof path !== 'string') return [];
  const checked = childPath(null, path);
  return checked === null ? [] : [checked];
}
