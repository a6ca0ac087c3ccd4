/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What of a client's text may stand in an answer. */
export function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** A place in a file as the client knows it, e.g. `content.run.cmd`. */
export function placeOf(...names: readonly PropertyKey[]): string {
  return names.map(String).join('.').slice(0, 200);
}
