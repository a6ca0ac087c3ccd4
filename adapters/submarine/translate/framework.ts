import { invalid } from '../../../src/core/errors.js';
import type { Completion, Framework, Role, RoleKind } from '../../../src/core/spec.js';

interface FrameworkRules {
  readonly framework: Framework;
  /** As Submarine writes it. */
  readonly name: string;
  /** Its roles, as Submarine writes and lists them. */
  readonly roles: Readonly<Record<string, RoleKind>>;
  /** The first of these that has a replica decides the run's end. */
  readonly decisive: readonly RoleKind[];
}

const masterAndWorker = { Master: 'master', Worker: 'worker' } as const;

const rules: readonly FrameworkRules[] = [
  {
    framework: 'tensorflow',
    name: 'TensorFlow',
    roles: { Ps: 'ps', Worker: 'worker', Chief: 'chief', Master: 'master', Evaluator: 'evaluator' },
    decisive: ['chief', 'master', 'worker'],
  },
  { framework: 'pytorch', name: 'PyTorch', roles: masterAndWorker, decisive: ['master'] },
  { framework: 'xgboost', name: 'XGBoost', roles: masterAndWorker, decisive: ['master'] },
];

/**
 * The rules of a framework that a client names, in any case.
 *
 * @throws CoreError `invalid` in Submarine's own words.
 */
export function rulesOf(name: string): FrameworkRules {
  const wanted = name.toLowerCase();
  const found = rules.find(({ framework }) => framework === wanted);
  if (found !== undefined) return found;
  const supported = rules.map(({ framework }) => framework.toUpperCase()).join(',');
  throw invalid('', `Unsupported framework name: ${shown(name)}. Supported frameworks are: ${supported}`);
}

/** How Submarine writes a framework, whatever its case; null for one that it does not know. */
export function frameworkName(framework: string | null): string | null {
  const wanted = framework?.toLowerCase();
  return rules.find((rule) => rule.framework === wanted)?.name ?? null;
}

/**
 * What a role is for, its name taken in any case.
 *
 * @throws CoreError `invalid` in Submarine's own words.
 */
export function roleKindOf({ name: framework, roles }: FrameworkRules, role: string): RoleKind {
  const wanted = role.toLowerCase();
  const found = Object.entries(roles).find(([name]) => name.toLowerCase() === wanted);
  if (found !== undefined) return found[1];
  throw invalid(
    '',
    `Unrecognized replica type name: ${shown(role)}, it should be ${Object.keys(roles).join(',')} for ${framework} experiment.`,
  );
}

/** When the run is over: with its decisive job, as the Kubeflow operators have it; without one, with all. */
export function completionOf({ decisive }: FrameworkRules, roles: readonly Role[]): Completion {
  for (const kind of decisive) {
    const role = roles.find((candidate) => candidate.kind === kind && candidate.replicas > 0);
    if (role !== undefined) return { kind: 'job', role: role.name, index: 0 };
  }
  return { kind: 'all' };
}

/** What of a client's text may stand in an answer. */
function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
