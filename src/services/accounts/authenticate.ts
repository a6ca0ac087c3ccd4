import { CoreError } from '../../core/errors.js';
import { isTerminal } from '../../core/status.js';
import type { Actor, Ports } from '../context.js';
import { runTokenPrefix } from './run-token.js';
import { hashSecret } from './secrets.js';

export interface AuthenticationSettings {
  /** True: every request needs a token. False: any credentials, or none, act as the default user. */
  readonly required: boolean;
  readonly defaultUser: string;
  /** SHA-256 in hex of a token of the default user that is given by the settings and stored nowhere. */
  readonly tokenHash: string | null;
}

/**
 * Who sent this secret. A token that this server issued acts as itself even where none is required:
 * with its limits, and after its end not at all. A run's token ends with its run.
 *
 * @throws CoreError `unauthenticated` for a missing, wrong or ended token.
 */
export async function authenticate(
  ports: Ports,
  settings: AuthenticationSettings,
  secret: string | null,
): Promise<Actor> {
  if (secret !== null) {
    const actor = await actorOf(ports, settings, hashSecret(secret));
    if (actor !== null) return actor;
    // Its run was purged: what is left of it must not become the default user.
    if (secret.startsWith(runTokenPrefix)) throw ended();
  }
  if (settings.required) {
    throw new CoreError(
      { code: 'unauthenticated' },
      secret === null ? 'a token is required' : 'the token is not valid',
    );
  }
  return defaultActor(ports, settings);
}

async function actorOf(ports: Ports, settings: AuthenticationSettings, hash: string): Promise<Actor | null> {
  if (hash === settings.tokenHash) return defaultActor(ports, settings);
  const token = await ports.store.read.accounts.findToken(hash);
  if (token === null) return null;
  if (token.expiresAt !== null && token.expiresAt <= ports.clock.now()) {
    throw ended();
  }
  if (token.runKey !== null) {
    const run = await ports.store.read.runs.findByKey(token.runKey);
    if (run === null || run.deletedAt !== null || isTerminal(run.status)) throw ended();
  }
  const user = await ports.store.read.accounts.findUserByKey(token.userKey);
  return user === null ? null : { user, runKey: token.runKey };
}

function ended(): CoreError {
  return new CoreError({ code: 'unauthenticated' }, 'the token has ended');
}

async function defaultActor(ports: Ports, settings: AuthenticationSettings): Promise<Actor> {
  const user = await ports.store.read.accounts.findUser(settings.defaultUser);
  if (user === null) throw new CoreError({ code: 'unauthenticated' }, 'the default user does not exist');
  return { user, runKey: null };
}
