import { NotCopyableError } from '../not-copyable.ts';
import type { PictureTrack } from '../source/media-index.ts';
import { timesOf } from '../source/source.ts';
import { usualFrameTicks, type Wanted } from '../source/wanted.ts';
import { commonSize, encoderBeside, ownEncoder } from './encoder.ts';
import type { Part, SegmentPlan } from './parts.ts';
import { planCopy } from './plan-copy.ts';
import { type CodedPicture, type CutPart, planCut, planEncode } from './plan-cut.ts';
import { assertSameHevc } from './same-hevc.ts';
import { type BlackStretch, isMedia, type MediaStretch, type Stretch, ticksOf } from './stretch.ts';

/** What black pictures last that no frame rate is known for. */
const DEFAULT_FRAME_TICKS = 3000;

/**
 * Copies what can be: all but the ends, or all between key pictures.
 * @throws NotCopyableError when that is not surely exact
 */
export function planCopying(stretches: readonly Stretch[], cut: 'exact' | 'copy'): SegmentPlan {
  const planned = stretches.map((stretch) =>
    isMedia(stretch)
      ? planStretch(stretch, copyableTrack(stretch, cut), cut)
      : { stretch, parts: [] },
  );
  const changed = planned.map(({ stretch }) => stretch);
  const parts = onSegmentClock(changed, (stretch, n) => {
    if (!isMedia(stretch)) return [blackPart(stretch, stretches)];
    const track = copyableTrack(stretch, cut);
    return planned[n]!.parts.map((part) => partOf(part, track, stretch));
  });
  const isHevc = parts.some((part) => part.kind === 'copied' && part.track.codec === 'hevc');
  if (!isHevc) {
    const { encoder, size } = encoderBeside(parts);
    return { stretches: changed, parts, encoderOf: () => encoder, size };
  }
  assertSameHevc(parts);
  return { stretches: changed, parts, encoderOf: () => [] };
}

/** Encodes everything, whatever the source is. */
export function planEncoding(stretches: readonly Stretch[]): SegmentPlan {
  const parts = onSegmentClock(stretches, (stretch) =>
    isMedia(stretch) ? [wholePart(stretch)] : [blackPart(stretch, stretches)],
  );
  return { stretches, parts, encoderOf: ownEncoder, size: commonSize(parts) };
}

/** @throws NotCopyableError saying why nothing of the stretch can be copied */
function copyableTrack({ source }: MediaStretch, cut: 'exact' | 'copy'): PictureTrack {
  const { pictures } = source;
  if (!pictures) throw new NotCopyableError('there are no pictures');
  if ('reason' in pictures) throw new NotCopyableError(pictures.reason);
  const { track } = pictures;
  if (track.codec !== 'h264' && cut === 'exact') {
    throw new NotCopyableError('the video is not H.264');
  }
  if (track.rotationDegrees !== 0)
    throw new NotCopyableError('the picture is turned by the player');
  return track;
}

/** A track as the plans see it: HEVC can be copied from any key picture on, H.264 only from IDR pictures. */
export const codedPictures = ({ codec, units }: PictureTrack): CodedPicture[] =>
  units.map(({ pts, isIdr, isKey }) => ({ pts, isIdr: codec === 'hevc' ? isKey : isIdr }));

function planStretch(
  stretch: MediaStretch,
  track: PictureTrack,
  cut: 'exact' | 'copy',
): { stretch: MediaStretch; parts: CutPart[] } {
  const { wanted } = stretch;
  const shown = shownOf(track);
  const pictures = codedPictures(track);
  const fromRank = shown.indexOf(wanted.firstPts);
  const toRank = fromRank + wanted.frameCount;
  if (cut === 'exact') return { stretch, parts: planCut(pictures, fromRank, toRank) };
  const part = planCopy(pictures, fromRank, toRank);
  return { stretch: { ...stretch, wanted: copied(part, shown, wanted) }, parts: [part] };
}

/** What is wanted after all where copying decides. */
function copied({ fromRank, toRank }: CutPart, shown: readonly number[], asked: Wanted): Wanted {
  const isAsAsked =
    shown[toRank - 1]! < asked.endPts && asked.endPts <= (shown[toRank] ?? Infinity);
  const nextPts = shown[toRank] ?? shown[toRank - 1]! + usualFrameTicks(shown);
  return {
    firstPts: shown[fromRank]!,
    endPts: isAsAsked ? asked.endPts : nextPts,
    frameCount: toRank - fromRank,
  };
}

export const shownOf = ({ units }: PictureTrack) =>
  units.map(({ pts }) => pts).sort((a, b) => a - b);

/** A part whose times are still on the clock of its source. */
function partOf(part: CutPart, track: PictureTrack, { wanted }: MediaStretch): Part {
  const shown = shownOf(track).slice(part.fromRank, part.toRank);
  const times = shown.map((pts) => pts - wanted.firstPts);
  const units = track.units.slice(part.firstUnit, part.endUnit);
  if (part.kind === 'copy') {
    // Leading pictures of the first key picture are shown before it.
    return { kind: 'copied', track, units: units.filter(({ pts }) => pts >= shown[0]!), times };
  }
  const from = { track, units, firstPts: shown[0]!, lastPts: shown.at(-1)! };
  return { kind: 'encoded', from, times };
}

function wholePart(stretch: MediaStretch): Part {
  const { wanted, source } = stretch;
  const { pictures } = source;
  if (!pictures) throw new Error('A stretch without pictures is not planned');
  if ('track' in pictures) {
    const { track } = pictures;
    const fromRank = shownOf(track).indexOf(wanted.firstPts);
    const part = planEncode(codedPictures(track), fromRank, fromRank + wanted.frameCount);
    return partOf(part, track, stretch);
  }
  const { timeline, input, size } = pictures;
  const from = timeline.shown.indexOf(wanted.firstPts);
  const shown = timeline.shown.slice(from, from + wanted.frameCount);
  return {
    kind: 'encoded',
    from: { input, size, firstPts: shown[0]!, lastPts: shown.at(-1)! },
    times: shown.map((pts) => pts - wanted.firstPts),
  };
}

/** Black pictures at the rate of the others. */
function blackPart({ blackTicks }: BlackStretch, stretches: readonly Stretch[]): Part {
  const like = stretches.find(isMedia);
  const frameTicks = like ? usualFrameTicks(timesOf(like.source).shown) : DEFAULT_FRAME_TICKS;
  const frameCount = Math.max(1, Math.round(blackTicks / frameTicks));
  const times = Array.from({ length: frameCount }, (_, n) => n * frameTicks);
  return { kind: 'encoded', from: { frameTicks }, times };
}

/** Stretches follow each other: each one's parts are moved behind those before. */
function onSegmentClock(
  stretches: readonly Stretch[],
  partsOf: (stretch: Stretch, n: number) => Part[],
): Part[] {
  let start = 0;
  return stretches.flatMap((stretch, n) => {
    const from = start;
    start += ticksOf(stretch);
    return partsOf(stretch, n).map((part) => ({
      ...part,
      times: part.times.map((time) => time + from),
    }));
  });
}
