import type { Param } from '../../../src/core/params.js';
import type { Command, EnvVar, SpecInput } from '../../../src/core/spec.js';
import { namesSchema, type Polyaxonfile, polyaxonfileSchema } from '../wire/polyaxonfile.js';
import { toParams } from './params.js';
import { checkContent, checkSections, type SentFile } from './polyaxonfile.js';
import { pythonText } from './python-text.js';
import { type Named, toRoles } from './roles.js';
import { fillTemplates, type Names } from './template.js';

/** What a request says beside its file, and in preference to it. */
export interface BesideFile {
  /** By key, over those of the file. */
  readonly params?: Readonly<Record<string, unknown>> | null | undefined;
  readonly framework?: string | null | undefined;
  readonly backend?: string | null | undefined;
}

/** A file as the core has it, and what of it belongs to the run and not to its spec. */
export interface FromFile {
  /** null for a file without `run`: nothing is to be started. */
  readonly spec: SpecInput | null;
  readonly params: readonly Param[];
  /** As it was named; the spec has it only if the core knows it. */
  readonly framework: string | null;
  readonly backend: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The file as the API shows it: templates filled, params under their own name. */
  readonly config: Readonly<Record<string, unknown>>;
}

const unfilled = ['version', 'kind', 'params', 'declarations', 'inputs', 'outputs', 'name', 'description'];

/** A backslash that stands alone is the end of a line which YAML has joined with the next. */
const continuation = /(^|[ \t])\\(?:\r?\n|[ \t]+|$)/g;

/** The script of a command; the lines of a list run one after another, for as long as they go well. */
function toCommand(cmd: string | readonly string[]): Command {
  const lines = typeof cmd === 'string' ? [cmd] : cmd;
  const script = lines.map((line) => line.replace(continuation, '$1').trim()).join(' && ');
  return { kind: 'shell', script };
}

function toEnv({ build, environment }: Polyaxonfile): readonly EnvVar[] {
  const values = new Map([...(build?.env_vars ?? []), ...(environment?.env_vars ?? [])]);
  return [...values].map(([name, value]) => ({ name, value: value === null ? '' : pythonText(value) }));
}

/** What templates may name: params, and what inputs have by default. */
interface Declared {
  readonly params: Readonly<Record<string, unknown>>;
  readonly names: Names;
}

function declare(document: SentFile['document'], beside: BesideFile): Declared {
  const sent = checkContent(namesSchema, {
    params: document.params,
    declarations: document.declarations,
    inputs: document.inputs,
  });
  const params = { ...(sent.params ?? sent.declarations), ...beside.params };
  const names: Record<string, unknown> = { ...params };
  for (const input of sent.inputs ?? []) {
    const value = Object.hasOwn(names, input.name) ? names[input.name] : input.default;
    if (value === undefined) continue;
    names[input.name] = input.is_flag === true ? flag(input.name, value) : value;
  }
  return { params, names };
}

function flag(name: string, value: unknown): string {
  return value === true || value === 'true' || value === 'True' ? `--${name}` : '';
}

function fill(document: SentFile['document'], { params, names }: Declared): Record<string, unknown> {
  const { declarations: _, params: __, ...sections } = document;
  const left = unfilled.filter((section) => Object.hasOwn(sections, section));
  const kept = Object.fromEntries(left.map((section) => [section, sections[section]]));
  const filled = Object.fromEntries(Object.entries(sections).filter(([section]) => !left.includes(section)));
  const all = fillTemplates(filled, names, 'content') as Record<string, unknown>;
  return { ...kept, ...(Object.keys(params).length === 0 ? {} : { params }), ...all };
}

/** The params that a file has, by key. @throws CoreError `invalid`. */
export function paramsOf(document: SentFile['document']): Readonly<Record<string, unknown>> {
  return declare(document, {}).params;
}

/**
 * A file as the core has it. The same file and the same params always give the same.
 *
 * @throws CoreError `invalid` with each field that is wrong, as the client knows it:
 * `content.environment.replicas.n_workers`.
 */
export function toCore(sent: SentFile, beside: BesideFile = {}): FromFile {
  checkSections(sent.document);
  const declared = declare(sent.document, beside);
  const config = fill(sent.document, declared);
  const file = checkContent(polyaxonfileSchema, config);
  const frameworkAt = beside.framework == null ? 'content.framework' : 'framework';
  const named = {
    framework: beside.framework ?? file.framework ?? null,
    backend: beside.backend ?? file.backend ?? null,
  };
  return {
    spec: file.run == null ? null : toSpec(sent, file, { ...named, frameworkAt }, file.run.cmd),
    params: toParams(declared.params),
    ...named,
    name: file.name ?? null,
    description: file.description ?? null,
    tags: file.tags ?? [],
    config,
  };
}

function toSpec(
  { mediaType, text }: SentFile,
  file: Polyaxonfile,
  named: Named,
  cmd: string | readonly string[],
): SpecInput {
  const { build, environment } = file;
  const steps = build?.build_steps ?? [];
  const { framework, roles } = toRoles(file, named, {
    image: build?.image || null,
    command: toCommand(cmd),
    setup: steps.length === 0 ? null : steps.join('\n'),
    env: toEnv(file),
  });
  return {
    source: { dialect: 'polyaxon', mediaType, text },
    framework,
    namespace: null,
    roles,
    code: null,
    termination: {
      completion: { kind: 'job', role: 'master', index: 0 },
      maxRetries: environment?.max_restarts ?? 0,
    },
  };
}
