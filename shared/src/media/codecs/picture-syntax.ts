import { NotCopyableError } from '../not-copyable.ts';
import type { AccessUnit, VideoCodec } from '../source/media-index.ts';
import { isFirstSlice, isIntraSlice, NAL, nalType } from './h264/nal-units.ts';
import { recoveryFrames } from './h264/recovery-point.ts';
import {
  HEVC_NAL,
  hevcLayerId,
  hevcNalType,
  isFirstHevcSlice,
  isHevcIdr,
  isHevcKey,
  isHevcSkippedLeading,
  isHevcSlice,
} from './hevc/nal-units.ts';

/** How the NAL units of a codec are understood. */
export interface PictureSyntax {
  /** Whether all of a NAL unit is needed, not only its first bytes. @param header its first byte */
  isKept(header: number): boolean;
  /**
   * Takes over what a NAL unit tells about the picture it is part of.
   * @returns whether a picture begins with it
   * @throws NotCopyableError when the picture consists of more than its slices
   */
  tell(picture: AccessUnit, unit: Buffer): boolean;
}

const UNPLAIN_H264: readonly number[] = [NAL.partitionA, NAL.subsetSps, NAL.extensionSlice];
const KEPT_H264: readonly number[] = [NAL.sps, NAL.pps, NAL.supplement];
const KEPT_HEVC: readonly number[] = [HEVC_NAL.vps, HEVC_NAL.sps, HEVC_NAL.pps];

const h264: PictureSyntax = {
  isKept: (header) => KEPT_H264.includes(nalType(header)),
  tell(picture, unit) {
    const type = nalType(unit[0]!);
    if (UNPLAIN_H264.includes(type)) {
      throw new NotCopyableError('the H.264 has extensions that cannot be copied');
    }
    if (type === NAL.sps) picture.sps.push(Buffer.from(unit));
    else if (type === NAL.pps) picture.pps.push(Buffer.from(unit));
    // Says more than a random access indicator: after a recovery of some frames, not all are whole.
    else if (type === NAL.supplement) picture.isKey = isKeyBySupplement(picture, unit);
    if (type !== NAL.slice && type !== NAL.idrSlice) return false;
    const isFirst = isFirstSlice(unit);
    if (referenceLevel(unit[0]!) === 0) picture.isDisposable = true;
    picture.isIdr = type === NAL.idrSlice;
    // Some writers mark every picture as a place to begin at.
    if (picture.isIdr) picture.isKey = true;
    else if (isFirst && !isIntraSlice(unit)) picture.isKey = false;
    return isFirst;
  },
};

/** `nal_ref_idc`: ITU-T H.264, 7.4.1. */
const referenceLevel = (header: number) => (header >> 5) & 3;

function isKeyBySupplement(picture: AccessUnit, unit: Buffer): boolean {
  const frames = recoveryFrames(unit);
  return frames === undefined ? picture.isKey : frames === 0;
}

const hevc: PictureSyntax = {
  isKept: (header) => KEPT_HEVC.includes(hevcNalType(header)),
  tell(picture, unit) {
    const type = hevcNalType(unit[0]!);
    if (isHevcSlice(type) && hevcLayerId(unit) > 0) {
      throw new NotCopyableError('the HEVC has layers that cannot be copied');
    }
    if (type === HEVC_NAL.vps) picture.vps?.push(Buffer.from(unit));
    else if (type === HEVC_NAL.sps) picture.sps.push(Buffer.from(unit));
    else if (type === HEVC_NAL.pps) picture.pps.push(Buffer.from(unit));
    if (!isHevcSlice(type)) return false;
    picture.isIdr = isHevcIdr(type);
    picture.isKey = isHevcKey(type);
    if (isHevcSkippedLeading(type)) picture.isSkippedLeading = true;
    return isFirstHevcSlice(unit);
  },
};

export const PICTURE_SYNTAX: Readonly<Record<VideoCodec, PictureSyntax>> = { h264, hevc };
