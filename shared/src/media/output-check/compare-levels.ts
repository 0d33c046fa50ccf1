import { OutputCheckError } from '../output-check-error.ts';
import type { FrameLevels } from './measure-levels.ts';

/**
 * By how much the mean level of an encoded frame may differ from its source's, of 255. Measured on noise, gradients
 * and text at 160 to 1080 lines: encoding as we do moves it by 0.3 at the most, and full range taken for limited by 9.
 */
const TOLERANCE = 1;

/**
 * Holds frames of the output against the same frames of the source, one by one: so the step of levels from one frame
 * to the next is the source's, too.
 * @param where names the place, for the message
 * @throws OutputCheckError when they differ, or there is not one for each
 */
export function assertSameLevels(
  made: readonly FrameLevels[],
  source: readonly FrameLevels[],
  where: string,
): void {
  if (made.length !== source.length) {
    throw new OutputCheckError(`${made.length} of ${source.length} frames can be decoded ${where}`);
  }
  for (const [n, levels] of made.entries()) {
    // What became 8 bits out of more has other numbers, and where it was HDR, another look.
    if (levels.isDeep !== source[n]!.isDeep) continue;
    const off = furthest(levels, source[n]!);
    if (off <= TOLERANCE) continue;
    throw new OutputCheckError(
      `the levels of a frame ${where} are ${off.toFixed(1)} off the source's`,
    );
  }
}

/** What cannot be measured is far off. */
function furthest(one: FrameLevels, other: FrameLevels): number {
  const offs = (['y', 'u', 'v'] as const).map((plane) => Math.abs(one[plane] - other[plane]));
  return offs.reduce((most, off) => (Number.isNaN(off) || off > most ? off : most), 0);
}
