import { CoreError, invalid } from '../core/errors.js';
import { parseForm } from './parse-form.js';
import { type Integers, parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { type BodyBounds, hasNoBody, readBytes } from './read-bytes.js';

/** The media types of bodies that Franca parses. */
export type BodyMediaType = 'application/json' | 'application/yaml' | 'application/x-www-form-urlencoded';

/** What a route takes. */
export interface BodyRules extends BodyBounds {
  readonly mediaTypes: readonly BodyMediaType[];
  readonly integers: Integers;
}

/** A parsed body, and the text that it came as. */
export interface ParsedBody {
  readonly mediaType: BodyMediaType;
  /** As sent, without a byte order mark; empty when nothing was sent. */
  readonly text: string;
  /** undefined for no body, an empty one, and JSON's or YAML's null: they mean the same. */
  readonly value: unknown;
}

function unsupported(message: string): CoreError {
  return new CoreError({ code: 'unsupported_media_type' }, message);
}

function checkCharset(parameters: readonly string[]): void {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim().toLowerCase());
    if (name === 'charset' && !/^"?utf-?8"?$/.test(value)) throw unsupported('the charset must be utf-8');
  }
}

/** Throws CoreError `unsupported_media_type` for a body that is compressed. */
export function checkEncoding(request: Request): void {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('compressed bodies are not taken');
  }
}

function mediaTypeOf(request: Request, taken: readonly BodyMediaType[]): BodyMediaType {
  checkEncoding(request);
  const header = request.headers.get('content-type') ?? '';
  const [name = '', ...parameters] = header.split(';');
  const mediaType = taken.find((candidate) => candidate === name.trim().toLowerCase());
  if (mediaType === undefined) throw unsupported(`the Content-Type must be ${taken.join(' or ')}`);
  checkCharset(parameters);
  return mediaType;
}

/** Fatal: wrong bytes are an error, not a replacement character. A byte order mark is dropped. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new CoreError({ code: 'malformed' }, 'the body is not UTF-8 text', { cause: error });
  }
}

const parsers: Record<BodyMediaType, (text: string, integers: Integers) => unknown> = {
  'application/json': parseJson,
  'application/yaml': parseYaml,
  'application/x-www-form-urlencoded': parseForm,
};

function parse(text: string, mediaType: BodyMediaType, integers: Integers): unknown {
  if (text.trim() === '') return undefined;
  if (text.includes('\0')) throw invalid('', 'NUL characters are not allowed');
  const value = parsers[mediaType](text, integers);
  return value === null ? undefined : value;
}

/**
 * Reads and parses the body of a request. A request without any body needs no Content-Type; every
 * other one must have a type that the route takes. Rejects CoreErrors `unsupported_media_type`,
 * `too_large`, `timeout`, `malformed` (with the place) and `invalid`.
 */
export async function readBody(request: Request, rules: BodyRules): Promise<ParsedBody> {
  const [firstType = 'application/json'] = rules.mediaTypes;
  if (request.headers.get('content-type') === null && hasNoBody(request)) {
    return { mediaType: firstType, text: '', value: undefined };
  }
  const mediaType = mediaTypeOf(request, rules.mediaTypes);
  const text = decode(await readBytes(request, rules));
  return { mediaType, text, value: parse(text, mediaType, rules.integers) };
}
