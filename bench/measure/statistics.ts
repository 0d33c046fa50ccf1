/** The middle of some values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** The value that a share of the others are no larger than: nearest rank. @param share above 0, up to 1 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('There is no percentile of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}

/** How many times as long as `measured` the baseline takes: 10 is ten times faster. */
export function timesFaster(measured: number, baseline: number | undefined): number | undefined {
  return baseline === undefined || measured <= 0 ? undefined : baseline / measured;
}

/** How many times as long as the baseline `measured` takes: 4 is four times slower. */
export function timesAsLong(measured: number, baseline: number | undefined): number | undefined {
  return baseline === undefined || baseline <= 0 ? undefined : measured / baseline;
}

/** The value furthest from 0, with its sign; `undefined` where nothing was measured. */
export function furthestFromZero(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
}
