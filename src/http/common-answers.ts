import type { z } from '@hono/zod-openapi';
import type { AnswerDefinition } from './route.js';

const always = {
  400: 'The request is not valid.',
  403: 'The caller may not do this, or the Host or Origin is foreign.',
  404: 'There is no such thing, or the caller may not know of it.',
  405: 'The method is not allowed on this path.',
  406: 'The Accept header excludes JSON.',
  500: 'The server failed; the answer names the request id.',
  503: 'The server cannot answer now; try again after Retry-After seconds.',
} as const;

const secured = { 401: 'The token is missing or wrong.' } as const;

const withBody = {
  408: 'The body did not come in time.',
  413: 'The body is too large.',
  415: 'The Content-Type is not taken.',
} as const;

/** The error answers that every route of a dialect can give, for the OpenAPI document. */
export function commonAnswers(
  schema: z.ZodType,
  route: { secured: boolean; hasBody: boolean },
): Readonly<Record<number, AnswerDefinition>> {
  const descriptions: Record<number, string> = {
    ...always,
    ...(route.secured ? secured : {}),
    ...(route.hasBody ? withBody : {}),
  };
  return Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [status, { description, schema }]),
  );
}
