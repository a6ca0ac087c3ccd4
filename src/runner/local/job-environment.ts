import type { JobId } from '../../core/ids.js';
import type { Role } from '../../core/spec.js';
import type { JobPaths } from './layout.js';

/** What a job's environment is made of, each part winning over those before it. */
export interface EnvironmentParts {
  /** The server's own; only PATH and LANG are taken. */
  readonly server: Readonly<Record<string, string | undefined>>;
  readonly paths: JobPaths;
  readonly jobId: JobId;
  /** What Franca adds. */
  readonly given: Readonly<Record<string, string>>;
  readonly topology: Readonly<Record<string, string>>;
  readonly role: Role;
}

/** The variables that the job was given, by its spec and by Franca: those that its words may refer to. */
export function givenVariables({ jobId, given, topology, role }: EnvironmentParts): Record<string, string> {
  return {
    ...given,
    ...topology,
    ...Object.fromEntries(role.env.map(({ name, value }) => [name, value])),
    // Last, for it is how the job's processes are found again.
    FRANCA_JOB_ID: jobId,
  };
}

/** Where programs are if the server does not know either. */
export const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/** The whole environment of a job: nothing of the server's but where programs are and the language. */
export function jobEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { server, paths } = parts;
  return {
    PATH: server.PATH ?? defaultPath,
    LANG: server.LANG ?? 'C.UTF-8',
    HOME: paths.work,
    TMPDIR: paths.temporary,
    ...givenVariables(parts),
  };
}
