import { invalid } from '../../../src/core/errors.js';
import type { Environment } from '../../../src/core/model.js';
import type { CodeSource, Command, Role, SpecInput, SpecSource } from '../../../src/core/spec.js';
import type { CodeSpecWire, ExperimentSpecInput, TaskInput } from '../wire/experiment-spec.js';
import { completionOf, roleKindOf, rulesOf } from './framework.js';
import { toResources } from './resources.js';

/**
 * The neutral spec of what a client sent.
 *
 * @param environment the stored environment that it names, if it names one.
 * @throws CoreError `invalid` for a framework, role, quantity or git address that is none.
 */
export function toSpecInput(
  sent: ExperimentSpecInput,
  source: SpecSource,
  environment: Environment | null,
): SpecInput {
  const rules = rulesOf(sent.meta.framework);
  const image =
    sent.environment?.image ??
    environment?.image ??
    environment?.dockerImage ??
    sent.environment?.dockerImage;
  const shared = { image: image ?? null, cmd: sent.meta.cmd ?? null, envVars: sent.meta.envVars ?? {} };
  const roles = Object.entries(sent.spec).map(
    ([name, task]): Role => ({
      name,
      kind: roleKindOf(rules, name),
      ...roleOf(task, shared, `spec.${name}.resources`),
    }),
  );
  return {
    source,
    framework: rules.framework,
    namespace: namespaceOf(sent.meta.namespace ?? null),
    roles,
    code: codeOf(sent.code ?? null),
    termination: { completion: completionOf(rules, roles), maxRetries: 0 },
  };
}

/** `default` is what clients send that name none, and what is shown of them: it stands for no wish. */
function namespaceOf(sent: string | null): string | null {
  return sent === '' || sent === 'default' ? null : sent;
}

interface Shared {
  readonly image: string | null;
  readonly cmd: string | null;
  readonly envVars: Readonly<Record<string, string>>;
}

/** What a task says replaces what all tasks share; its variables too as a whole. */
function roleOf(task: TaskInput, shared: Shared, path: string): Omit<Role, 'name' | 'kind'> {
  return {
    replicas: task.replicas ?? 1,
    image: task.image ?? shared.image,
    command: commandOf(task.cmd ?? shared.cmd),
    setup: null,
    env: Object.entries(task.envVars ?? shared.envVars).map(([name, value]) => ({ name, value })),
    resources: toResources(task.resources ?? '', path),
    placement: null,
  };
}

/**
 * The words of a command as Java's `cmd.split(" ")` gives them, which Submarine executes without a
 * shell: each space parts, empty words at the end are dropped, others are kept. None for no word at all.
 */
export function commandOf(cmd: string | null): Command | null {
  const argv = (cmd ?? '').split(' ');
  while (argv.at(-1) === '') argv.pop();
  return argv.length === 0 ? null : { kind: 'exec', argv };
}

/** No part may begin with a dash: git and ssh would read it as an option. */
const webAddress = /^(?:https?|ssh):\/\/[^\s/-][^\s/]*\/\S+$/i;
/** As git and scp write it: `git@host:path`. */
const scpAddress = /^[^\s/:@-][^\s/:@]*@[^\s/:@-][^\s/:@]*:\S+$/;

/** Only git does anything in Submarine; of the other modes nothing is known but their names. */
function codeOf(code: CodeSpecWire | null): CodeSource | null {
  if (code === null || (code.syncMode ?? '').toLowerCase() !== 'git') return null;
  const url = code.git?.url ?? code.url ?? '';
  if (!webAddress.test(url) && !scpAddress.test(url)) {
    throw invalid('', `Invalid Code Spec: URL is malformed. ${url.slice(0, 200)}`);
  }
  return { kind: 'git', url, branch: code.git?.branch ?? null };
}
