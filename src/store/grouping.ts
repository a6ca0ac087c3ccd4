/** Each key once, with the last value that was given for it, in the order in which the keys came first. */
export function lastOfEach<T extends { readonly key: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.key, item])).values()];
}

/** What was found for each run, in the order found. */
export function groupByRun<K, Row extends { readonly run_key: K }, T>(
  rows: readonly Row[],
  toItem: (row: Row) => T,
): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(row.run_key);
    if (group === undefined) groups.set(row.run_key, [toItem(row)]);
    else group.push(toItem(row));
  }
  return groups;
}
