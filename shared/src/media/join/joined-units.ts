import { type Piece, splice } from '../cut/splice.ts';
import { NAL, nalUnits, withStartCode } from '../h264/nal-units.ts';
import {
  assertOneTrack,
  type ParameterSets,
  parameterSetsOf,
  sequenceParameters,
} from '../h264/parameter-sets.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { indexAccessUnits } from '../transport-stream/access-units.ts';
import { CLOCK_HZ } from '../transport-stream/packets.ts';
import type { TimedUnit } from '../transport-stream/write-units.ts';
import type { SegmentFiles } from './join-segments.ts';

/** Pictures to be copied into one track. Times are in ticks of 90 kHz. */
export interface JoinedUnits {
  units: AsyncIterable<TimedUnit>;
  /** When each picture is shown, in decoding order. */
  pts: number[];
  /** How long the last of them is shown. */
  lastFrameTicks: number;
}

/**
 * The pictures of all segments on one clock.
 * @throws NotCopyableError when the segments do not fit together, or are not what they should be
 */
export async function joinedUnits(
  segments: readonly SegmentFiles[],
  signal: AbortSignal,
): Promise<JoinedUnits> {
  const pieces: Piece[] = [];
  let startUs = 0;
  let lastPts = 0;
  for (const { videoFile, frameCount, durationUs } of segments) {
    const video = await indexAccessUnits(videoFile, signal);
    if (video.units.length !== frameCount || !video.units[0]!.isIdr) {
      throw new NotCopyableError('a segment does not hold what it should');
    }
    const times = video.units.map(({ pts }) => pts);
    const shift = ticksOf(startUs) - lowest(times);
    pieces.push({ ...video, pts: times.map((time) => time + shift) });
    startUs += durationUs;
    lastPts = highest(times) + shift;
  }
  const sets = parameterSetsOf(pieces.flatMap(({ units }) => units));
  assertOneTrack([...sets.sps.values()].map(sequenceParameters));
  return {
    units: withSetsInFront(splice(pieces), sets),
    pts: pieces.flatMap((piece) => piece.pts),
    lastFrameTicks: ticksOf(startUs) - lastPts,
  };
}

const ticksOf = (us: number) => Math.round((us * CLOCK_HZ) / 1e6);
const lowest = (times: readonly number[]) => times.reduce((a, b) => Math.min(a, b));
const highest = (times: readonly number[]) => times.reduce((a, b) => Math.max(a, b));

/**
 * Puts every parameter set into the first picture: FFmpeg writes what it finds there into the header of the
 * file, and some decoders read only that.
 */
async function* withSetsInFront(
  units: AsyncIterable<TimedUnit>,
  sets: ParameterSets,
): AsyncGenerator<TimedUnit> {
  let isFirst = true;
  for await (const unit of units) {
    yield isFirst ? { ...unit, bytes: withSets(unit.bytes, sets) } : unit;
    isFirst = false;
  }
}

/** Where a sequence parameter set says its level. */
const LEVEL_BYTE = 3;

/**
 * A delimiter must stay the first NAL unit of its picture: ITU-T H.264, 7.4.1.2.3. Of the sequence parameter
 * sets, the first one's level becomes that of the file: it must be the highest.
 */
function withSets(picture: Buffer, { sps, pps }: ParameterSets): Buffer {
  const others = nalUnits(picture).filter(({ type }) => type !== NAL.sps && type !== NAL.pps);
  const isDelimiter = ({ type }: { type: number }) => type === NAL.delimiter;
  const ordered = [
    ...others.filter(isDelimiter).map(({ bytes }) => bytes),
    ...[...sps.values()].sort((a, b) => b[LEVEL_BYTE]! - a[LEVEL_BYTE]!),
    ...pps.values(),
    ...others.filter((unit) => !isDelimiter(unit)).map(({ bytes }) => bytes),
  ];
  return Buffer.concat(ordered.map(withStartCode));
}
