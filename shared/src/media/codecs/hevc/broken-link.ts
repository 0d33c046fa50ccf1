import { withStartCode } from '../h264/nal-units.ts';
import { HEVC_HEADER_BYTES, HEVC_NAL, hevcNalUnits } from './nal-units.ts';

const NO_OUTPUT_OF_PRIOR_PICTURES = 0x40;

/**
 * Makes the picture of a CRA a BLA picture: where something else was put before it, a decoder must not look
 * for what it was coded after. Its RASL pictures must be left out; a BLA_W_RADL may keep its RADL pictures,
 * and need not have any. But for the type, the syntax is the same: ITU-T H.265, 7.3.6.1 and 7.4.2.2. Of a BLA
 * picture, unlike a CRA's, decoders heed `no_output_of_prior_pics_flag`: it must not discard what comes before.
 * @param unit the byte stream of the picture; other pictures come back as they are
 */
export function asBrokenLink(unit: Buffer): Buffer {
  const units = hevcNalUnits(unit);
  if (!units.some(({ type }) => type === HEVC_NAL.cleanRandomAccess)) return unit;
  return Buffer.concat(
    units.map(({ type, bytes }) =>
      withStartCode(type === HEVC_NAL.cleanRandomAccess ? brokenLinkSlice(bytes) : bytes),
    ),
  );
}

function brokenLinkSlice(slice: Buffer): Buffer {
  const changed = Buffer.from(slice);
  changed[0] = (slice[0]! & 0x81) | (HEVC_NAL.brokenLinkWithRadl << 1);
  // No start code can come of it: a 1 follows among the next bits, in `slice_pic_parameter_set_id`.
  if (slice.length > HEVC_HEADER_BYTES) {
    changed[HEVC_HEADER_BYTES] = slice[HEVC_HEADER_BYTES]! & ~NO_OUTPUT_OF_PRIOR_PICTURES;
  }
  return changed;
}
