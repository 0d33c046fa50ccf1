import { BitReader } from '../codecs/h264/bit-reader.ts';
import { PICTURE_SYNTAX } from '../codecs/picture-syntax.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { FileWindow } from '../source/file-window.ts';
import type { AccessUnit, Place } from '../source/media-index.ts';
import { damagedPicture, nalPlaces } from './nal-places.ts';
import type { PictureFormat } from './tracks/picture-format.ts';

/** What an MP4 itself says about a picture. */
export interface PictureSample extends Place {
  pts: number;
  /** Whether decoding can begin here. */
  isSync: boolean;
}

/** Parameter sets are small, and so are messages: what is larger is not read. */
const MAX_KEPT_BYTES = 1 << 16;
/** Enough of a slice to tell its kind. */
const SLICE_START_BYTES = 16;

/** Of H.264's slice types, those that refer to no other picture: I and SI. */
const INTRA_SLICES = [2, 4, 7, 9];

/**
 * Describes a picture by what precedes its first slice, and by how that begins.
 * @throws NotCopyableError when it is damaged, or has what cannot be copied
 */
export async function describePicture(
  window: FileWindow,
  { isSync, ...place }: PictureSample,
  format: PictureFormat,
): Promise<AccessUnit> {
  const sets = format.codec === 'hevc' ? { sps: [], pps: [], vps: [] } : { sps: [], pps: [] };
  const picture: AccessUnit = { ...place, isIdr: false, isKey: isSync, ...sets };
  const syntax = PICTURE_SYNTAX[format.codec];
  for await (const nal of nalPlaces(window, place, format.lengthBytes)) {
    const maxBytes = syntax.isKept(nal.header) ? MAX_KEPT_BYTES : SLICE_START_BYTES;
    const unit = await window.bytes(nal.start, Math.min(nal.end - nal.start, maxBytes));
    if (!syntax.tell(picture, unit)) continue;
    if (format.codec === 'h264') checkKey(picture, unit);
    if (picture.isKey) completeSets(picture, format);
    return picture;
  }
  throw new NotCopyableError('a sample holds no picture');
}

/** Some writers call every sample a sync sample. */
function checkKey(picture: AccessUnit, slice: Buffer): void {
  if (!picture.isKey || picture.isIdr) return;
  try {
    const reader = new BitReader(slice);
    reader.unsigned(); // first_mb_in_slice
    picture.isKey = INTRA_SLICES.includes(reader.unsigned());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damagedPicture();
  }
}

/** What a key picture does not bring of its parameter sets is in the init section. */
function completeSets(picture: AccessUnit, format: PictureFormat): void {
  if (picture.sps.length === 0) picture.sps = format.sps;
  if (picture.pps.length === 0) picture.pps = format.pps;
  if (picture.vps?.length === 0) picture.vps = format.vps;
}
