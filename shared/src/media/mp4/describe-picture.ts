import { FrameStructures, SLICE_HEAD_BYTES } from '../codecs/h264/frame-structure.ts';
import { PICTURE_SYNTAX } from '../codecs/picture-syntax.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { FileWindow } from '../source/file-window.ts';
import type { AccessUnit, Place } from '../source/media-index.ts';
import { nalPlaces } from './nal-places.ts';
import type { PictureFormat } from './tracks/picture-format.ts';

/** What an MP4 itself says about a picture. */
export interface PictureSample extends Place {
  pts: number;
  /** Whether decoding can begin here. */
  isSync: boolean;
}

/** Parameter sets are small, and so are messages: what is larger is not read. */
const MAX_KEPT_BYTES = 1 << 16;

/** A picture, or where a sample holds only that, the second field of the one before. */
export type DescribedPicture = AccessUnit & { isSecondField?: boolean };

/**
 * Describes a picture by what precedes its first slice, and by how that begins.
 * @throws NotCopyableError when it is damaged, or has what cannot be copied
 */
export async function describePicture(
  window: FileWindow,
  { isSync, ...place }: PictureSample,
  format: PictureFormat,
  structures: FrameStructures | undefined,
): Promise<DescribedPicture> {
  const sets = format.codec === 'hevc' ? { sps: [], pps: [], vps: [] } : { sps: [], pps: [] };
  const picture: DescribedPicture = { ...place, isIdr: false, isKey: isSync, ...sets };
  const syntax = PICTURE_SYNTAX[format.codec];
  for await (const nal of nalPlaces(window, place, format.lengthBytes)) {
    const maxBytes = syntax.isKept(nal.header) ? MAX_KEPT_BYTES : SLICE_HEAD_BYTES;
    const unit = await window.bytes(nal.start, Math.min(nal.end - nal.start, maxBytes));
    const beginning = structures?.next(unit);
    if (beginning?.kind === 'second field') picture.isSecondField = true;
    if (beginning?.kind === 'frame') {
      if (beginning.firstField) picture.firstField = beginning.firstField;
      if (beginning.isWoven) picture.isWoven = true;
      if (beginning.isTelecined) picture.isTelecined = true;
    }
    if (!syntax.tell(picture, unit)) continue;
    if (picture.isKey) completeSets(picture, format);
    return picture;
  }
  throw new NotCopyableError('a sample holds no picture');
}

/** Knows the parameter sets of the init section; of H.264 only. */
export const structuresOf = (format: PictureFormat): FrameStructures | undefined =>
  format.codec === 'h264' ? new FrameStructures(format) : undefined;

/** What a key picture does not bring of its parameter sets is in the init section. */
function completeSets(picture: AccessUnit, format: PictureFormat): void {
  if (picture.sps.length === 0) picture.sps = format.sps;
  if (picture.pps.length === 0) picture.pps = format.pps;
  if (picture.vps?.length === 0) picture.vps = format.vps;
}
