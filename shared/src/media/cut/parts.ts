import type { FrameFormat } from '../codecs/frame-format.ts';
import type { ForeignInput } from '../source/foreign-input.ts';
import type { AccessUnit, PictureTrack, Size } from '../source/media-index.ts';
import type { MediaWarning } from '../warnings.ts';
import type { FrameTarget } from './frame-target.ts';
import type { Stretch } from './stretch.ts';

/** Pictures that are copied, byte by byte. */
export interface CopiedPart {
  kind: 'copied';
  track: PictureTrack;
  /** In decoding order. */
  units: readonly AccessUnit[];
  /** When they are shown in the segment, ascending, in ticks. */
  times: readonly number[];
}

/** Pictures that are decoded and encoded. */
export interface EncodedPart {
  kind: 'encoded';
  from: PicturesToDecode;
  /** The one frame of it is shown again and again, each time for so many ticks. */
  heldTicks?: number;
  /** When they are shown in the segment, ascending, in ticks; of fields that become frames, those of both. */
  times: readonly number[];
  /** Some are damaged: not all may come out of the decoder. */
  isDamaged?: boolean;
}

/** Where decoded pictures come from: those shown in [firstPts, lastPts] on the clock of the source, or black ones. */
export type PicturesToDecode =
  | {
      track: PictureTrack;
      units: readonly AccessUnit[];
      firstPts: number;
      lastPts: number;
      /** Of the units, those shown in this stretch are decoded, too, for what is made of their neighbours. */
      around?: { firstPts: number; lastPts: number };
    }
  | { input: ForeignInput; size?: Size; format?: FrameFormat; firstPts: number; lastPts: number }
  | { frameTicks: number; size?: Size };

export type Part = CopiedPart | EncodedPart;

/** The size of all pictures of a segment. */
export interface CommonSize extends Size {
  /** Some are of another size, and so may be the shape of their pixels. */
  isMixed?: boolean;
}

/** How the pictures of a segment are made. */
export interface SegmentPlan {
  /** As asked for, or what copying from key picture to key picture makes of it. */
  stretches: readonly Stretch[];
  parts: readonly Part[];
  /** How encoded pictures come out. */
  target: FrameTarget;
  /** Options of the encoder of what is encoded. @param place of the part among such */
  encoderOf: (place: number) => readonly string[];
  /** What pictures are brought to that are encoded; absent: they stay as they are. */
  size?: CommonSize;
  /** In what the pictures are less than their source. */
  warnings: readonly MediaWarning[];
}
