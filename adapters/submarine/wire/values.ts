import { z } from '@hono/zod-openapi';

/** The longest name of anything: names are shown in lists and stand in paths. */
export const maxNameLength = 255;

/** A schema of a registered component that may also be null. (`.nullable()` would change the component itself.) */
export function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()]);
}

/**
 * Text, or a number or boolean, which is taken as its text, as Submarine's JSON reader does. The
 * document names no type: a union of them would give each generated client a wrapper class.
 */
export const textValue = z
  .unknown()
  .openapi({ description: 'Text; a number or boolean is taken as its text.' })
  .transform((value, context): string | null => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    context.addIssue({ code: 'custom', message: 'must be text' });
    return z.NEVER;
  });

/** Variables by name. A null value is the empty text, as in Kubernetes. */
export const variablesInput = z
  .record(z.string(), textValue)
  .superRefine((variables, context) => {
    for (const name of Object.keys(variables)) {
      if (name !== '' && !name.includes('=')) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'cannot be the name of an environment variable',
      });
    }
  })
  .transform((variables) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value ?? ''])),
  );

/**
 * A name that stands in a path. A slash, `.` and `..` are refused: half of the clients and proxies
 * would change the path that such a name makes.
 */
export function pathName(refusal: string) {
  return z
    .string({ error: refusal })
    .min(1, refusal)
    .max(maxNameLength, `must not be longer than ${maxNameLength} characters`)
    .refine((name) => !/[/\\\p{Cc}]/u.test(name) && name !== '.' && name !== '..', 'must not be a path');
}
