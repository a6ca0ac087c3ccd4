import { invalid } from '../../core/errors.js';
import { accountName } from '../../core/ids.js';
import type { User } from '../../core/model.js';
import type { Ports } from '../context.js';
import { ensureWorkspace } from './bootstrap.js';

export interface NewUser {
  readonly name: string;
  /** The role in the shared workspace. Every user owns the workspace of its own name besides. */
  readonly role: 'reader' | 'writer' | 'none';
  /** The shared workspace. */
  readonly workspace: string;
  readonly superuser: boolean;
}

/**
 * Adds a user and gives it its own workspace and a role in the shared one.
 *
 * @throws CoreError `invalid` for a name of other characters; `already_exists` for a taken one.
 */
export async function addUser(ports: Ports, input: NewUser): Promise<User> {
  if (!accountName.test(input.name)) {
    throw invalid('name', 'a user name has 1 to 64 characters of a-z, A-Z, 0-9, _ and -');
  }
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const user = await tx.accounts.insertUser({
      id: ports.ids.uuid(),
      name: input.name,
      isSuperuser: input.superuser,
      createdAt: now,
    });
    const own = await ensureWorkspace(ports, tx, input.name, user);
    await tx.accounts.setMember(own.key, user.key, 'owner');
    const shared = await ensureWorkspace(ports, tx, input.workspace, user);
    if (shared.key !== own.key && input.role !== 'none') {
      await tx.accounts.setMember(shared.key, user.key, input.role);
    }
    await tx.audit.append({ actor: 'admin', action: 'grant', entity: `user ${user.id}`, at: now });
    return user;
  });
}
