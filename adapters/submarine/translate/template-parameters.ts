import { invalid } from '../../../src/core/errors.js';
import type { ParameterWire } from '../wire/template.js';
import { isRecord, recordOf, scalarOf, textOf } from './json.js';
import { parseResources } from './resources.js';

/** No braces within: else a text of nothing but opening ones would be searched from each to its end. */
const placeholder = /\{\{([^{}]+)\}\}/g;

/** A text, number, boolean or null of a spec, with its place: `meta.cmd`. */
interface Leaf {
  readonly path: string;
  readonly value: unknown;
}

function* leavesOf(value: unknown, path: string): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) {
    yield { path, value };
    return;
  }
  for (const [key, item] of Object.entries(value))
    yield* leavesOf(item, path === '' ? key : `${path}.${key}`);
}

function placeholdersOf(value: unknown): string[] {
  return typeof value === 'string' ? [...value.matchAll(placeholder)].map(([, name = '']) => name) : [];
}

/** A parameter, or anything that was stored as one, with texts for values, as Submarine shows it. */
function parameterOf(value: unknown): ParameterWire {
  const sent = recordOf(value);
  return {
    name: textOf(sent.name) ?? '',
    required: scalarOf(sent.required) ?? 'false',
    description: textOf(sent.description),
    value: scalarOf(sent.value),
  };
}

/** What Submarine adds by itself: for each role its replicas, cpu and memory. */
function roleParameters(spec: unknown): ParameterWire[] {
  return Object.entries(recordOf(spec)).flatMap(([role, task]) => {
    const { replicas, resources } = recordOf(task);
    const { cpu, memory } = parseResources(textOf(resources) ?? '');
    const added = { replicas: String(replicas ?? 1), 'resourceMap.cpu': cpu, 'resourceMap.memory': memory };
    return Object.entries(added).map(([field, value]) => ({
      name: `spec.${role}.${field}`,
      required: 'false',
      description: null,
      value: value ?? null,
    }));
  });
}

/** The parameters that the author of a template declared, under either name. */
function declaredParameters(template: Readonly<Record<string, unknown>>): ParameterWire[] {
  const declared = template.parameters ?? template.experimentTemplateParamSpec;
  return Array.isArray(declared) ? declared.map(parameterOf) : [];
}

/** All parameters of a template: the declared ones, and those of its roles that are not declared. */
export function parametersOf(template: Readonly<Record<string, unknown>>): ParameterWire[] {
  const declared = declaredParameters(template);
  const names = new Set(declared.map(({ name }) => name));
  const added = roleParameters(recordOf(template.experimentSpec).spec).filter(({ name }) => !names.has(name));
  return [...declared, ...added];
}

/**
 * Refuses a template whose parameters and placeholders do not fit. A parameter is named as a
 * placeholder (`lr`), as a place (`meta.cmd`), or as a placeholder at a place (`meta.cmd:lr`).
 *
 * @throws CoreError `invalid` in Submarine's own words.
 */
export function checkParameters(template: Readonly<Record<string, unknown>>): void {
  const names = new Set(parametersOf(template).map(({ name }) => name));
  const used = new Set(roleParameters(recordOf(template.experimentSpec).spec).map(({ name }) => name));
  const unmapped: string[] = [];
  for (const { path, value } of leavesOf(template.experimentSpec, '')) {
    used.add(path);
    for (const name of placeholdersOf(value)) {
      used.add(name).add(`${path}:${name}`);
      if (![name, path, `${path}:${name}`].some((candidate) => names.has(candidate)))
        unmapped.push(`${path}:${name}`);
    }
  }
  const unused = [...names].filter((name) => !used.has(name));
  if (unused.length > 0) throw invalid('', `Parameters contains unused key: [${listed(unused)}]`);
  if (unmapped.length > 0) throw invalid('', `Template contains unmapped value: [${listed(unmapped)}]`);
}

/** The values of a submission: what was given, else the defaults. */
function valuesOf(
  parameters: readonly ParameterWire[],
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const known = new Set(parameters.map(({ name }) => name));
  const illegal = [...given.keys()].filter((name) => !known.has(name));
  if (illegal.length > 0) throw invalid('', `Parameters contains illegal key: [${listed(illegal)}]`);
  const missing = parameters.filter(
    ({ name, required }) => required.toLowerCase() === 'true' && !given.has(name),
  );
  if (missing.length > 0) {
    throw invalid('', `Template contains unmapped value: [${listed(missing.map(({ name }) => name))}]`);
  }
  const values = new Map<string, string>();
  for (const { name, value } of parameters) {
    const chosen = given.get(name) ?? value;
    if (chosen !== null) values.set(name, chosen);
  }
  return values;
}

/**
 * The experiment that a template makes of these values. A value stands for itself: it is not looked
 * into for further placeholders.
 *
 * @param given by parameter; null counts as not given.
 * @throws CoreError `invalid` in Submarine's own words.
 */
export function fillTemplate(
  template: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string | null>>,
): Record<string, unknown> {
  const texts = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null);
  const submitted = new Map(texts);
  const values = valuesOf(parametersOf(template), submitted);
  const declared = new Set(declaredParameters(template).map(({ name }) => name));
  // A role's parameter has the template's own value for its default: only a new value changes anything.
  const places = new Map([...values].filter(([name]) => declared.has(name) || submitted.has(name)));
  const filled = recordOf(fill(template.experimentSpec, '', values, places));
  const roles = Object.entries(recordOf(filled.spec)).map(([role, task]) => [
    role,
    withResources(role, task, places),
  ]);
  return { ...filled, spec: Object.fromEntries(roles) };
}

type Values = ReadonlyMap<string, string>;

function fill(value: unknown, path: string, values: Values, places: Values): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => fill(item, within(path, index), values, places));
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      fill(item, within(path, key), values, places),
    ]);
    return Object.fromEntries(entries);
  }
  const whole = places.get(path);
  if (whole !== undefined) return whole;
  if (typeof value !== 'string') return value;
  return value.replace(
    placeholder,
    (text, name: string) => values.get(`${path}:${name}`) ?? values.get(name) ?? text,
  );
}

function within(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}

/** A task with the amounts and the number of replicas that were asked for, where the template may name none. */
function withResources(role: string, task: unknown, places: Values): unknown {
  const filled = recordOf(task);
  const replicas = places.get(`spec.${role}.replicas`) ?? filled.replicas;
  const asked = ['cpu', 'memory'].flatMap((name): [string, string][] => {
    const value = places.get(`spec.${role}.resourceMap.${name}`);
    return value === undefined ? [] : [[name, value]];
  });
  const withReplicas = replicas === undefined ? filled : { ...filled, replicas };
  if (asked.length === 0) return withReplicas;
  // Submarine 0.8 rebuilds the text of cpu and memory alone, and so loses a GPU: that is kept here.
  const amounts = { ...parseResources(textOf(filled.resources) ?? ''), ...Object.fromEntries(asked) };
  const resources = Object.entries(amounts).map(([name, value]) => `${name}=${value}`);
  return { ...withReplicas, resources: resources.join(',') };
}

/** Some names, and that there are more of them. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => name.slice(0, 100));
  return (names.length > shown.length ? [...shown, '…'] : shown).join(', ');
}
