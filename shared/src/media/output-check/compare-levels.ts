import { OutputCheckError } from '../output-check-error.ts';
import type { FrameLevels } from './measure-levels.ts';

/**
 * By how much a level of an encoded frame may differ from its source's, of 255. The mean of all luma alone would not
 * do: around the middle of the scale it stays where it is when full range is taken for limited. Percentiles would not
 * do either: where no luma lies around one, the least change of the frame moves it far.
 */
const TOLERANCE = 1;
const NAMES = ['y', 'u', 'v', 'bright'] as const satisfies (keyof FrameLevels)[];

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
    const off = tooFarOff(levels, source[n]!);
    if (off === undefined) continue;
    throw new OutputCheckError(
      `the levels of a frame ${where} are ${off.toFixed(1)} off the source's`,
    );
  }
}

/** By how much one of the levels is off that may not be; what cannot be measured is. */
function tooFarOff(one: FrameLevels, other: FrameLevels): number | undefined {
  return NAMES.map((name) => Math.abs(one[name] - other[name])).find((off) => !(off <= TOLERANCE));
}
