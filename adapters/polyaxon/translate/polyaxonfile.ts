import type { z } from '@hono/zod-openapi';
import { CoreError, type Issue, invalid } from '../../../src/core/errors.js';
import { checkValue } from '../../../src/http/check-value.js';
import { parseJson } from '../../../src/http/parse-json.js';
import { parseYaml } from '../../../src/http/parse-yaml.js';
import { polyaxonfileSchema } from '../wire/polyaxonfile.js';
import { isRecord, placeOf, shown } from './json.js';
import { parsePython } from './python-literal.js';

/** In UTF-16 units; many times the longest file. */
const longestFile = 1024 * 1024;

/** Faults beyond this number are not named. */
const maxIssues = 20;

/** A file as it came, checked to be a mapping. */
export interface SentFile {
  /** `application/json`, `application/yaml`, or `text/x-python` for what Python prints of a dict. */
  readonly mediaType: string;
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The same error, told of the request's field `content`. */
function ofContent(error: unknown): unknown {
  if (!(error instanceof CoreError)) return error;
  const { detail } = error;
  if (detail.code !== 'invalid') return invalid('content', error.message);
  const { path, message } = detail.issues[0] ?? { path: '', message: error.message };
  return invalid(path === '' ? 'content' : placeOf('content', path), message);
}

type Parsed = Pick<SentFile, 'mediaType'> & { readonly value: unknown };

function parse(text: string): Parsed {
  if (text.includes('\0')) throw invalid('', 'NUL characters are not allowed');
  const start = text.trimStart();
  if (start.startsWith('{')) {
    try {
      return { mediaType: 'application/json', value: parseJson(text) };
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'malformed') throw error;
    }
  }
  if (start.startsWith('{') || start.startsWith('OrderedDict(')) {
    const python = parsePython(text);
    if (python !== undefined) {
      checkValue(python.value, true);
      return { mediaType: 'text/x-python', ...python };
    }
  }
  return { mediaType: 'application/yaml', value: parseYaml(text) };
}

function parseContent(text: string): Parsed {
  try {
    return parse(text);
  } catch (error) {
    throw ofContent(error);
  }
}

/** YAML 1.1 would merge there, and its other readers do. */
function checkMerges(value: unknown, place: readonly PropertyKey[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === '<<') throw invalid(placeOf(...place, key), 'merge keys are not taken');
    checkMerges(item, [...place, key]);
  }
}

/**
 * Reads a file, or a part of one: YAML, JSON, or what Python prints of a dict, which is what the CLI
 * sends. Of equal keys of JSON the last one counts; in the other forms they are refused.
 *
 * @throws CoreError `invalid` that names `content`.
 */
export function readFile(text: string): SentFile {
  if (text.length > longestFile) throw invalid('content', `is longer than ${longestFile} characters`);
  const { mediaType, value } = parseContent(text);
  if (!isRecord(value)) throw invalid('content', 'must be a mapping');
  checkMerges(value, ['content']);
  return { mediaType, text, document: value };
}

function checkVersion(version: unknown): void {
  if (version === undefined || version === null) throw invalid('content.version', 'is missing');
  if (version !== 1 && version !== '1') throw invalid('content.version', 'must be 1');
}

function checkKind(kind: unknown): void {
  if (kind === undefined || kind === null) throw invalid('content.kind', 'is missing');
  if (kind === 'experiment') return;
  const text = typeof kind === 'string' ? `${shown(kind)} is not served here: ` : '';
  throw invalid('content.kind', `${text}must be experiment`);
}

/**
 * Checks what must hold before a file's templates are filled: version, kind, and that it has only
 * sections of an experiment.
 *
 * @throws CoreError `invalid` that names the section.
 */
export function checkSections(document: SentFile['document']): void {
  checkVersion(document.version);
  checkKind(document.kind);
  for (const section of Object.keys(document)) {
    if (!Object.hasOwn(polyaxonfileSchema.shape, section)) {
      throw invalid(placeOf('content', section), 'is no section of an experiment');
    }
  }
  if (document.params != null && document.declarations != null) {
    throw invalid('content.declarations', 'params and declarations are the same: only one is taken');
  }
}

type SchemaIssue = z.core.$ZodIssue;

/** The faults of a value; of a union those of the form that comes closest. */
function issuesOf(issue: SchemaIssue, place: readonly PropertyKey[]): Issue[] {
  const path = [...place, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: placeOf(...path, key), message: 'is not known here' }));
  }
  if (issue.code === 'invalid_union') {
    const [closest] = issue.errors
      .map((issues) => issues.flatMap((one) => issuesOf(one, path)))
      .filter((issues) => issues.some((one) => one.path !== placeOf(...path)));
    return closest ?? [{ path: placeOf(...path), message: 'has a form that is not taken here' }];
  }
  return [{ path: placeOf(...path), message: issue.message.slice(0, 500) }];
}

/**
 * A value as a schema gives it.
 *
 * @throws CoreError `invalid` with each field that is wrong, as the client knows it.
 */
export function checkContent<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => issuesOf(issue, ['content'])).slice(0, maxIssues);
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new CoreError({ code: 'invalid', issues }, text);
}
