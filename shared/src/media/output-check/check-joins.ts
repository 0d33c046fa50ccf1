import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import type { SegmentFiles } from '../join/segment-files.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { MediaWarning } from '../warnings.ts';
import { assertSameLevels } from './compare-levels.ts';
import { type FrameLevels, type FramesToMeasure, measureLevels } from './measure-levels.ts';

/** So many joins are looked at in one process: each takes three decoders. */
const JOINS_AT_ONCE = 8;

/** Seconds: less than any frame lasts, and more than a container rounds. */
const JUST_BEFORE = 0.0005;

/** Bits of a sample: all segments have as many, a clip that is encoded again may have fewer. */
export interface Depths {
  clip: number;
  segments: number;
}

/** Two segments with frames that follow each other in the clip. */
interface Join {
  /** Index of the second one. */
  segmentIndex: number;
  before: string;
  after: string;
  /** When the last frame before the join is shown: in the clip, and in its segment. In seconds. */
  clipSeconds: number;
  segmentSeconds: number;
}

/**
 * Looks at a clip around every join: decodes the last frame before it and the first one after it, and compares their
 * levels with those of the segments they come from.
 * @param times when the clip shows its frames, ascending, in ticks
 * @returns a warning for each join where they differ
 * @throws MediaToolError when a frame cannot be decoded
 */
export async function checkJoins(
  clipFile: string,
  segments: readonly SegmentFiles[],
  times: readonly number[],
  depths: Depths,
  work: MediaWork,
): Promise<(MediaWarning & { segmentIndex: number })[]> {
  const joins = joinsOf(segments, times);
  const warnings: (MediaWarning & { segmentIndex: number })[] = [];
  for (let n = 0; n < joins.length; n += JOINS_AT_ONCE) {
    const some = joins.slice(n, n + JOINS_AT_ONCE);
    const levels = await measureLevels(
      some.flatMap((join) => [
        framesAt(clipFile, join.clipSeconds, 2, depths.clip),
        framesAt(join.before, join.segmentSeconds, 1, depths.segments),
        framesAt(join.after, 0, 1, depths.segments),
      ]),
      work,
    );
    for (const [k, { segmentIndex }] of some.entries()) {
      const [made, last, first] = levels.slice(3 * k, 3 * k + 3);
      const message = differenceOf(made!, [...last!, ...first!]);
      if (message) warnings.push({ code: 'LEVELS_CHANGED', message, segmentIndex });
    }
  }
  return warnings;
}

function differenceOf(
  made: readonly FrameLevels[],
  given: readonly FrameLevels[],
): string | undefined {
  try {
    assertSameLevels(made, given, 'where segments meet');
    return undefined;
  } catch (error) {
    if (!(error instanceof OutputCheckError)) throw error;
    return `The clip differs from its segments: ${error.message}.`;
  }
}

function joinsOf(segments: readonly SegmentFiles[], times: readonly number[]): Join[] {
  const joins: Join[] = [];
  let firstFrame = 0;
  for (const [n, { videoFile, frameCount }] of segments.entries()) {
    const next = segments[n + 1];
    const lastFrame = firstFrame + frameCount - 1;
    if (videoFile && next?.videoFile) {
      joins.push({
        segmentIndex: n + 1,
        before: videoFile,
        after: next.videoFile,
        clipSeconds: times[lastFrame]! / 90_000,
        segmentSeconds: (times[lastFrame]! - times[firstFrame]!) / 90_000,
      });
    }
    firstFrame += frameCount;
  }
  return joins;
}

function framesAt(file: string, seconds: number, count: number, bitDepth: number): FramesToMeasure {
  const seek = seconds > 0 ? ['-ss', Math.max(0, seconds - JUST_BEFORE).toFixed(6)] : [];
  return {
    input: { options: ['-threads', '1', ...seek, ...inputFile(file, 'mov')] },
    select: `trim=end_frame=${count}`,
    bitDepth,
  };
}
