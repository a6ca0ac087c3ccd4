import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Which database it is. Everything that repositories must know of the difference is in this file. */
export type Engine = 'sqlite' | 'postgres';

/** True where the column holds one of a list of numbers that is given as one parameter. */
export function among(
  engine: Engine,
  column: string,
  list: RawBuilder<readonly number[]>,
): RawBuilder<SqlBool> {
  return engine === 'sqlite'
    ? sql`${sql.ref(column)} in (select value from json_each(${list}))`
    : sql`${sql.ref(column)} = any(${list}::bigint[])`;
}

/** True where the column holds one of a list of texts that is given as one parameter. */
export function amongTexts(
  engine: Engine,
  column: string,
  list: RawBuilder<readonly string[]>,
): RawBuilder<SqlBool> {
  return engine === 'sqlite'
    ? sql`${sql.ref(column)} in (select value from json_each(${list}))`
    : sql`${sql.ref(column)} = any(${list}::text[])`;
}

/** The text at a place in a JSON document, by the names that lead there; null where there is none. */
export function textIn(
  engine: Engine,
  document: RawBuilder<unknown>,
  path: readonly string[],
): RawBuilder<unknown> {
  const names = path.map((name) => sql`cast(${name} as text)`);
  return engine === 'sqlite'
    ? sql`json_extract(${document}, ${`$${path.map((name) => `."${name}"`).join('')}`})`
    : sql`(cast(${document} as json) #>> array[${sql.join(names)}])`;
}

/** A list as the one parameter that `among` and `amongTexts` take. */
export function encodeList(engine: Engine, list: readonly unknown[]): unknown {
  return engine === 'sqlite' ? JSON.stringify(list) : list;
}

/** The query, holding the rows that it reads to the end of the transaction. SQLite has one writer and needs no hold. */
export function holding<Q extends { forUpdate(): Q }>(engine: Engine, query: Q): Q {
  return engine === 'sqlite' ? query : query.forUpdate();
}

/** As `holding`, but rows that another transaction holds are left out. */
export function holdingFree<Q extends { forUpdate(): Q; skipLocked(): Q }>(engine: Engine, query: Q): Q {
  return engine === 'sqlite' ? query : query.forUpdate().skipLocked();
}
