import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ArtifactRoot } from '../../core/artifact-path.js';
import type { RunId } from '../../core/ids.js';
import type { RunPlan } from '../../core/ports/runner.js';
import { findRole } from '../../core/spec.js';
import type { AddressOf } from '../../core/topology.js';
import { type Manifest, type Owner, serviceManifest, workloadManifest } from './manifests.js';
import { attemptName, fellowPort, roleSlug } from './names.js';
import type { Replicas, SharedFolders } from './pod-template.js';
import { objectOf, type RecordedObject, type RunRecord } from './records.js';
import type { KubernetesSettings } from './settings.js';
import { type PodPlace, rulesOf } from './workloads.js';

/** What the runner needs of the store of artifacts, which lies below the data folder. */
export interface SharedArtifacts {
  /** The absolute path of a root's folder, made if need be. */
  localFolder(root: ArtifactRoot): Promise<string>;
}

export interface ManifestsOfRunOptions {
  readonly settings: KubernetesSettings;
  readonly instance: string;
  readonly dataFolder: string;
  /** The folder of all inboxes, below it. */
  readonly inboxes: string;
  readonly artifacts: SharedArtifacts;
  readonly graceSeconds: number;
}

/** What there is to be of a run on the cluster, and the folders that its pods share with Franca. */
export interface ManifestsOfRun {
  /**
   * The manifests of the objects that the cluster does not have yet.
   *
   * @throws Rejected for what can never run.
   */
  missing(record: RunRecord, plan: RunPlan): Promise<ReadonlyMap<RecordedObject, Manifest>>;
  /** The Service by which the replicas of the last attempt find each other; null where they need none. */
  service(record: RunRecord): Manifest | null;
  /** The inbox of a job as Franca sees it. */
  inboxOf(runId: RunId, place: PodPlace): string;
  removeInboxes(runId: RunId): Promise<void>;
}

export function createManifestsOfRun(options: ManifestsOfRunOptions): ManifestsOfRun {
  const { settings, instance, dataFolder, artifacts, graceSeconds } = options;

  function ownerOf({ runId, attempt, namespace }: RunRecord): Owner {
    return { instance, runId, attempt, namespace };
  }

  function inboxOf(runId: RunId, { object, role, place }: PodPlace): string {
    return join(options.inboxes, runId, object, roleSlug(role), String(place));
  }

  /** The folders on the claim; made here, for whoever the image's user is. */
  async function sharedFolders(
    { runId }: RunRecord,
    plan: RunPlan,
    object: string,
    parts: readonly Replicas[],
  ): Promise<SharedFolders | null> {
    if (settings.claim === null) return null;
    const outputs = await artifacts.localFolder(plan.artifactRoot);
    await chmod(outputs, 0o777);
    for (const { role, jobs } of parts) {
      for (const place of jobs.keys()) {
        const inbox = inboxOf(runId, { object, role: role.name, place });
        await mkdir(inbox, { recursive: true });
        await chmod(inbox, 0o777);
      }
    }
    const onClaim = (path: string) => join(settings.claimPath, relative(dataFolder, path));
    return {
      outputs: onClaim(outputs),
      inboxes: onClaim(join(options.inboxes, runId, object)),
      code: plan.code === null ? null : onClaim(await artifacts.localFolder(plan.code)),
    };
  }

  return {
    async missing(record, plan) {
      const subdomain = attemptName(record.runId, record.attempt);
      const addressOf = addressesIn(record, subdomain);
      const manifests = new Map<RecordedObject, Manifest>();
      for (const object of record.objects) {
        const living = record.jobs.filter((job) => job.object === object.name && job.end === null);
        const jobs = living.flatMap(({ id }) => plan.jobs.find((job) => job.id === id) ?? []);
        if (object.uid !== null || jobs.length === 0 || jobs.length < living.length) continue;
        const parts = plan.spec.roles
          .map((role) => ({ role, jobs: jobs.filter((job) => findRole(plan.spec, job.role) === role) }))
          .filter((part) => part.jobs.length > 0);
        const shared = await sharedFolders(record, plan, object.name, parts);
        const setting = { plan, settings, graceSeconds, shared, subdomain, addressOf };
        manifests.set(object, workloadManifest(object, parts, ownerOf(record), setting));
      }
      return manifests;
    },
    service(record) {
      const owners = record.objects.flatMap(({ kind, name, attempt, uid }) => {
        const { apiVersion, needsService } = rulesOf(kind);
        return needsService && attempt === record.attempt && uid !== null
          ? { apiVersion, kind, name, uid }
          : [];
      });
      if (owners.length === 0) return null;
      return serviceManifest(attemptName(record.runId, record.attempt), ownerOf(record), owners);
    },
    inboxOf,
    removeInboxes: (runId) => rm(join(options.inboxes, runId), { recursive: true, force: true }),
  };
}

/** Replicas by the names that the cluster's DNS gives them; those that have ended are still told of. */
function addressesIn(record: RunRecord, service: string): AddressOf {
  return (role, index) => {
    const wanted = role.toLowerCase();
    const job = record.jobs.findLast(
      (one) => one.attempt === record.attempt && one.role.toLowerCase() === wanted && one.index === index,
    );
    const name =
      job === undefined
        ? `${service}-${index}.${service}`
        : rulesOf(objectOf(record, job).kind).hostOf(job, service);
    return { host: `${name}.${record.namespace}.svc`, port: fellowPort };
  };
}
