import type { OpenedSegment } from '#shared/media/collect/open-segment';
import type { MediaWarning } from '#shared/media/warnings';
import { formatTime } from '#shared/time';

type Gap = OpenedSegment['gaps'][number];

interface Request {
  startMs: number;
  endMs: number;
  options: { gaps: 'fail' | 'skip' | 'black' };
}

/** A warning for each stretch of the segment whose chunks are missing, with what the clip has instead. */
export function gapWarnings(
  { startMs, endMs, options }: Request,
  gaps: readonly Gap[],
): MediaWarning[] {
  return stretchesOf(gaps).flatMap((gap): MediaWarning[] => {
    const fromMs = Math.max(startMs, gap.startMs);
    const toMs = Math.min(endMs, gap.endMs);
    if (toMs <= fromMs) return [];
    const chunks =
      gap.first === gap.last
        ? `chunk ${gap.first} of the playlist is missing`
        : `chunks ${gap.first} to ${gap.last} of the playlist are missing`;
    const stretch = `From ${formatTime(fromMs)} to ${formatTime(toMs)}, ${chunks}`;
    return options.gaps === 'black'
      ? [
          {
            code: 'FRAMES_MISSING',
            message: `${stretch}: black and silence stand in.`,
            atMs: fromMs,
          },
        ]
      : [
          {
            code: 'SHORTER_THAN_ASKED',
            message: `${stretch}: the clip skips that stretch.`,
            atMs: fromMs,
          },
        ];
  });
}

/** Chunks that are missing one after the other are one gap. */
function stretchesOf(gaps: readonly Gap[]) {
  const stretches: { first: number; last: number; startMs: number; endMs: number }[] = [];
  for (const { chunk, startMs, endMs } of gaps) {
    const before = stretches.at(-1);
    if (before && before.last === chunk - 1) {
      before.last = chunk;
      before.endMs = endMs;
    } else stretches.push({ first: chunk, last: chunk, startMs, endMs });
  }
  return stretches;
}
