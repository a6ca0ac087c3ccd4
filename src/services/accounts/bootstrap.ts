import type { ProjectId } from '../../core/ids.js';
import type { User, Workspace } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Ports } from '../context.js';

/**
 * Makes sure of what every start needs: the default user, a superuser; the workspace, which that user
 * owns; and its project 0, `Default`.
 */
export async function bootstrap(
  ports: Ports,
  names: { user: string; workspace: string },
): Promise<Workspace> {
  return ports.store.transaction(async (tx) => {
    const user = await ensureUser(ports, tx, { name: names.user, isSuperuser: true });
    const workspace = await ensureWorkspace(ports, tx, names.workspace);
    await tx.accounts.setMember(workspace.key, user.key, 'owner');
    if ((await tx.projects.findByNumber(workspace.key, 0)) === null) {
      await tx.projects.insert({
        id: ports.ids.uuid() as ProjectId,
        workspaceKey: workspace.key,
        name: 'Default',
        description: null,
        isPublic: false,
        createdBy: user,
        createdAt: ports.clock.now(),
        extensions: {},
      });
    }
    return workspace;
  });
}

/** The user of this name, made if need be; an existing one keeps its rights or gains those asked for. */
export async function ensureUser(
  ports: Ports,
  tx: Repositories,
  wanted: { name: string; isSuperuser: boolean },
): Promise<User> {
  const found = await tx.accounts.findUser(wanted.name);
  if (found === null) {
    return tx.accounts.insertUser({ id: ports.ids.uuid(), ...wanted, createdAt: ports.clock.now() });
  }
  if (wanted.isSuperuser && !found.isSuperuser) await tx.accounts.setSuperuser(found.key, true);
  return { ...found, isSuperuser: found.isSuperuser || wanted.isSuperuser };
}

/** The workspace of this name, made if need be. */
export async function ensureWorkspace(ports: Ports, tx: Repositories, name: string): Promise<Workspace> {
  const found = await tx.accounts.findWorkspace(name);
  return found ?? tx.accounts.insertWorkspace({ name, createdAt: ports.clock.now() });
}
