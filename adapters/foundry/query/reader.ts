import { quoted, refused } from './refused.js';

/** A part of a filter as it was sent, and its place, e.g. `where.filters[0].value`. */
export class Part {
  constructor(
    readonly path: string,
    private readonly members: Readonly<Record<string, unknown>>,
  ) {}

  /** The part that is at a place. Throws InvalidExperimentSearchFilter for what is no object. */
  static of(path: string, value: unknown): Part {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw refused(path, `must be a filter, not ${quoted(value)}`);
    return new Part(path, value as Readonly<Record<string, unknown>>);
  }

  /** The names of what is in it. */
  get names(): readonly string[] {
    return Object.keys(this.members);
  }

  /** The place of a member. */
  at(name: string): string {
    return `${this.path}.${name}`;
  }

  /** What is there; undefined for nothing. */
  value(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string') throw refused(this.at(name), `must be a text, not ${quoted(value)}`);
    return value;
  }

  /** A number; beyond 2^53 as near as there is one. */
  number(name: string): number {
    const value = this.value(name);
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw refused(this.at(name), `must be a number, not ${quoted(value)}`);
    return number;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.value(name);
    const choice = choices.find((each) => each === value);
    if (choice === undefined)
      throw refused(this.at(name), `must be one of ${choices.join(', ')}, not ${quoted(value)}`);
    return choice;
  }

  /** The parts in a list. */
  parts(name: string): readonly Part[] {
    const value = this.value(name);
    if (!Array.isArray(value))
      throw refused(this.at(name), `must be a list of filters, not ${quoted(value)}`);
    return value.map((item, index) => Part.of(`${this.at(name)}[${index}]`, item));
  }

  /** The part in a member. */
  part(name: string): Part {
    return Part.of(this.at(name), this.value(name));
  }
}
