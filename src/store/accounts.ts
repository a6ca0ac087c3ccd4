import { sql } from 'kysely';
import { CoreError } from '../core/errors.js';
import type { RunKey, UserKey, WorkspaceKey } from '../core/ids.js';
import type { MemberRole, Token, User, Workspace } from '../core/model.js';
import type { AccountRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import { holdRun } from './runs.js';
import { prepare, type Session } from './statement.js';

const selectWorkspace = prepare<{ name: string }>()(({ db }, given) =>
  db
    .selectFrom('workspace')
    .select(['key', 'name', 'created_at'])
    .where(sql<string>`lower(name)`, '=', sql<string>`lower(${given.name})`),
);

const selectWorkspaces = prepare<{ keys: readonly WorkspaceKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('workspace')
    .select(['key', 'name', 'created_at'])
    .where(among(engine, 'key', given.keys)),
);

const insertWorkspace = prepare<{ name: string; createdAt: Micros }>()(({ db }, given) =>
  db
    .insertInto('workspace')
    .values({ name: given.name, created_at: given.createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning(['key', 'name', 'created_at']),
);

const selectUser = prepare<{ name: string }>()(({ db }, given) =>
  db
    .selectFrom('account')
    .selectAll()
    .where(sql<string>`lower(name)`, '=', sql<string>`lower(${given.name})`),
);

const selectUserByKey = prepare<{ key: UserKey }>()(({ db }, given) =>
  db.selectFrom('account').selectAll().where('key', '=', given.key),
);

const insertUser = prepare<{ id: string; name: string; isSuperuser: 0 | 1; createdAt: Micros }>()(
  ({ db }, given) =>
    db
      .insertInto('account')
      .values({
        id: given.id,
        name: given.name,
        is_superuser: given.isSuperuser,
        created_at: given.createdAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll(),
);

const updateSuperuser = prepare<{ key: UserKey; isSuperuser: 0 | 1 }>()(({ db }, given) =>
  db.updateTable('account').set({ is_superuser: given.isSuperuser }).where('key', '=', given.key),
);

const selectMember = prepare<{ workspaceKey: WorkspaceKey; userKey: UserKey }>()(({ db }, given) =>
  db
    .selectFrom('member')
    .select('role')
    .where('workspace_key', '=', given.workspaceKey)
    .where('user_key', '=', given.userKey),
);

const upsertMember = prepare<{ workspaceKey: WorkspaceKey; userKey: UserKey; role: MemberRole }>()(
  ({ db }, given) =>
    db
      .insertInto('member')
      .values({ workspace_key: given.workspaceKey, user_key: given.userKey, role: given.role })
      .onConflict((conflict) =>
        conflict.columns(['workspace_key', 'user_key']).doUpdateSet({ role: given.role }),
      ),
);

const deleteMember = prepare<{ workspaceKey: WorkspaceKey; userKey: UserKey }>()(({ db }, given) =>
  db
    .deleteFrom('member')
    .where('workspace_key', '=', given.workspaceKey)
    .where('user_key', '=', given.userKey),
);

const selectToken = prepare<{ hash: string }>()(({ db }, given) =>
  db.selectFrom('token').selectAll().where('hash', '=', given.hash),
);

const insertToken = prepare<Token>()(({ db }, given) =>
  db.insertInto('token').values({
    hash: given.hash,
    user_key: given.userKey,
    label: given.label,
    run_key: given.runKey,
    created_at: given.createdAt,
    expires_at: given.expiresAt,
  }),
);

const insertTokenOnce = prepare<Token>()(({ db }, given) =>
  db
    .insertInto('token')
    .values({
      hash: given.hash,
      user_key: given.userKey,
      label: given.label,
      run_key: given.runKey,
      created_at: given.createdAt,
      expires_at: given.expiresAt,
    })
    .onConflict((conflict) => conflict.doNothing()),
);

const endOtherTokens = prepare<{ runKey: RunKey; hash: string; at: Micros }>()(({ db }, given) =>
  db
    .updateTable('token')
    .set({ expires_at: given.at })
    .where('run_key', '=', given.runKey)
    .where('hash', '!=', given.hash)
    .where('expires_at', 'is', null),
);

/** Workspaces, users, members and tokens of this session. */
export function createAccounts(session: Session): AccountRepository {
  return {
    async findWorkspace(name) {
      const row = await selectWorkspace.first(session, { name });
      return row === undefined ? null : toWorkspace(row);
    },
    async insertWorkspace(input) {
      const row = await insertWorkspace.first(session, input);
      if (row === undefined) throw taken('workspace', input.name);
      return toWorkspace(row);
    },
    async findWorkspaces(keys) {
      const rows = await selectWorkspaces.all(session, { keys });
      return new Map(rows.map((row) => [row.key, toWorkspace(row)]));
    },
    async findUser(name) {
      const row = await selectUser.first(session, { name });
      return row === undefined ? null : toUser(row);
    },
    async findUserByKey(key) {
      const row = await selectUserByKey.first(session, { key });
      return row === undefined ? null : toUser(row);
    },
    async insertUser(input) {
      const row = await insertUser.first(session, { ...input, isSuperuser: input.isSuperuser ? 1 : 0 });
      if (row === undefined) throw taken('user', input.name);
      return toUser(row);
    },
    async setSuperuser(key, isSuperuser) {
      await updateSuperuser.all(session, { key, isSuperuser: isSuperuser ? 1 : 0 });
    },
    async findMember(workspaceKey, userKey) {
      return (await selectMember.first(session, { workspaceKey, userKey }))?.role ?? null;
    },
    async setMember(workspaceKey, userKey, role) {
      if (role === null) await deleteMember.all(session, { workspaceKey, userKey });
      else await upsertMember.all(session, { workspaceKey, userKey, role });
    },
    async findToken(hash) {
      const row = await selectToken.first(session, { hash });
      if (row === undefined) return null;
      return {
        hash: row.hash,
        userKey: row.user_key,
        label: row.label,
        runKey: row.run_key,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      };
    },
    async insertToken(token) {
      await insertToken.all(session, token);
    },
    async replaceRunToken(token) {
      await holdRun(session, token.runKey);
      await endOtherTokens.all(session, { runKey: token.runKey, hash: token.hash, at: token.createdAt });
      await insertTokenOnce.all(session, token);
    },
  };
}

function toWorkspace(row: { key: WorkspaceKey; name: string; created_at: Micros }): Workspace {
  return { key: row.key, name: row.name, createdAt: row.created_at };
}

function toUser(row: {
  key: UserKey;
  id: string;
  name: string;
  is_superuser: 0 | 1;
  created_at: Micros;
}): User {
  return {
    key: row.key,
    id: row.id,
    name: row.name,
    isSuperuser: row.is_superuser === 1,
    createdAt: row.created_at,
  };
}

function taken(entity: 'workspace' | 'user', name: string): CoreError {
  return new CoreError(
    { code: 'already_exists', entity },
    `there is a ${entity} of the name ${name} already`,
  );
}
