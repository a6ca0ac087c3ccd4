import { z } from '@hono/zod-openapi';
import { parseWireTime } from '../translate/time.js';

/** The longest name of an experiment or project. */
export const maxNameLength = 256;

/** What the clients' schemas take as a name; what does not match cannot be read by them. */
export const namePattern = /^[-a-zA-Z0-9_]+$/;

/** A name as a client may set it. */
export const nameInput = z
  .string()
  .regex(namePattern, 'may have letters, digits, - and _ only')
  .max(maxNameLength, `must not be longer than ${maxNameLength} characters`)
  .openapi({ pattern: '^[-a-zA-Z0-9_]+$', maxLength: maxNameLength, example: 'quick-start' });

/** Clients send every field of their schemas: null means that a field was not set. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish();
}

/** A schema of a registered component that may also be null. (`.nullable()` would change the component itself.) */
export function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

/** Any JSON object. */
export const anyObject = z.record(z.string(), z.unknown());

/** A time in an answer. */
export const time = z.string().openapi({ format: 'date-time', example: '2018-08-22T19:25:05.764283+00:00' });

/** A time that a client sends: ISO 8601 with a blank or a T, and UTC where it names no zone; gives microseconds. */
export const timeInput = z
  .string()
  .transform((text, context) => {
    const at = parseWireTime(text);
    if (at !== null) return at;
    context.addIssue({ code: 'custom', message: 'must be a date and time as in ISO 8601' });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: '2018-08-22 19:25:05.764283+00:00' });

/** Many times what anybody uses; a key of an index holds no longer names. */
const limits = { tags: 1000, tagLength: 250, params: 10_000, paramNameLength: 250 } as const;

/** Tags as a list. */
export const tagList = z
  .array(z.string().max(limits.tagLength, `must not be longer than ${limits.tagLength} characters`))
  .max(limits.tags, `there are more than ${limits.tags} tags`);

/** Tags as a client sends them: a list of texts, or one text with commas between them. */
export const tagsInput = z
  .union([
    tagList,
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ''),
      )
      .pipe(tagList),
  ])
  .openapi({ type: 'array', items: { type: 'string' }, example: ['baseline'] });

/** The most characters of JSON that a field of any form has: of params, and of what is kept as it was sent. */
const maxLength = { params: 262_144, kept: 65_536 } as const;

function atMost(length: number) {
  return [
    (value: unknown) => value === undefined || JSON.stringify(value).length <= length,
    `is larger than ${length} characters of JSON`,
  ] as const;
}

/** The name of a param. */
export const paramName = z
  .string()
  .min(1, 'a param needs a name')
  .max(limits.paramNameLength, `a name has at most ${limits.paramNameLength} characters`);

/** Params by name, of any size together. */
export const namedParams = z
  .record(paramName, z.unknown())
  .refine((params) => Object.keys(params).length <= limits.params, `there are more than ${limits.params}`);

/** Params by name, as they stand in a body. */
export const paramsInput = namedParams.refine(...atMost(maxLength.params));

/** An object that is kept as it was sent. */
export const keptObject = anyObject.refine(...atMost(maxLength.kept));

/** Whatever it is, kept as it was sent. */
export const keptValue = z.unknown().refine(...atMost(maxLength.kept));

/** A text that is kept as it was sent. */
export const keptText = z.string().refine(...atMost(maxLength.kept));

/** A query parameter that is true or false: Python's clients write `True`. */
export const flagQuery = z
  .string()
  .regex(/^(true|false|1|0|yes|no)$/i, 'must be true or false')
  .transform((text) => /^(true|1|yes)$/i.test(text))
  .openapi({ type: 'boolean' });

/** A uuid in an answer: 32 hex digits. */
export const uuid = z
  .string()
  .openapi({ pattern: '^[0-9a-f]{32}$', example: 'd26f9c63ee9b492885c8c679e3ca06ff' });
