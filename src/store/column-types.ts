import type { ColumnType } from 'kysely';

/** A truth value. */
export type Flag = 0 | 1;

/** A 64-bit integer: exact only where a statement asks for exact integers, so readers turn it into a bigint themselves. */
export type Int64 = ColumnType<bigint | number, bigint, bigint>;
