import type { Mastering } from '../codecs/mastering.ts';
import type { FrameAbilities } from '../ffmpeg/abilities.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { type Hold, partsOfWanted } from '../source/holds.ts';
import type { AccessUnit, PictureTrack } from '../source/media-index.ts';
import { timesOf } from '../source/source.ts';
import { usualFrameTicks, type Wanted } from '../source/wanted.ts';
import { canStayInterlaced, commonSize, encoderBeside, formatsOf, ownEncoder } from './encoder.ts';
import { lossesOf, PLAIN_TARGET, type TargetOptions, targetOf } from './frame-target.ts';
import type { EncodedPart, Part, SegmentPlan } from './parts.ts';
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
export function planCopying(
  stretches: readonly Stretch[],
  cut: 'exact' | 'copy',
  { deinterlace }: TargetOptions,
): SegmentPlan {
  const planned = stretches.map((stretch) =>
    isMedia(stretch)
      ? planStretch(stretch, copyableTrack(stretch, cut), cut)
      : { stretch, parts: [] },
  );
  const changed = planned.map(({ stretch }) => stretch);
  const parts = onSegmentClock(changed, (stretch, n) => {
    if (!isMedia(stretch)) return [blackPart(stretch, stretches)];
    const track = copyableTrack(stretch, cut);
    if (stretch.wanted.holds)
      return heldApart(stretch, (one) => copiedParts(one, track, stretch), deinterlace);
    return planned[n]!.parts.map((part) => partOf(part, track, stretch));
  });
  const isHevc = parts.some((part) => part.kind === 'copied' && part.track.codec === 'hevc');
  if (!isHevc) {
    return {
      stretches: changed,
      parts,
      ...encoderBeside(parts, deinterlace === 'off'),
      warnings: [],
    };
  }
  assertSameHevc(parts);
  // Nothing is encoded.
  return { stretches: changed, parts, encoderOf: () => [], target: PLAIN_TARGET, warnings: [] };
}

/**
 * Encodes everything, whatever the source is.
 * @param mastering of HDR that stays HDR
 * @throws NotCopyableError when its frames cannot be decoded as such
 */
export function planEncoding(
  stretches: readonly Stretch[],
  output: TargetOptions,
  abilities: FrameAbilities,
  mastering?: Mastering,
): SegmentPlan {
  const partsOf = (deinterlace: TargetOptions['deinterlace']) =>
    onSegmentClock(stretches, (stretch) =>
      isMedia(stretch) ? wholeParts(stretch, deinterlace) : [blackPart(stretch, stretches)],
    );
  const asked = partsOf(output.deinterlace);
  const deinterlace =
    output.deinterlace === 'off' && !canStayInterlaced(asked) ? 'frame' : output.deinterlace;
  const parts = deinterlace === output.deinterlace ? asked : partsOf(deinterlace);
  const formats = parts.flatMap(formatsOf);
  if (formats.some(({ isInFields }) => isInFields)) {
    throw new NotCopyableError('the video is HEVC whose frames are coded as single fields');
  }
  const target = {
    ...targetOf(formats, { ...output, deinterlace }, abilities),
    ...(mastering ? { mastering } : {}),
  };
  const frameTicks = usualFrameTicks(parts.flatMap(({ times }) => times));
  return {
    stretches,
    parts,
    target,
    encoderOf: (place) => ownEncoder(place, target, frameTicks),
    size: commonSize(parts),
    warnings: lossesOf(formats, target, output),
  };
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
  assertUndamaged(track, wanted);
  if (wanted.holds) {
    if (track.codec !== 'h264')
      throw new NotCopyableError('frames are missing between those of HEVC');
    return { stretch, parts: [] };
  }
  const shown = shownOf(track);
  const pictures = codedPictures(track);
  const fromRank = shown.indexOf(wanted.firstPts);
  const toRank = fromRank + wanted.frameCount;
  if (cut === 'exact') return { stretch, parts: planCut(pictures, fromRank, toRank) };
  const part = planCopy(pictures, fromRank, toRank);
  return { stretch: { ...stretch, wanted: copied(part, shown, wanted) }, parts: [part] };
}

/** A decoder of ours makes up for damage as well as can be; a copy would leave that to every player. */
function assertUndamaged({ units }: PictureTrack, { firstPts, endPts }: Wanted): void {
  const isBad = units.some((unit) => unit.isDamaged && unit.pts >= firstPts && unit.pts < endPts);
  if (isBad) throw new NotCopyableError('packets are missing');
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
  if (units.some(({ isDamaged }) => isDamaged)) {
    return { kind: 'encoded', from, times, isDamaged: true };
  }
  return { kind: 'encoded', from, times };
}

/** What is held is made, and what lies between is cut by itself. */
function heldApart<Made extends Part>(
  stretch: MediaStretch,
  partsOf: (frames: Wanted) => Made[],
  deinterlace: TargetOptions['deinterlace'],
): (Made | EncodedPart)[] {
  const { wanted, source } = stretch;
  return partsOfWanted(wanted, timesOf(source).shown).flatMap((part): (Made | EncodedPart)[] =>
    'frames' in part ? partsOf(part.frames) : [heldPart(part.hold, stretch, deinterlace)],
  );
}

function copiedParts(frames: Wanted, track: PictureTrack, stretch: MediaStretch): Part[] {
  const fromRank = shownOf(track).indexOf(frames.firstPts);
  const parts = planCut(codedPictures(track), fromRank, fromRank + frames.frameCount);
  return parts.map((part) => partOf(part, track, stretch));
}

function wholeParts(
  stretch: MediaStretch,
  deinterlace: TargetOptions['deinterlace'],
): EncodedPart[] {
  const { wanted } = stretch;
  if (!wanted.holds) return [wholePart(stretch, wanted, deinterlace)];
  return heldApart(stretch, (frames) => [wholePart(stretch, frames, deinterlace)], deinterlace);
}

function heldPart(
  { framePts, fromPts, frameTicks, count }: Hold,
  stretch: MediaStretch,
  deinterlace: TargetOptions['deinterlace'],
): EncodedPart {
  const { wanted, source, blackSize } = stretch;
  const from = fromPts - wanted.firstPts;
  const times = Array.from({ length: count }, (_, n) => Math.round(from + n * frameTicks));
  if (framePts === undefined || !source.pictures) {
    return { kind: 'encoded', from: { frameTicks, size: blackSize }, heldTicks: frameTicks, times };
  }
  const one = { firstPts: framePts, endPts: framePts + 1, frameCount: 1 };
  const frame = wholePart(stretch, one, deinterlace);
  return { ...frame, heldTicks: frameTicks, times };
}

function wholePart(
  stretch: MediaStretch,
  wanted: Wanted,
  deinterlace: TargetOptions['deinterlace'],
): EncodedPart {
  const { pictures } = stretch.source;
  if (!pictures) throw new Error('A stretch without pictures is not planned');
  const shown = 'track' in pictures ? shownOf(pictures.track) : pictures.timeline.shown;
  const fromRank = shown.indexOf(wanted.firstPts);
  const toRank = fromRank + wanted.frameCount;
  const times = shown.slice(fromRank, toRank).map((pts) => pts - stretch.wanted.firstPts);
  const [firstPts, lastPts] = [shown[fromRank]!, shown[toRank - 1]!];
  const from =
    'track' in pictures
      ? { ...pictures, units: unitsFor(pictures.track, fromRank, toRank), firstPts, lastPts }
      : { ...pictures, firstPts, lastPts };
  const isDamaged = 'units' in from && from.units.some((unit) => unit.isDamaged);
  const part: EncodedPart = { kind: 'encoded', from, times, ...(isDamaged && { isDamaged }) };
  const isInterlaced = formatsOf(part).some((format) => format.isInterlaced);
  if (!isInterlaced || deinterlace === 'off') return part;
  const withNeighbours =
    'track' in from ? { ...from, ...neighbours(from.track, fromRank, toRank, shown) } : from;
  const isHalved = deinterlace === 'field';
  return {
    ...part,
    from: withNeighbours,
    times: isHalved
      ? timesOfFields(times, endOfLast(shown, toRank) - stretch.wanted.firstPts)
      : times,
  };
}

function unitsFor(track: PictureTrack, fromRank: number, toRank: number): AccessUnit[] {
  const { firstUnit, endUnit } = planEncode(codedPictures(track), fromRank, toRank);
  return track.units.slice(firstUnit, endUnit);
}

/** A frame is made of fields by those before and after it, too, so they are decoded where they can be. */
function neighbours(
  track: PictureTrack,
  fromRank: number,
  toRank: number,
  shown: readonly number[],
) {
  const endRank = Math.min(shown.length, toRank + 1);
  const before = fromRank > 0 ? unitsFor(track, fromRank - 1, endRank) : [];
  const isBefore = before[0]?.isKey === true;
  return {
    units: isBefore ? before : unitsFor(track, fromRank, endRank),
    around: { firstPts: shown[isBefore ? fromRank - 1 : fromRank]!, lastPts: shown[endRank - 1]! },
  };
}

/** A frame's second field is shown half-way to the next frame. */
const timesOfFields = (times: readonly number[], endTicks: number): number[] =>
  times.flatMap((time, n) => [time, Math.round((time + (times[n + 1] ?? endTicks)) / 2)]);

/** When the frame after the last one is shown, or would be. */
function endOfLast(shown: readonly number[], toRank: number): number {
  const last = shown[toRank - 1]!;
  return shown[toRank] ?? 2 * last - (shown[toRank - 2] ?? last - DEFAULT_FRAME_TICKS);
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
