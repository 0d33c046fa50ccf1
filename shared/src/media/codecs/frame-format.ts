import { NotCopyableError } from '../not-copyable.ts';
import type { Size, VideoCodec } from '../source/media-index.ts';
import type { Colour } from './colour.ts';
import { sequenceParameters } from './h264/parameter-sets.ts';
import { hevcLooks } from './hevc/looks.ts';
import { hevcPictureFormat } from './hevc/picture-format.ts';

/** How the samples of decoded frames are to be understood. */
export interface FrameFormat {
  colour: Colour;
  bitDepth: number;
  /** Whether chroma is 4:2:0. */
  isSubsampled: boolean;
  /** Whether frames consist of two fields, each of a moment of its own. */
  isInterlaced: boolean;
  /** Which of the fields is the earlier one, where that is known. */
  firstField?: 'top' | 'bottom';
  /** Decoders may take interlaced frames for progressive ones. */
  isWoven?: boolean;
  /** HEVC: each coded frame is a single field. */
  isInFields?: boolean;
}

/**
 * What a sequence parameter set says.
 * @throws NotCopyableError when it is damaged
 */
export function formatOfSet(codec: VideoCodec, set: Buffer): FrameFormat & Size {
  if (codec === 'h264') {
    const { colour, bitDepth, chromaFormat, isProgressive, width, height } =
      sequenceParameters(set);
    const isSubsampled = chromaFormat === 1;
    return { colour, bitDepth, isSubsampled, isInterlaced: !isProgressive, width, height };
  }
  try {
    const { bitDepth, chromaFormat, width, height } = hevcPictureFormat(set);
    const { colour, isInFields } = hevcLooks(set);
    const isSubsampled = chromaFormat === 1;
    return { colour, bitDepth, isSubsampled, isInterlaced: false, isInFields, width, height };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotCopyableError('a parameter set is damaged', { cause: error });
  }
}
