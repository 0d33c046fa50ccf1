import { withParameterSets } from '../codecs/byte-stream.ts';
import {
  assertOneTrack,
  parameterSetsOf,
  sequenceParameters,
} from '../codecs/h264/parameter-sets.ts';
import { FIRST_PTS, type Piece, splice } from '../cut/splice.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { AccessUnit, ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { indexTransportStream } from '../transport-stream/index-transport-stream.ts';
import type { TimedPacket } from '../transport-stream/writing/write-transport-stream.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';

/** Pictures to be copied into one track. */
export interface JoinedPictures {
  codec: VideoCodec;
  packets: AsyncIterable<TimedPacket>;
  /** When they are shown in the clip, ascending, in ticks of 90 kHz. */
  times: number[];
  /** How long the last of them is shown. */
  lastFrameTicks: number;
}

/**
 * The pictures of all segments on one clock.
 * @throws NotCopyableError when the segments do not fit together, or are not what they should be
 */
export async function joinedPictures(
  segments: readonly SegmentFiles[],
  signal: AbortSignal,
): Promise<JoinedPictures> {
  const boundaries = boundariesOf(segments);
  const pieces: Piece[] = [];
  for (const [n, segment] of segments.entries()) {
    const piece = await pieceOf(segment, signal);
    pieces.push({ ...piece, times: piece.times.map((time) => time + boundaries[n]!) });
  }
  const codecs = new Set(pieces.map(({ track }) => track.codec));
  const [codec] = codecs;
  if (!codec || codecs.size > 1) throw new NotCopyableError('the segments differ in their codec');
  const units = pieces.flatMap((piece) => piece.units);
  const sets = codec === 'h264' ? h264Sets(units) : hevcSets(units);
  const times = pieces.flatMap((piece) => piece.times);
  return {
    codec,
    packets: withSetsInFront(splice(pieces), codec, sets),
    times,
    lastFrameTicks: boundaries.at(-1)! - times.at(-1)!,
  };
}

async function pieceOf(segment: SegmentFiles, signal: AbortSignal): Promise<Piece> {
  const file = segment.videoFile!;
  const { pictures } = await indexTransportStream([{ path: file, take: 'all' }], signal);
  if (pictures?.units.length !== segment.frameCount || !pictures.units[0]!.isKey) {
    throw new NotCopyableError('a segment does not hold what it should');
  }
  const { units } = pictures;
  const times = units.map(({ pts }) => pts - FIRST_PTS).sort((a, b) => a - b);
  return { track: pictures, units, times };
}

/** Of the sequence parameter sets, the first one's level becomes that of the file: it must be the highest. */
function h264Sets(units: readonly AccessUnit[]): ParameterSetList {
  const { sps, pps } = parameterSetsOf(units);
  assertOneTrack([...sps.values()].map(sequenceParameters));
  const LEVEL_BYTE = 3;
  const byLevel = [...sps.values()].sort((a, b) => b[LEVEL_BYTE]! - a[LEVEL_BYTE]!);
  return { sps: byLevel, pps: [...pps.values()] };
}

/** HEVC is never encoded by us: all of it comes from one encoder, or does not fit. */
function hevcSets(units: readonly AccessUnit[]): ParameterSetList {
  const withSets = units.filter(({ sps }) => sps.length > 0);
  const kinds = new Set(
    withSets.map(({ vps = [], sps, pps }) =>
      Buffer.concat([...vps, ...sps, ...pps]).toString('base64'),
    ),
  );
  if (kinds.size !== 1) throw new NotCopyableError('the segments were encoded in different ways');
  return withSets[0]!;
}

/**
 * Puts every parameter set into the first picture: FFmpeg writes what it finds there into the header of the
 * file, and some decoders read only that.
 */
async function* withSetsInFront(
  packets: AsyncIterable<TimedPacket>,
  codec: VideoCodec,
  sets: ParameterSetList,
): AsyncGenerator<TimedPacket> {
  let isFirst = true;
  for await (const packet of packets) {
    yield isFirst ? { ...packet, bytes: withParameterSets(codec, packet.bytes, sets) } : packet;
    isFirst = false;
  }
}
