import { presentationRanks } from './presentation-order.ts';

/** A coded picture as the plan needs it; the list of them is in decoding order. */
export interface CodedPicture {
  pts: number;
  /** Whether what follows it can do without what precedes it. */
  isIdr: boolean;
}

/** Consecutive pictures of a segment, by their rank in presentation order: [fromRank, toRank). */
export interface CutPart {
  kind: 'copy' | 'encode';
  fromRank: number;
  toRank: number;
  /** Pictures to copy, or to decode from, in decoding order: [firstUnit, endUnit). */
  firstUnit: number;
  endUnit: number;
}

/**
 * Decides which pictures of a segment are copied and which must be encoded.
 *
 * ```
 *                asked for: │◀──────────────────────────▶│
 *   I  P  P  P  I  P  P  P  I  P  P  P  I  P  B  P  I  B  P  B  P   (presentation order)
 *   └─ decoded ─────┴ encode ┴────────── copy ──────┴ encode ┘
 * ```
 *
 * An IDR picture splits decoding order and presentation order at the same place, so what follows it can be
 * copied without what precedes it. The copy ends where it would leave a gap: pictures that are decoded
 * before, but shown after the end, are references of those left out.
 * @param fromRank rank of the first picture wanted
 * @param toRank rank of the first picture not wanted any more
 * @returns the parts in order; one that encodes everything where nothing can be copied
 * @throws NotCopyableError when two pictures have the same time
 */
export function planCut(
  pictures: readonly CodedPicture[],
  fromRank: number,
  toRank: number,
): CutPart[] {
  const ranks = presentationRanks(pictures.map(({ pts }) => pts));
  const copy = copyableRun(pictures, ranks, fromRank, toRank);
  const encode = (from: number, to: number): CutPart[] =>
    from < to ? [encodedPart(pictures, ranks, from, to)] : [];
  if (!copy) return encode(fromRank, toRank);
  return [...encode(fromRank, copy.fromRank), copy, ...encode(copy.toRank, toRank)];
}

function copyableRun(
  pictures: readonly CodedPicture[],
  ranks: readonly number[],
  fromRank: number,
  toRank: number,
): CutPart | undefined {
  const firstUnit = pictures.findIndex(({ isIdr }, unit) => isIdr && ranks[unit]! >= fromRank);
  const firstRank = ranks[firstUnit];
  if (firstRank === undefined || firstRank >= toRank) return undefined;
  let endUnit = firstUnit;
  let highest = firstRank;
  for (let unit = firstUnit; unit < pictures.length; unit++) {
    if (ranks[unit]! < firstRank || ranks[unit]! >= toRank) break;
    highest = Math.max(highest, ranks[unit]!);
    const isWithoutGap = highest - firstRank === unit - firstUnit;
    if (isWithoutGap) endUnit = unit + 1;
  }
  const toCopied = firstRank + endUnit - firstUnit;
  return { kind: 'copy', fromRank: firstRank, toRank: toCopied, firstUnit, endUnit };
}

/**
 * Encodes all of it: decoding starts at the last IDR picture before, and ends with the last picture wanted.
 * @throws NotCopyableError when two pictures have the same time
 */
export function planEncode(
  pictures: readonly CodedPicture[],
  fromRank: number,
  toRank: number,
): CutPart {
  const ranks = presentationRanks(pictures.map(({ pts }) => pts));
  return encodedPart(pictures, ranks, fromRank, toRank);
}

function encodedPart(
  pictures: readonly CodedPicture[],
  ranks: readonly number[],
  fromRank: number,
  toRank: number,
): CutPart {
  let firstUnit = 0;
  let endUnit = 0;
  pictures.forEach(({ isIdr }, unit) => {
    if (isIdr && ranks[unit]! <= fromRank) firstUnit = unit;
    if (ranks[unit]! >= fromRank && ranks[unit]! < toRank) endUnit = unit + 1;
  });
  return { kind: 'encode', fromRank, toRank, firstUnit, endUnit };
}
