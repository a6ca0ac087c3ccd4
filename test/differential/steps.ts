/**
 * One request of the list. In its path and body `<api>` stands for the base of the API, `<files>` for that of files,
 * `<pass>` for a word of the pass, and any other `<word>` for what an earlier answer of the same server taught.
 */
export interface Step {
  /** What it asks; the table of differences knows it by this, so no two are the same. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer;
  /** The content type; null for none. */
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Words for parts of the answer, by the place in it, such as `run.info.run_id`. */
  readonly learn?: Readonly<Record<string, string>>;
  /** What both servers must name if they refuse it. */
  readonly field?: string;
}

/** Steps that follow each other and share what they learned. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

type Options = Pick<Step, 'learn' | 'field' | 'headers' | 'type'>;

/** Reads; the path is one below `<api>`, unless it begins otherwise. */
export function get(name: string, path: string, options: Options = {}): Step {
  return { name, method: 'GET', path: below(path), ...options };
}

/** Sends a value as JSON. */
export function post(name: string, path: string, body: unknown, options: Options = {}): Step {
  return send('POST', name, path, JSON.stringify(body), options);
}

export function patch(name: string, path: string, body: unknown, options: Options = {}): Step {
  return send('PATCH', name, path, JSON.stringify(body), options);
}

/** Sends a text as it stands. */
export function send(
  method: string,
  name: string,
  path: string,
  body: string | Buffer | undefined,
  options: Options = {},
): Step {
  const type = options.type === undefined && body !== undefined ? { type: 'application/json' } : {};
  return { name, method, path: below(path), ...(body === undefined ? {} : { body }), ...type, ...options };
}

function below(path: string): string {
  return path.startsWith('<') || !path.startsWith('/') ? path.replace(/^root:/, '') : `<api>${path}`;
}

/** One request for each row: its name, and what is sent. */
export function posts(
  path: string,
  rows: readonly (readonly [name: string, body: unknown, field?: string])[],
): Step[] {
  return rows.map(([name, body, field]) => post(name, path, body, field === undefined ? {} : { field }));
}

/** The same with bodies that are no JSON, or none that `JSON.stringify` writes. */
export function sends(
  path: string,
  rows: readonly (readonly [name: string, body: string, field?: string])[],
): Step[] {
  return rows.map(([name, body, field]) =>
    send('POST', name, path, body, field === undefined ? {} : { field }),
  );
}

/** The same for reads. */
export function gets(rows: readonly (readonly [name: string, path: string, field?: string])[]): Step[] {
  return rows.map(([name, path, field]) => get(name, path, field === undefined ? {} : { field }));
}

/** A scenario whose steps are named after it. */
export function scenario(name: string, steps: readonly Step[]): Scenario {
  return { name, steps: steps.map((step) => ({ ...step, name: `${name}: ${step.name}` })) };
}
