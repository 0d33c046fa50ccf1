import { SAMPLE_RATE } from './sample-rate.ts';

/** Too short to be heard as a fade, long enough for a join not to click. */
export const FADE_SECONDS = 0.005;
const FADE_SAMPLES = FADE_SECONDS * SAMPLE_RATE;

/**
 * The filters that fade sound where something else comes before or after it.
 * @param samples how long it is
 */
export function fadesOf(
  samples: number,
  { atStart, atEnd }: { atStart: boolean; atEnd: boolean },
): string[] {
  const length = Math.min(FADE_SAMPLES, Math.floor(samples / 2));
  return [
    ...(atStart ? [`afade=t=in:ss=0:ns=${length}`] : []),
    ...(atEnd ? [`afade=t=out:ss=${samples - length}:ns=${length}`] : []),
  ];
}
