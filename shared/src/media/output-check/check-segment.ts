import { isSameColour, tagsOf } from '../codecs/colour.ts';
import { decoderFor, isNeeded } from '../cut/encode-parts.ts';
import { formatsOf } from '../cut/encoder.ts';
import type { Part, SegmentPlan } from '../cut/parts.ts';
import { planEncode } from '../cut/plan-cut.ts';
import { codedPictures, shownOf } from '../cut/plan-segment.ts';
import { FIRST_PTS, splice } from '../cut/splice.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import type { PictureTrack } from '../source/media-index.ts';
import { writeTransportStream } from '../transport-stream/writing/write-transport-stream.ts';
import { assertSameLevels } from './compare-levels.ts';
import { type FramesToMeasure, measureLevels } from './measure-levels.ts';

/** So many frames on each side of a join are decoded. */
const FRAMES_PER_SIDE = 2;

/** Seconds: less than any frame lasts, and more than a container rounds. */
const JUST_BEFORE = 0.0005;

/** Frames that follow each other in the segment, and where they are in the source. */
interface Window {
  track: PictureTrack;
  /** Of a sample, in the source and in the segment. */
  sourceDepth: number;
  segmentDepth: number;
  /** When they are shown in the segment, ascending, in ticks. */
  times: number[];
  /** When the first and the last of them are shown in the source. */
  firstPts: number;
  lastPts: number;
}

/**
 * Looks at a segment around every join of an encoded and a copied part, and at the first frames of what is encoded as
 * a whole: decodes these frames out of the file and out of the source, and compares their levels.
 * @param file the segment
 * @throws OutputCheckError when they differ; MediaToolError when one cannot be decoded
 */
export async function checkLevels(
  file: string,
  plan: Pick<SegmentPlan, 'parts' | 'target' | 'size'>,
  work: MediaWork,
): Promise<void> {
  const windows = windowsOf(plan);
  if (windows.length === 0) return;
  const levels = await measureLevels(
    windows.flatMap((window) => [inSegment(file, window), inSource(window)]),
    work,
  );
  for (const [n] of windows.entries()) {
    assertSameLevels(levels[2 * n]!, levels[2 * n + 1]!, 'where it was cut');
  }
}

function windowsOf(plan: Pick<SegmentPlan, 'parts' | 'target' | 'size'>): Window[] {
  const { parts, target } = plan;
  return parts.flatMap((part, n): Window[] => {
    const next = parts[n + 1];
    const own = sourceOf(part);
    const [format] = formatsOf(part);
    if (!own || !format) return [];
    const sourceDepth = format.bitDepth;
    if (next && next.kind !== part.kind && sourceOf(next)?.track === own.track) {
      const before = part.times.slice(-FRAMES_PER_SIDE);
      const times = [...before, ...next.times.slice(0, FRAMES_PER_SIDE)];
      return [{ ...windowAt(own, times), sourceDepth, segmentDepth: sourceDepth }];
    }
    const isWhole = part.kind === 'encoded' && isAlone(parts, n);
    const times = part.times.slice(0, FRAMES_PER_SIDE);
    return isWhole && isAsDecoded(part, plan)
      ? [{ ...windowAt(own, times), sourceDepth, segmentDepth: target.bitDepth }]
      : [];
  });
}

/** Whether an encoded part has no copied one beside it, which would show what its levels are. */
const isAlone = (parts: readonly Part[], n: number): boolean =>
  parts[n - 1]?.kind !== 'copied' && parts[n + 1]?.kind !== 'copied';

/** Whether encoded frames have the levels of those they are made of: not where HDR becomes SDR, or fields frames. */
const isAsDecoded = (part: Part, { target, size }: Pick<SegmentPlan, 'target' | 'size'>): boolean =>
  !size?.isMixed &&
  formatsOf(part).every(
    ({ colour, isInterlaced }) => !isInterlaced && isSameColour(tagsOf(colour), target.colour),
  );

/**
 * The track of a part, and how far its clock is ahead of the segment's. Nothing where we have no index of it, or where
 * its frames are not the source's one by one: where one is held, or some are damaged.
 */
function sourceOf(part: Part): { track: PictureTrack; shift: number } | undefined {
  if (part.kind === 'copied') {
    const first = Math.min(...part.units.map(({ pts }) => pts));
    return { track: part.track, shift: first - part.times[0]! };
  }
  if (!('track' in part.from) || part.isDamaged || part.heldTicks !== undefined) return undefined;
  return { track: part.from.track, shift: part.from.firstPts - part.times[0]! };
}

const windowAt = (
  { track, shift }: { track: PictureTrack; shift: number },
  times: number[],
): Pick<Window, 'track' | 'times' | 'firstPts' | 'lastPts'> => ({
  track,
  times,
  firstPts: times[0]! + shift,
  lastPts: times.at(-1)! + shift,
});

function inSegment(file: string, { times, segmentDepth: bitDepth }: Window): FramesToMeasure {
  const start = Math.max(0, times[0]! / 90_000 - JUST_BEFORE);
  return {
    input: { options: ['-ss', start.toFixed(6), ...inputFile(file, 'mov')] },
    select: `trim=end_frame=${times.length}`,
    bitDepth,
  };
}

/** Decoded from the key frame before, as for encoding, but from there on nothing is shared with it. */
function inSource(window: Window): FramesToMeasure {
  const { track, firstPts, lastPts, sourceDepth: bitDepth } = window;
  const shown = shownOf(track);
  const [fromRank, lastRank] = [shown.indexOf(firstPts), shown.indexOf(lastPts)];
  const { firstUnit, endUnit } = planEncode(codedPictures(track), fromRank, lastRank + 1);
  const units = track.units.slice(firstUnit, endUnit).filter((unit) => isNeeded(unit, window));
  const times = units.map(({ pts }) => pts).sort((a, b) => a - b);
  const shift = FIRST_PTS - times[0]!;
  const packets = splice([{ track, units, times }]);
  return {
    input: {
      stream: writeTransportStream(packets, { video: track.codec }),
      ...decoderFor(track, units),
    },
    select: `trim=start_pts=${firstPts + shift}:end_pts=${lastPts + shift + 1}`,
    bitDepth,
  };
}
