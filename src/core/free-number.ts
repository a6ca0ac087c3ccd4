/**
 * The least number from `first` on that is free, if the ones before it were given in this way; with gaps, one
 * that is free. Found by doubling and halving, in few questions however many are taken.
 */
export async function freeNumber(
  first: number,
  isTaken: (number: number) => Promise<boolean>,
): Promise<number> {
  let taken = first - 1;
  let step = 1;
  while (await isTaken(taken + step)) {
    taken += step;
    step *= 2;
  }
  let free = taken + step;
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
