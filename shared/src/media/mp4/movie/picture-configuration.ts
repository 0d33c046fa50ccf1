import { sequenceParameters } from '../../codecs/h264/parameter-sets.ts';
import { hevcPictureFormat } from '../../codecs/hevc/picture-format.ts';
import type { ParameterSetList } from '../../source/media-index.ts';
import { box, uint16 } from './box-writer.ts';

// What a decoder must know before the first picture: ISO/IEC 14496-15, 5.3.3.1 (H.264) and 8.3.3.1 (HEVC).

/** Before every NAL unit of a picture stands its length, in so many bytes. */
export const LENGTH_BYTES = 4;

/** Of these profiles the configuration does not tell the format of samples. */
const PLAIN_PROFILES: readonly number[] = [66, 77, 88];

/** @throws NotCopyableError when the first sequence parameter set is damaged */
export function avcConfiguration({ sps, pps }: ParameterSetList): Buffer {
  const [, profile = 0, compatibility = 0, level = 0] = sps[0]!;
  const { chromaFormat, bitDepth } = sequenceParameters(sps[0]!);
  const depth = 0xf8 | (bitDepth - 8);
  const format = [0xfc | chromaFormat, depth, depth, 0];
  return box(
    'avcC',
    Buffer.from([1, profile, compatibility, level, 0xfc | (LENGTH_BYTES - 1), 0xe0 | sps.length]),
    ...sps.map(withLength),
    Buffer.from([pps.length]),
    ...pps.map(withLength),
    Buffer.from(PLAIN_PROFILES.includes(profile) ? [] : format),
  );
}

/** `nal_unit_type`s of HEVC's parameter sets: ITU-T H.265, table 7-1. */
const HEVC_TYPES = { vps: 32, sps: 33, pps: 34 } as const;
const KINDS = ['vps', 'sps', 'pps'] as const;

/** @throws RangeError when the first sequence parameter set is damaged */
export function hevcConfiguration(sets: ParameterSetList): Buffer {
  const { profileAndLevel, chromaFormat, bitDepth, subLayers } = hevcPictureFormat(sets.sps[0]!);
  const depth = 0xf8 | (bitDepth - 8);
  const layers = ((subLayers + 1) << 3) | (LENGTH_BYTES - 1);
  const arrays = KINDS.flatMap((kind) => {
    const units = sets[kind] ?? [];
    // That they are nowhere else is not claimed: they are in the samples, too.
    return [Buffer.from([HEVC_TYPES[kind]]), uint16(units.length), ...units.map(withLength)];
  });
  return box(
    'hvcC',
    Buffer.from([1]),
    profileAndLevel,
    // Neither spatial segmentation nor parallelism nor a frame rate is told.
    Buffer.from([0xf0, 0, 0xfc, 0xfc | chromaFormat, depth, depth, 0, 0, layers, KINDS.length]),
    ...arrays,
  );
}

const withLength = (unit: Buffer) => Buffer.concat([uint16(unit.length), unit]);
