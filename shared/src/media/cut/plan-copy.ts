import { NotCopyableError } from '../not-copyable.ts';
import type { CodedPicture, CutPart } from './plan-cut.ts';
import { presentationRanks } from './presentation-order.ts';

/**
 * The run of pictures that can be copied and lies nearest to what was asked for: it begins with the nearest
 * key picture, and ends with the nearest picture after which nothing is left out.
 * @param fromRank rank of the first picture asked for
 * @param toRank rank of the first picture not asked for any more
 * @throws NotCopyableError when there is no key picture
 */
export function planCopy(
  pictures: readonly CodedPicture[],
  fromRank: number,
  toRank: number,
): CutPart {
  const ranks = presentationRanks(pictures.map(({ pts }) => pts));
  const firstUnit = nearestKey(pictures, ranks, fromRank, toRank);
  const firstRank = ranks[firstUnit]!;
  let best: CutPart | undefined;
  let highest = firstRank;
  let copied = 0;
  for (let unit = firstUnit; unit < pictures.length; unit++) {
    // Shown before the key picture they follow: left out, for they may refer to what precedes it.
    if (ranks[unit]! < firstRank) continue;
    copied++;
    highest = Math.max(highest, ranks[unit]!);
    const isWithoutGap = highest - firstRank === copied - 1;
    if (!isWithoutGap) continue;
    const end = firstRank + copied;
    if (best && Math.abs(end - toRank) >= Math.abs(best.toRank - toRank)) break;
    best = { kind: 'copy', fromRank: firstRank, toRank: end, firstUnit, endUnit: unit + 1 };
  }
  return best!;
}

function nearestKey(
  pictures: readonly CodedPicture[],
  ranks: readonly number[],
  fromRank: number,
  toRank: number,
): number {
  const distance = (unit: number) => Math.abs(ranks[unit]! - fromRank);
  const keys = pictures.flatMap(({ isIdr }, unit) => (isIdr ? [unit] : []));
  // One from before the end, if there is: a later one would copy nothing that was asked for.
  const inside = keys.filter((unit) => ranks[unit]! < toRank);
  const [first, ...others] = inside.length > 0 ? inside : keys;
  if (first === undefined) throw new NotCopyableError('there is no key picture to copy from');
  return others.reduce((best, unit) => (distance(unit) < distance(best) ? unit : best), first);
}
