import { nalType, withStartCode } from '../codecs/h264/nal-units.ts';
import { HEVC_NAL, hevcNalType } from '../codecs/hevc/nal-units.ts';
import type { AccessUnit } from '../source/media-index.ts';
import { damagedPicture } from './nal-places.ts';
import type { PictureFormat } from './tracks/picture-format.ts';

type Sets = Pick<AccessUnit, 'isKey' | 'vps' | 'sps' | 'pps'>;

/** `nal_unit_type`s: ITU-T H.264, table 7-1; H.265, table 7-1. */
const TYPES = {
  h264: { of: nalType, vps: undefined, sps: 7, pps: 8, delimiter: 9 },
  hevc: { of: hevcNalType, ...HEVC_NAL, delimiter: 35 },
};

/**
 * Makes a sample the byte stream of an access unit: start codes in place of lengths, and before a key
 * picture the parameter sets that it does not bring itself.
 * @throws NotCopyableError when the picture is damaged
 */
export function toAnnexB(sample: Buffer, unit: Sets, format: PictureFormat): Buffer {
  const types = TYPES[format.codec];
  const units = unitsOf(sample, format.lengthBytes);
  const found = new Set(units.map((bytes) => types.of(bytes[0]!)));
  const missing = (['vps', 'sps', 'pps'] as const).flatMap((kind) =>
    found.has(types[kind] ?? -1) ? [] : (unit[kind] ?? []),
  );
  // A delimiter is the first of its access unit; x264 puts a message before it. ITU-T H.264, 7.4.1.2.3.
  const isDelimiter = (bytes: Buffer) => types.of(bytes[0]!) === types.delimiter;
  const ordered = [
    ...units.filter(isDelimiter),
    ...(unit.isKey ? missing : []),
    ...units.filter((bytes) => !isDelimiter(bytes)),
  ];
  return Buffer.concat(ordered.map(withStartCode));
}

/** @throws NotCopyableError when a length leads past the end */
function unitsOf(sample: Buffer, lengthBytes: number): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + lengthBytes < sample.length; ) {
    const start = at + lengthBytes;
    at = start + sample.readUIntBE(at, lengthBytes);
    if (at > sample.length) throw damagedPicture();
    if (at > start) units.push(sample.subarray(start, at));
  }
  return units;
}
