import { framesIn } from '#local/judge/frames';
import { judgeClip } from '#local/judge/index';
import { parseFrameRate } from '#local/sample/frame-rate';
import { furthestFromZero } from '../measure/statistics.ts';
import { EPISODE_SECONDS } from './cases.ts';
import { FRAMES_PER_SECOND, lengthMs, type MethodName, type Span } from './cut-task.ts';
import { countFrames, seeFirstFrame, seeLastFrame } from './see-edges.ts';

/** What is really in a clip, by decoding it. */
export interface ClipErrors {
  /** Whether all of it was decoded; else its first and its last seconds. */
  isWhole: boolean;
  /** Negative: too early. Of several segments the worst, if all was decoded. Absent: not there. */
  firstFrame?: number;
  /** The same where a player does not honour edit lists, by which a file may hide its first frames. */
  firstStored?: number;
  /** Negative: too early. */
  lastFrame?: number;
  /**
   * Frames that are missing, doubled, of elsewhere or in the wrong order; if not all was decoded, how many
   * there are too many or too few.
   */
  wrongFrames: number;
  /** Positive: the sound is late. Absent: not looked at, or there is none. */
  avOffsetMs?: number;
}

/** Decoding all of longer ones would take longer than making them. */
const WHOLE_UP_TO_MS = 60_000;

const EPISODE_FRAMES = EPISODE_SECONDS * FRAMES_PER_SECOND;
const FPS = String(FRAMES_PER_SECOND);

/** Judges a clip; `spans` are those of the short episode, whose numbers its frames bear. */
export async function lookAtClip(
  clipPath: string,
  method: MethodName,
  spans: readonly Span[],
): Promise<ClipErrors> {
  const segments = spans.map(([startMs, endMs]) => ({ startMs, endMs }));
  const errors =
    lengthMs(spans) <= WHOLE_UP_TO_MS
      ? await lookAtWhole(clipPath, method, segments)
      : await lookAtEdges(clipPath, segments);
  const stored = await seeFirstFrame(clipPath, ['-ignore_editlist', '1']);
  return stored === undefined
    ? errors
    : { ...errors, firstStored: stored - wantedOf(segments)[0]!.first };
}

const RATE = parseFrameRate(FPS);
const wantedOf = (segments: readonly Segment[]) =>
  segments.map((segment) => framesIn(segment, RATE, EPISODE_FRAMES));

interface Segment {
  startMs: number;
  endMs: number;
}

async function lookAtWhole(
  clipPath: string,
  method: MethodName,
  segments: readonly Segment[],
): Promise<ClipErrors> {
  const {
    segments: found,
    picture,
    sound,
  } = await judgeClip({
    clipPath,
    segments,
    fps: FPS,
    episodeFrameCount: EPISODE_FRAMES,
    hasAudio: true,
    audio: method === 'copiedSound' ? 'copy' : 'exact',
  });
  const { missing, duplicated, extra, outOfOrder } = picture;
  return {
    isWhole: true,
    firstFrame: furthestFromZero(found.map(({ startErrorFrames }) => startErrorFrames)),
    lastFrame: furthestFromZero(found.map(({ endErrorFrames }) => endErrorFrames)),
    wrongFrames: missing + duplicated + extra + outOfOrder,
    avOffsetMs: furthestFromZero(sound?.segmentOffsetsMs ?? []),
  };
}

async function lookAtEdges(clipPath: string, segments: readonly Segment[]): Promise<ClipErrors> {
  const wanted = wantedOf(segments);
  const wantedCount = wanted.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const first = await seeFirstFrame(clipPath);
  const last = await seeLastFrame(clipPath);
  return {
    isWhole: false,
    ...(first === undefined ? {} : { firstFrame: first - wanted[0]!.first }),
    ...(last === undefined ? {} : { lastFrame: last - wanted.at(-1)!.last }),
    wrongFrames: Math.abs((await countFrames(clipPath)) - wantedCount),
  };
}
