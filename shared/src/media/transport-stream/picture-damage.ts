import type { AccessUnit } from '../source/media-index.ts';
import type { Finding } from '../warnings.ts';
import type { PictureCollector } from './picture-collector.ts';

/**
 * Marks the pictures that lack something, and those that refer to them: all until the next picture that decoding can
 * begin at.
 * @param units in decoding order
 * @param damaged units of which something is missing
 * @param afterLoss units before which others may be missing
 */
export function markDamage(
  units: readonly AccessUnit[],
  damaged: ReadonlySet<AccessUnit>,
  afterLoss: ReadonlySet<AccessUnit>,
): void {
  let isSpoilt = false;
  /** Pictures that follow a key picture are whole from its time on; leading ones are not. */
  let wholeFrom = Number.NEGATIVE_INFINITY;
  for (const unit of units) {
    const isWhole = !damaged.has(unit);
    if (afterLoss.has(unit)) [isSpoilt, wholeFrom] = [true, Number.POSITIVE_INFINITY];
    if (isWhole && unit.isIdr) [isSpoilt, wholeFrom] = [false, Number.NEGATIVE_INFINITY];
    else if (isWhole && unit.isKey) wholeFrom = Math.min(wholeFrom, unit.pts);
    if (!isWhole || (isSpoilt && unit.pts < wholeFrom)) unit.isDamaged = true;
    // Nobody refers to it.
    if (!isWhole && !unit.isDisposable) [isSpoilt, wholeFrom] = [true, Number.POSITIVE_INFINITY];
  }
}

/**
 * Decides where counters jump behind tables: with other parameter sets another stream begins, with the same ones
 * something is lost.
 */
export function settleDoubts({
  units,
  initialSets,
  doubtful,
  damaged,
  afterLoss,
}: PictureCollector): void {
  let [known] = initialSets?.sps ?? [];
  for (const unit of units) {
    const before = doubtful.get(unit);
    const isOther = known !== undefined && unit.sps[0] !== undefined && !unit.sps[0].equals(known);
    if (before && !isOther) {
      damaged.add(before);
      afterLoss.add(unit);
    }
    known = unit.sps[0] ?? known;
  }
}

/** Where damaged pictures are shown, one finding for each row of them. */
export function damageFindings(units: readonly AccessUnit[]): Finding[] {
  const shown = [...units].sort((a, b) => a.pts - b.pts);
  const findings: Finding[] = [];
  let open: { fromPts: number; toPts: number } | undefined;
  for (const [n, { pts, isDamaged }] of shown.entries()) {
    if (!isDamaged) {
      open = undefined;
      continue;
    }
    const toPts = shown[n + 1]?.pts ?? pts + 1;
    if (open) {
      open.toPts = toPts;
      continue;
    }
    const finding = {
      code: 'DAMAGE_CONCEALED' as const,
      message: LOST_FRAMES,
      fromPts: pts,
      toPts,
    };
    findings.push(finding);
    open = finding;
  }
  return findings;
}

const LOST_FRAMES =
  'Packets of video are missing from the chunks: the frames from here to the next key frame are made up for as well as can be. Upload the chunks again if there is a whole copy.';
