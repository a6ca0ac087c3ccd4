/**
 * At most `most` (from 1) of the items: the first of each of as many parts of equal size, where the first
 * parts have one more if it does not come out even, and the last item in place of the last part's first.
 */
export function sampleEvenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const size = Math.floor(items.length / most);
  const larger = items.length % most;
  const places = new Set(
    Array.from({ length: most - 1 }, (_, part) => part * size + Math.min(part, larger)),
  ).add(items.length - 1);
  return items.filter((_item, place) => places.has(place));
}
