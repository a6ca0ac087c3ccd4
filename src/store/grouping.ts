/** Each key once, with the last value that was given for it, in the order in which the keys came first. */
export function lastOfEach<T extends { readonly key: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.key, item])).values()];
}

/** What was found for each owner, in the order found. */
export function groupBy<Owner, Row, T>(
  rows: readonly Row[],
  ownerOf: (row: Row) => Owner,
  toItem: (row: Row) => T,
): Map<Owner, T[]> {
  const groups = new Map<Owner, T[]>();
  for (const row of rows) {
    const owner = ownerOf(row);
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [toItem(row)]);
    else group.push(toItem(row));
  }
  return groups;
}

/** What was found for each run, in the order found. */
export function groupByRun<K, Row extends { readonly run_key: K }, T>(
  rows: readonly Row[],
  toItem: (row: Row) => T,
): Map<K, T[]> {
  return groupBy(rows, (row) => row.run_key, toItem);
}
