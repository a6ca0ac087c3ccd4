import type { Selectable } from 'kysely';
import type { RunKey } from '../core/ids.js';
import type { SpecRepository } from '../core/ports/index.js';
import type { DialectName, RunSpec, SpecInput } from '../core/spec.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{
  runKey: RunKey;
  revision: number;
  sourceDialect: DialectName;
  sourceMediaType: string;
  sourceText: string;
  body: string;
  createdAt: Micros;
}>()(({ db }, given) =>
  db.insertInto('run_spec').values({
    run_key: given.runKey,
    revision: given.revision,
    source_dialect: given.sourceDialect,
    source_media_type: given.sourceMediaType,
    source_text: given.sourceText,
    body: given.body,
    created_at: given.createdAt,
  }),
);

const select = prepare<{ runKey: RunKey; revision: number }>()(({ db }, given) =>
  db
    .selectFrom('run_spec')
    .selectAll()
    .where('run_key', '=', given.runKey)
    .where('revision', '=', given.revision),
);

const selectCurrent = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('run')
    .innerJoin('run_spec', (join) =>
      join.onRef('run_spec.run_key', '=', 'run.key').onRef('run_spec.revision', '=', 'run.spec_revision'),
    )
    .selectAll('run_spec')
    .where(among(engine, 'run.key', given.runKeys)),
);

/** The specs of this session. */
export function createSpecs(session: Session): SpecRepository {
  return {
    async insert(runKey, revision, spec, createdAt) {
      const { source, ...body } = spec;
      await insert.all(session, {
        runKey,
        revision,
        sourceDialect: source.dialect,
        sourceMediaType: source.mediaType,
        sourceText: source.text,
        body: JSON.stringify(body),
        createdAt,
      });
    },
    async find(runKey, revision) {
      const row = await select.first(session, { runKey, revision });
      return row === undefined ? null : toSpec(row);
    },
    async current(runKeys) {
      const rows = await selectCurrent.all(session, { runKeys });
      return new Map(rows.map((row) => [row.run_key, toSpec(row)]));
    },
  };
}

/** Specs of earlier versions know no setup, no namespace and no placement. */
function toSpec(row: Selectable<Database['run_spec']>): RunSpec {
  const body = JSON.parse(row.body) as Omit<SpecInput, 'source'>;
  return {
    source: { dialect: row.source_dialect, mediaType: row.source_media_type, text: row.source_text },
    ...body,
    namespace: body.namespace ?? null,
    roles: body.roles.map((role) => ({
      ...role,
      setup: role.setup ?? null,
      placement: role.placement ?? null,
    })),
    revision: row.revision,
    createdAt: row.created_at,
  };
}
