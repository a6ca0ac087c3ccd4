import { isRecord } from './json.js';
import { readFile, type SentFile } from './polyaxonfile.js';

type Document = SentFile['document'];

/** Mappings are merged, all else is replaced, as by `rhea`, which the real server merges files with. */
function mergeDeep(base: Document, change: Document): Document {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(change)) {
    const present = merged.get(key);
    merged.set(key, isRecord(value) && isRecord(present) ? mergeDeep(present, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The older name of the params, so that each part finds the other's. */
function withParams(document: Document): Document {
  if (document.declarations == null || document.params != null) return document;
  return Object.fromEntries(
    Object.entries(document)
      .filter(([key]) => key !== 'params')
      .map(([key, value]) => [key === 'declarations' ? 'params' : key, value]),
  );
}

/**
 * The file of a run that is made of another: a part of a file, merged deep onto the origin's. The text
 * is JSON.
 *
 * @param source the file of the origin; null if it had none.
 * @throws CoreError `invalid` that names `content`, for a part that cannot be read.
 */
export function mergeContent(source: string | null, part: string): SentFile {
  const change = withParams(readFile(part).document);
  const base = source === null ? {} : withParams(readFile(source).document);
  const document = mergeDeep(base, change);
  return { mediaType: 'application/json', text: JSON.stringify(document), document };
}
