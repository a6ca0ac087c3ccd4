import { invalid } from '../../../src/core/errors.js';
import type { Framework, Role, RoleKind } from '../../../src/core/spec.js';
import { maxJobs } from '../../../src/services/runs/jobs.js';
import type { Polyaxonfile, Replicas } from '../wire/polyaxonfile.js';
import { shown } from './json.js';
import { type PlacementInput, toPlacement } from './placement.js';
import { toResources } from './resources.js';

/** The roles beside the master, by framework. */
const distributed: Readonly<Record<string, readonly ('worker' | 'ps')[]>> = {
  tensorflow: ['worker', 'ps'],
  mxnet: ['worker', 'ps'],
  pytorch: ['worker'],
  horovod: ['worker'],
  mpi: ['worker'],
} satisfies Partial<Record<Framework, readonly ('worker' | 'ps')[]>>;

const legacySections = ['tensorflow', 'pytorch', 'mpi', 'horovod', 'mxnet'] as const;

/** The framework as the core knows it; null for one that it does not. */
export function frameworkOf(name: string | null): Framework | null {
  const wanted = name?.toLowerCase() ?? '';
  return Object.hasOwn(distributed, wanted) ? (wanted as Framework) : null;
}

/** True if the framework has replicas of this kind beside the master. */
export function hasReplicas(framework: Framework | null, kind: 'worker' | 'ps'): boolean {
  return framework !== null && (distributed[framework]?.includes(kind) ?? false);
}

/** Where a file says how many replicas there are. */
interface Section {
  readonly replicas: Replicas;
  /** As the client knows it. */
  readonly place: string;
  /** The framework that the section itself names, as files up to 0.4 do. */
  readonly framework: Framework | null;
}

/** @throws CoreError `invalid` for more than one such section. */
function sectionOf(environment: Polyaxonfile['environment']): Section | null {
  const sections = legacySections.flatMap((framework): Section[] => {
    const replicas = environment?.[framework];
    return replicas == null ? [] : [{ replicas, place: `content.environment.${framework}`, framework }];
  });
  const replicas = environment?.replicas;
  if (replicas != null) sections.push({ replicas, place: 'content.environment.replicas', framework: null });
  const [first, second] = sections;
  if (second !== undefined) throw invalid(second.place, 'only one section of replicas is taken');
  return first ?? null;
}

/** What all replicas have in common. */
export type Shared = Omit<Role, 'name' | 'kind' | 'replicas' | 'resources' | 'placement'>;

/** What a file says of the replicas of one kind. */
type PodInput = PlacementInput & Pick<NonNullable<Polyaxonfile['environment']>, 'resources'>;

/** What the request or the file names. */
export interface Named {
  readonly framework: string | null;
  /** Where the framework is named, as the client knows it. */
  readonly frameworkAt: string;
  readonly backend: string | null;
}

/** The replicas of a file. */
export interface Replication {
  readonly framework: Framework | null;
  readonly roles: readonly Role[];
}

const none = { n_workers: 0, n_ps: 0 } as const;

function checkCounts(
  section: Section,
  framework: Framework | null,
  { named, at }: { readonly named: string | null; readonly at: string },
): void {
  const { replicas, place } = section;
  const { n_workers, n_ps } = { ...none, ...replicas };
  const workers = n_workers ?? 0;
  const servers = n_ps ?? 0;
  if (workers + servers === 0) return;
  if (framework === null) {
    const frameworks = Object.keys(distributed).join(', ');
    const why =
      named === null ? 'must be given where there are replicas' : `${shown(named)} has no replicas here`;
    throw invalid(at, `${why}: one of ${frameworks}`);
  }
  if (servers > 0 && !distributed[framework]?.includes('ps')) {
    throw invalid(`${place}.n_ps`, `${framework} has no parameter servers`);
  }
  if (1 + workers + servers > maxJobs) {
    throw invalid(
      `${place}.n_workers`,
      `a run may have ${maxJobs} replicas at most, its master and n_ps among them`,
    );
  }
}

/**
 * The replicas that a file asks for: a master, and workers and parameter servers by framework. What it
 * asks for single replicas stays in the source: a role has one set of resources and one placement. As in the real
 * server, what is said of the master holds for the master alone.
 *
 * @throws CoreError `invalid` for replicas that the framework has not, or without a framework.
 */
export function toRoles(
  { environment }: Polyaxonfile,
  { framework: named, frameworkAt, backend }: Named,
  shared: Shared,
): Replication {
  const section = sectionOf(environment);
  // As in the real server: what starts the replicas is MPI then, whatever they compute with.
  const framework = backend === 'mpi' ? 'mpi' : frameworkOf(named ?? section?.framework ?? null);
  if (section?.framework != null && named !== null && framework !== section.framework) {
    throw invalid(frameworkAt, `${shown(named)} is not the framework of ${section.place}`);
  }
  const role = (kind: RoleKind, replicas: number, pod: PodInput | null | undefined): Role => ({
    ...shared,
    name: kind,
    kind,
    replicas,
    resources: toResources(pod?.resources),
    placement: toPlacement(pod),
  });
  const roles = [role('master', 1, environment)];
  if (section !== null) {
    checkCounts(section, framework, { named, at: frameworkAt });
    const { n_workers, n_ps, default_worker, default_ps } = section.replicas;
    if (n_workers) roles.push(role('worker', n_workers, default_worker));
    if (n_ps) roles.push(role('ps', n_ps, default_ps));
  }
  return { framework, roles };
}
