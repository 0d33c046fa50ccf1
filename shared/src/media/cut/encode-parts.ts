import { join } from 'node:path';
import { isSameColour } from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import type { Job, JobInput } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { inputForeign } from '../source/foreign-input.ts';
import type { AccessUnit, PictureTrack, Size } from '../source/media-index.ts';
import { indexTransportStream } from '../transport-stream/index-transport-stream.ts';
import { writeTransportStream } from '../transport-stream/writing/write-transport-stream.ts';
import { formatsOf, OWN_TIMES, sizesOf } from './encoder.ts';
import { colourFilters, progressiveFilters, setField } from './frame-filters.ts';
import type { FrameTarget } from './frame-target.ts';
import type { CommonSize, EncodedPart, PicturesToDecode, SegmentPlan } from './parts.ts';
import { FIRST_PTS, splice } from './splice.ts';

/** Rounding between the clocks of containers is off by one at either end. */
const ROUNDING_TICKS = 2;

/** A part that is to be encoded, and the file that it goes to. */
export interface PartJob {
  part: EncodedPart;
  file: string;
  job: Job;
}

/** The encoding of every part that is not copied. Of the source, only what the parts need is decoded. */
export function encodingJobs(plan: SegmentPlan, work: MediaWork): PartJob[] {
  const parts = plan.parts.filter((part) => part.kind === 'encoded');
  return parts.map((part, n) => {
    const file = join(work.folder, `part-${n}.ts`);
    const label = `[picture${n}]`;
    const encoding = [...plan.encoderOf(n), ...OWN_TIMES, '-muxdelay', '0', '-muxpreload', '0'];
    const { inputs, chain } = decoding(part, plan);
    const job: Job = {
      inputs,
      filter: ([input]) => `${input === undefined ? '' : `[${input}:v:0]`}${chain}${label}`,
      outputs: ['-map', label, ...encoding, '-f', 'mpegts', file],
      frameCount: part.times.length,
    };
    return { part, file, job };
  });
}

/**
 * @returns the pictures, and when they are shown in the segment
 * @throws NotCopyableError when it is not exactly the pictures that were asked for, each at its time; of damaged ones
 * some may be missing
 */
export async function encodedTrack(
  { part, file }: PartJob,
  work: MediaWork,
): Promise<{ track: PictureTrack; times: readonly number[] }> {
  const { pictures } = await indexTransportStream([{ path: file, take: 'all' }], work.signal);
  if (!pictures) throw new NotCopyableError('none of the pictures could be decoded');
  const shown = pictures.units.map(({ pts }) => pts).sort((a, b) => a - b);
  if (part.isDamaged && shown.length < part.times.length) {
    return { track: pictures, times: timesOfSome(shown, part) };
  }
  if (shown.length !== part.times.length) {
    const [made, planned] = [shown.length, part.times.length];
    throw new NotCopyableError(
      made < planned
        ? `only ${made} of ${planned} pictures could be decoded`
        : `${made} pictures were decoded where ${planned} have a time`,
    );
  }
  const isInTime = shown.every((pts, n) => {
    const expected = part.times[n]! - part.times[0]!;
    return Math.abs(pts - shown[0]! - expected) <= ROUNDING_TICKS;
  });
  if (!isInTime) throw new NotCopyableError('decoded pictures were not at their times');
  return { track: pictures, times: part.times };
}

/** What was written keeps its clock: the first picture that is wanted would be shown at the time of the trim. */
function timesOfSome(shown: readonly number[], { times, from }: EncodedPart): number[] {
  const begin = 'units' in from ? from.firstPts + shiftOf(from) : shown[0]!;
  const found = shown.map((pts) => {
    const time = pts - begin + times[0]!;
    return times.find((one) => Math.abs(one - time) <= ROUNDING_TICKS);
  });
  if (found.some((time) => time === undefined) || new Set(found).size < found.length) {
    throw new NotCopyableError('decoded pictures were not at their times');
  }
  // Where the first ones are missing, the next one stands in for them.
  return [times[0]!, ...(found as number[]).slice(1)];
}

/** What to decode, and the filters that leave the pictures that are wanted. */
function decoding(
  part: EncodedPart,
  { size, target }: SegmentPlan,
): { inputs: JobInput[]; chain: string } {
  const { from, times } = part;
  if ('frameTicks' in from) {
    const { width, height } = size ?? from.size ?? { width: 1280, height: 720 };
    const color = `color=c=black:s=${width}x${height}:r=90000/${from.frameTicks}`;
    const shown = part.heldTicks === undefined ? [] : onTicks(part.heldTicks);
    const trim = `trim=end_frame=${times.length}`;
    const chain = [color, trim, ...shown, ...colourFilters(undefined, target, height)];
    return { inputs: [], chain: chain.join(',') };
  }
  const formats = formatsOf(part);
  const shaped = [
    ...[...upright(from), ...sized(size), ...coloured(part, formats, size, target)],
    ...held(part),
  ];
  const lengthTicks = part.heldTicks === undefined ? times.at(-1)! - times[0]! : 0;
  if ('input' in from) {
    // Seconds: a container has ticks of its own. Half a millisecond is less than any frame lasts.
    const start = from.firstPts / 90_000 - 0.0005;
    const end = (from.firstPts + lengthTicks) / 90_000 + 0.0005;
    const trim = `trim=start=${start.toFixed(6)}:end=${end.toFixed(6)}`;
    return {
      inputs: [{ options: inputForeign(from.input) }],
      chain: [...progressiveFilters(formats, target), trim, ...shaped].join(','),
    };
  }
  const units = neededOf(from);
  const shown = units.map(({ pts }) => pts).sort((a, b) => a - b);
  const start = from.firstPts + shiftOf(from);
  const trim = `trim=start_pts=${start}:end_pts=${start + lengthTicks + ROUNDING_TICKS}`;
  const packets = splice([{ track: from.track, units, times: shown }]);
  const stream = writeTransportStream(packets, { video: from.track.codec });
  return {
    inputs: [{ stream, ...(part.isDamaged ? {} : decoderFor(from.track, units)) }],
    chain: [
      ...progressiveFilters(formats, target),
      trim,
      ...(part.isDamaged ? [IN_ORDER] : []),
      ...shaped,
    ].join(','),
  };
}

/** The colours of the segment. */
function coloured(
  part: EncodedPart,
  formats: readonly FrameFormat[],
  size: Size | undefined,
  target: FrameTarget,
): string[] {
  const [first] = formats;
  const isMixed = formats.some(({ colour }) => !isSameColour(colour, first!.colour));
  const { height = 0 } = size ?? sizesOf(part)[0] ?? {};
  const flags = target.firstField ? [setField([target])] : [];
  return [...colourFilters(first, target, height, isMixed), ...flags];
}
/** For frames that are missing, a decoder may make up others, at times that are taken. */
const IN_ORDER = "select='isnan(prev_selected_pts)+gt(pts,prev_selected_pts)'";

/**
 * FFmpeg's H.264 decoder holds back frames that it has decoded, though not shown, before the key frame of an open GOP:
 * at the end of a stream FFmpeg 5.1 then drops them as if something of them were missing. No frame is asked for that
 * refers to what is in front of the key frame.
 */
export const decoderFor = (
  { codec }: PictureTrack,
  units: readonly AccessUnit[],
): { decoder?: readonly string[] } =>
  codec === 'h264' && units[0]?.isIdr === false ? { decoder: ['-flags', '+output_corrupt'] } : {};

type Units = Extract<PicturesToDecode, { units: unknown }>;

const neededOf = (from: Units) => from.units.filter((unit) => isNeeded(unit, from.around ?? from));

/** From the clock of the source to that of what the decoder gets. */
const shiftOf = (from: Units) =>
  FIRST_PTS - neededOf(from).reduce((low, { pts }) => Math.min(low, pts), Number.POSITIVE_INFINITY);

/**
 * Whether a frame has to be decoded for those that are wanted. Between the key frame and those, half may be frames
 * that no other refers to; in front of an open GOP, they refer to what is not there.
 */
export function isNeeded(
  { isDisposable, pts }: AccessUnit,
  { firstPts, lastPts }: { firstPts: number; lastPts: number },
): boolean {
  return !isDisposable || (pts >= firstPts && pts <= lastPts);
}

/** One frame as often as there are times. */
function held({ heldTicks, times }: EncodedPart): string[] {
  if (heldTicks === undefined) return [];
  const again = times.length > 1 ? [`loop=loop=${times.length - 1}:size=1:start=0`] : [];
  return ['trim=end_frame=1', ...again, ...onTicks(heldTicks)];
}

const onTicks = (ticks: number) => ['settb=1/90000', `setpts=round(N*${ticks})`];

/** Our transport streams do not say how the player is to turn the picture. */
function upright(from: PicturesToDecode): string[] {
  const degrees = 'track' in from ? from.track.rotationDegrees : 0;
  if (degrees === 90) return ['transpose=clock'];
  if (degrees === 180) return ['hflip', 'vflip'];
  return degrees === 270 ? ['transpose=cclock'] : [];
}

/** 4:2:0 needs even sides; pictures of another shape keep theirs, on black. */
function sized(size: CommonSize | undefined): string[] {
  if (!size) return ['crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0'];
  const { width, height, isMixed } = size;
  const fitted = [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  ];
  return isMixed ? ['scale=iw*sar:ih', ...fitted, 'setsar=1'] : fitted;
}
