import { amongTexts } from './engine.js';
import { prepare, prepareRows, type Session } from './statement.js';

const selectKeys = prepare<{ names: readonly string[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('metric_key')
    .select(['id', 'name'])
    .where(amongTexts(engine, 'name', given.names)),
);

const insertKeys = prepareRows('metric_key', ['name'], (insert) =>
  insert.onConflict((conflict) => conflict.doNothing()),
);

/** Gives the numbers that stand for these names of metrics, new ones to those that have none. */
export async function internKeys(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const known = await selectKeys.all(session, { names });
  const ids = new Map(known.map(({ name, id }) => [name, id]));
  const missing = names.filter((name) => !ids.has(name));
  if (missing.length === 0) return ids;
  // In one order everywhere, so that two transactions that add the same names cannot wait for each other.
  await insertKeys.run(
    session,
    missing.sort().map((name) => ({ name })),
  );
  for (const { name, id } of await selectKeys.all(session, { names: missing })) ids.set(name, id);
  return ids;
}

/** The number of a name among those that `internKeys` gave. */
export function idOf(keyIds: ReadonlyMap<string, number>, name: string): number {
  const id = keyIds.get(name);
  if (id === undefined) throw new Error('a metric key was not stored');
  return id;
}
