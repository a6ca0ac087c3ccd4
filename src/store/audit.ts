import type { AuditEvent } from '../core/model.js';
import type { AuditRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{ actor: string; action: AuditEvent['action']; entity: string; at: Micros }>()(
  ({ db }, given) =>
    db
      .insertInto('audit_event')
      .values({ actor: given.actor, action: given.action, entity: given.entity, at: given.at }),
);

const selectAll = prepare<{ entity: string }>()(({ db }, given) =>
  db
    .selectFrom('audit_event')
    .select(['actor', 'action', 'entity', 'at'])
    .where('entity', '=', given.entity)
    .orderBy('key'),
);

/** The audit events of this session. */
export function createAudit(session: Session): AuditRepository {
  return {
    async append(event) {
      await insert.all(session, event);
    },
    async list(entity) {
      return selectAll.all(session, { entity });
    },
  };
}
