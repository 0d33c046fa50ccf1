import { NotCopyableError } from '../not-copyable.ts';
import type { ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { assertOneTrack, parameterSetsOf, sequenceParameters } from './h264/parameter-sets.ts';

/**
 * The parameter sets of one track that holds all these pictures. The first of the sequence parameter sets
 * speaks for the track.
 * @throws NotCopyableError when the pictures cannot live in one track
 */
export function setsOfTrack(
  codec: VideoCodec,
  carriers: readonly ParameterSetList[],
): ParameterSetList {
  return codec === 'h264' ? h264Sets(carriers) : hevcSets(carriers);
}

/** So many sequence and picture parameter sets a file's header can count: ISO/IEC 14496-15, 5.3.3.1. */
const MAX_SPS = 31;
const MAX_PPS = 255;

/** The level of the track must be the highest of all. */
function h264Sets(carriers: readonly ParameterSetList[]): ParameterSetList {
  const { sps, pps } = parameterSetsOf(carriers);
  assertOneTrack([...sps.values()].map(sequenceParameters));
  const LEVEL_BYTE = 3;
  const byLevel = [...sps.values()].sort((a, b) => b[LEVEL_BYTE]! - a[LEVEL_BYTE]!);
  if (byLevel.length === 0 || pps.size === 0) throw noSets();
  if (byLevel.length > MAX_SPS || pps.size > MAX_PPS) {
    throw new NotCopyableError('the pictures have more parameter sets than a file can hold');
  }
  return { sps: byLevel, pps: [...pps.values()] };
}

/** HEVC is never encoded by us: all of it comes from one encoder, or does not fit. */
function hevcSets(carriers: readonly ParameterSetList[]): ParameterSetList {
  const withSets = carriers.filter(({ sps }) => sps.length > 0);
  if (withSets.length === 0) throw noSets();
  const kinds = new Set(
    withSets.map(({ vps = [], sps, pps }) =>
      Buffer.concat([...vps, ...sps, ...pps]).toString('base64'),
    ),
  );
  if (kinds.size !== 1) throw new NotCopyableError('the segments were encoded in different ways');
  return withSets[0]!;
}

const noSets = () => new NotCopyableError('the pictures lack their parameter sets');
