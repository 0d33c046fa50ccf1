import type { ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { nalUnits, withStartCode } from './h264/nal-units.ts';

/** `nal_unit_type`s of access unit delimiters and parameter sets: ITU-T H.264, table 7-1; H.265, table 7-1. */
const TYPES = {
  h264: { typeOf: (first: number) => first & 0x1f, delimiter: 9, sets: [7, 8] },
  hevc: { typeOf: (first: number) => (first >> 1) & 0x3f, delimiter: 35, sets: [32, 33, 34] },
};

/**
 * The picture with these parameter sets in place of its own. A delimiter stays the first NAL unit:
 * ITU-T H.264, 7.4.1.2.3.
 * @param picture an access unit as a byte stream (Annex B)
 */
export function withParameterSets(
  codec: VideoCodec,
  picture: Buffer,
  { vps = [], sps, pps }: ParameterSetList,
): Buffer {
  const { typeOf, delimiter, sets } = TYPES[codec];
  const others = nalUnits(picture)
    .map(({ bytes }) => bytes)
    .filter((bytes) => !sets.includes(typeOf(bytes[0]!)));
  const isDelimiter = (bytes: Buffer) => typeOf(bytes[0]!) === delimiter;
  const ordered = [
    ...others.filter(isDelimiter),
    ...vps,
    ...sps,
    ...pps,
    ...others.filter((bytes) => !isDelimiter(bytes)),
  ];
  return Buffer.concat(ordered.map(withStartCode));
}
