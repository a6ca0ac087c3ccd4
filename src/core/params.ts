/** What a param's text stands for. */
export type ParamType = 'string' | 'integer' | 'double' | 'boolean' | 'datetime' | 'json';

/** An input of a run. `text` is exact as logged; `number` is for filters and orders alone. */
export interface Param {
  readonly key: string;
  readonly type: ParamType;
  readonly text: string;
  readonly number: number | null;
}

/** A label (`value` null) or a key with a value. */
export interface Tag {
  readonly key: string;
  readonly value: string | null;
}
