import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { CoreError, type Issue } from '../core/errors.js';
import type { Context } from '../services/context.js';
import { type BodyMediaType, type ParsedBody, readBody } from './body.js';
import type { HttpContext, HttpEnv } from './http-env.js';
import type { Integers } from './parse-json.js';

/** An answer as the OpenAPI document describes it; without a schema or media type it has no body. */
export interface AnswerDefinition {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Of the body, e.g. `application/gzip`: text or bytes, where there is no schema. Default: JSON. */
  readonly mediaType?: string;
}

/** The body that a route takes. */
export interface BodyDefinition<B extends z.ZodType> {
  /** Gets undefined for an empty body, and for null: a route to which that means something has it optional. */
  readonly schema: B;
  readonly mediaTypes: readonly BodyMediaType[];
  /** What the schema gets for an empty body instead, e.g. `{}` where that is one without fields. */
  readonly whenEmpty?: unknown;
  /** For the document: may a client leave the body away? Required unless it says false. */
  readonly required?: boolean;
  /** `exact` gives integers beyond 2^53 as bigint. Default: numbers, as JSON.parse rounds them. */
  readonly integers?: Integers;
  /** Less than the dialect takes elsewhere: for a route that anybody may call. */
  readonly maxBytes?: number;
}

/** One operation: what the document says of it and what is checked before its handler sees it. */
export interface RouteDefinition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In OpenAPI's form: `/api/v1/experiment/{id}`. `{name{regex}}` takes more than one segment. */
  readonly path: string;
  /** Other paths at which the same is served, with the same parameters; the document does not show them. */
  readonly aliases?: readonly string[];
  /** Unique in the dialect, camelCase: the name of the method in generated clients. */
  readonly operationId: string;
  /** The name of the class in generated clients. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Path parameters come percent-decoded. */
  readonly params?: P;
  /** A parameter that comes more than once is an array. */
  readonly query?: Q;
  readonly body?: BodyDefinition<B>;
  /** By status. The dialect's error answers are added by `createDialectApp`; one named here wins. */
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
}

/** What a handler gets of the request: checked, and typed by the definition's schemas. */
export interface RouteInput<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** The body as it came: text and media type. The text is empty for routes without a body. */
  readonly source: Pick<ParsedBody, 'mediaType' | 'text'>;
}

/** Serves a route whose caller is known. */
export type RouteHandler<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = (
  input: RouteInput<P, Q, B>,
  context: Context,
  c: HttpContext,
) => Response | Promise<Response>;

/** Serves a route that anybody may call, such as the one that gives out tokens. */
export type OpenRouteHandler<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = (
  input: RouteInput<P, Q, B>,
  c: HttpContext,
) => Response | Promise<Response>;

/** What a stranger may send to a route that gives out tokens: many times a name and a password. */
export const maxLoginBytes = 64 * 1024;

/** How much of a body is read and for how long. */
export interface RouteLimits {
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
}

const noBody = { mediaType: 'application/json', text: '', value: undefined } as const satisfies ParsedBody;

/** Faults beyond this number are not named: an answer does not grow with the request. */
const maxIssues = 20;

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, 200);
}

/** The faults of a value; of a union those of the form that comes closest, if one is right but for what is in it. */
function issuesOf(issue: z.core.$ZodIssue, place: readonly PropertyKey[]): Issue[] {
  const path = [...place, ...issue.path];
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.find((issues) => issues.every((one) => one.path.length > 0));
    if (closest !== undefined && closest.length > 0) return closest.flatMap((one) => issuesOf(one, path));
  }
  return [{ path: dotted(path), message: issue.message.slice(0, 500) }];
}

/** What a schema makes of a value. Throws CoreError `invalid` with a list of its faults. */
export function check<S extends z.ZodType>(schema: S | undefined, value: unknown): z.output<S> | undefined {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, maxIssues)
    .flatMap((issue) => issuesOf(issue, []))
    .slice(0, maxIssues);
  const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new CoreError({ code: 'invalid', issues }, text);
}

function queryOf(c: HttpContext): Record<string, string | string[]> {
  const entries = Object.entries(c.req.queries()).map(([name, values]): [string, string | string[]] => {
    const [first] = values;
    return [name, values.length === 1 && first !== undefined ? first : values];
  });
  return Object.fromEntries(entries);
}

/**
 * Reads and checks what a definition describes. Every fault is a CoreError, told in the same way for
 * JSON and YAML.
 */
export async function readInput<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  definition: RouteDefinition<P, Q, B>,
  limits: RouteLimits,
  c: HttpContext,
): Promise<RouteInput<P, Q, B>> {
  const { params, query, body } = definition;
  const checkedParams = check(params, params === undefined ? undefined : c.req.param());
  const checkedQuery = check(query, query === undefined ? undefined : queryOf(c));
  const parsed: ParsedBody =
    body === undefined
      ? noBody
      : await readBody(c.req.raw, {
          mediaTypes: body.mediaTypes,
          integers: body.integers ?? 'number',
          maxBytes: body.maxBytes ?? limits.maxBodyBytes,
          timeoutMs: limits.bodyTimeoutMs,
        });
  // A schema that the definition leaves out has the type of undefined, which is what `check` gives then.
  return {
    params: checkedParams as z.output<P>,
    query: checkedQuery as z.output<Q>,
    body: check(body?.schema, parsed.value ?? body?.whenEmpty) as z.output<B>,
    source: parsed,
  };
}

/** A path in Hono's form: `{id}` becomes `:id`, `{path{.+}}` becomes `:path{.+}`. */
export function honoPath(path: string): string {
  return path.replace(/\{(\w+)(\{[^/]*\})?\}/g, ':$1$2');
}

/** A path in OpenAPI's form: `{path{.+}}` becomes `{path}`. */
export function documentPath(path: string): string {
  return path.replace(/\{(\w+)\{[^/]*\}\}/g, '{$1}');
}

type Registry = OpenAPIHono<HttpEnv>['openAPIRegistry'];
type RegisteredRoute = Parameters<Registry['registerPath']>[0];

/** How the document shows bytes. */
export const binary = z.string().openapi({ format: 'binary' });

/** The media type of an answer's body, null without one. */
function answerType({ mediaType, schema }: AnswerDefinition): string | null {
  return mediaType ?? (schema === undefined ? null : 'application/json');
}

/** The media types of what a route answers when it goes well. */
export function answerTypes(answers: Readonly<Record<number, AnswerDefinition>>): readonly string[] {
  const good = Object.entries(answers).filter(([status]) => Number(status) < 300);
  return good.map(([, answer]) => answerType(answer)).filter((type) => type !== null);
}

function answersOf(answers: Readonly<Record<number, AnswerDefinition>>): RegisteredRoute['responses'] {
  const entries = Object.entries(answers).map(([status, answer]) => {
    const { description } = answer;
    const type = answerType(answer);
    if (type === null) return [status, { description }];
    const schema = answer.schema ?? (type.startsWith('text/') ? z.string() : binary);
    return [status, { description, content: { [type]: { schema } } }];
  });
  return Object.fromEntries(entries) as RegisteredRoute['responses'];
}

/** A body as the document describes it. */
interface DocumentedBody {
  readonly schema: z.ZodType;
  readonly mediaTypes: readonly string[];
  readonly required?: boolean;
}

/** A route as the document describes it. */
export type DocumentedRoute = Omit<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>, 'body'> & {
  readonly body?: DocumentedBody;
};

function bodyOf(body: DocumentedBody) {
  const content = Object.fromEntries(
    body.mediaTypes.map((mediaType) => [mediaType, { schema: body.schema }]),
  );
  return { content, required: body.required ?? true };
}

/** Writes a route into the dialect's document, with the error answers that are common to the dialect. */
export function registerRoute(
  registry: Registry,
  definition: DocumentedRoute,
  common: { answers: Readonly<Record<number, AnswerDefinition>>; security: RegisteredRoute['security'] },
): void {
  const { body, params, query } = definition;
  const request = {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: bodyOf(body) }),
  };
  const { method, operationId, summary, description, tag } = definition;
  registry.registerPath({
    method,
    path: documentPath(definition.path),
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(common.security === undefined ? {} : { security: common.security }),
    request,
    responses: answersOf({ ...common.answers, ...definition.answers }),
  });
}
