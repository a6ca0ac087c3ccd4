import type { ProjectId } from '../../core/ids.js';
import type { User, Workspace } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Ports } from '../context.js';

/**
 * Makes sure of what every start needs: the default user, a superuser; its own workspace and the shared
 * one, both of which it owns.
 *
 * @returns the shared workspace.
 */
export async function bootstrap(
  ports: Ports,
  names: { user: string; workspace: string },
): Promise<Workspace> {
  return ports.store.transaction(async (tx) => {
    const user = await ensureUser(ports, tx, { name: names.user, isSuperuser: true });
    const workspace = await ensureWorkspace(ports, tx, names.workspace, user);
    const own = await ensureWorkspace(ports, tx, names.user, user);
    for (const { key } of [workspace, own]) await tx.accounts.setMember(key, user.key, 'owner');
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

/** The workspace of this name, with its project 0, `Default`; made by this user if need be. */
export async function ensureWorkspace(
  ports: Ports,
  tx: Repositories,
  name: string,
  { key, name: author }: User,
): Promise<Workspace> {
  const createdAt = ports.clock.now();
  const found = await tx.accounts.findWorkspace(name);
  const workspace = found ?? (await tx.accounts.insertWorkspace({ name, createdAt }));
  if ((await tx.projects.findByNumber(workspace.key, 0)) === null) {
    await tx.projects.insert({
      id: ports.ids.uuid() as ProjectId,
      workspaceKey: workspace.key,
      name: 'Default',
      description: null,
      isPublic: false,
      tags: [],
      createdBy: { key, name: author },
      createdAt,
      extensions: {},
    });
  }
  return workspace;
}
