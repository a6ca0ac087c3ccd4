import { CoreError } from '../core/errors.js';
import type { RunKey, UserKey, WorkspaceKey } from '../core/ids.js';
import type { IdempotencyRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { holdingFree } from './engine.js';
import { prepare, type Session } from './statement.js';

/** Expired keys that one insert clears away: so the table stays as small as what is alive. */
const clearedAtOnce = 20;

const select = prepare<{ workspaceKey: WorkspaceKey; userKey: UserKey; key: string; now: Micros }>()(
  ({ db }, given) =>
    db
      .selectFrom('idempotency_key')
      .selectAll()
      .where('workspace_key', '=', given.workspaceKey)
      .where('user_key', '=', given.userKey)
      .where('key', '=', given.key)
      .where('expires_at', '>', given.now),
);

const insert = prepare<{
  workspaceKey: WorkspaceKey;
  userKey: UserKey;
  key: string;
  requestHash: string;
  runKey: RunKey;
  expiresAt: Micros;
  now: Micros;
}>()(({ db }, given) =>
  db
    .insertInto('idempotency_key')
    .values({
      workspace_key: given.workspaceKey,
      user_key: given.userKey,
      key: given.key,
      request_hash: given.requestHash,
      run_key: given.runKey,
      expires_at: given.expiresAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_key', 'user_key', 'key'])
        .doUpdateSet({ request_hash: given.requestHash, run_key: given.runKey, expires_at: given.expiresAt })
        .where('idempotency_key.expires_at', '<=', given.now),
    )
    .returning('key'),
);

const clear = prepare<{ now: Micros }>()(({ db, engine }, given) =>
  db
    .deleteFrom('idempotency_key')
    .where(({ eb, refTuple }) =>
      eb(
        refTuple('workspace_key', 'user_key', 'key'),
        'in',
        holdingFree(
          engine,
          db
            .selectFrom('idempotency_key')
            .select(['workspace_key', 'user_key', 'key'])
            .where('expires_at', '<=', given.now)
            .limit(clearedAtOnce),
        ).$asTuple('workspace_key', 'user_key', 'key'),
      ),
    ),
);

/** The idempotency keys of this session. */
export function createIdempotency(session: Session): IdempotencyRepository {
  return {
    async find(workspaceKey, userKey, key, now) {
      const row = await select.first(session, { workspaceKey, userKey, key, now });
      if (row === undefined) return null;
      return {
        workspaceKey: row.workspace_key,
        userKey: row.user_key,
        key: row.key,
        requestHash: row.request_hash,
        runKey: row.run_key,
        expiresAt: row.expires_at,
      };
    },
    async insert(record, now) {
      if ((await insert.first(session, { ...record, now })) === undefined) {
        throw new CoreError({ code: 'already_exists', entity: 'run' }, 'this idempotency key is in use');
      }
      await clear.all(session, { now });
    },
  };
}
