import {
  type ColourTags,
  isHdr,
  MATRIX,
  PRIMARIES_BT709,
  TRANSFER,
  tagsOf,
  UNSPECIFIED,
} from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import type { Mastering } from '../codecs/mastering.ts';
import type { FrameAbilities } from '../ffmpeg/abilities.ts';
import type { OutputOptions } from '../output-options.ts';
import type { VideoCodec } from '../source/media-index.ts';
import type { MediaWarning } from '../warnings.ts';

/** How frames come out of the encoder: all of a segment alike. */
export interface FrameTarget {
  codec: VideoCodec;
  bitDepth: 8 | 10;
  colour: ColourTags;
  /** What becomes of interlaced frames: one frame or two of each, or they stay what they are. */
  interlaced: 'frame' | 'field' | 'kept';
  /** Frames are encoded as interlaced ones, of which this field is the earlier. */
  firstField?: 'top' | 'bottom';
  /** Of HDR. */
  mastering?: Mastering;
}

export type TargetOptions = Pick<OutputOptions, 'allowHevc' | 'hdr' | 'deinterlace'>;

/** 8-bit frames of which nothing is told. */
export const PLAIN_TARGET: FrameTarget = {
  codec: 'h264',
  bitDepth: 8,
  colour: tagsOf({}),
  interlaced: 'frame',
};

/**
 * Decides how frames come out: like the first of their sources, as far as an encoder allows.
 * @param formats of the sources, in the order they are shown; none where all is black
 */
export function targetOf(
  formats: readonly FrameFormat[],
  { allowHevc, hdr, deinterlace }: TargetOptions,
  abilities: FrameAbilities,
): FrameTarget {
  const [first] = formats;
  if (!first) return PLAIN_TARGET;
  const fields = fieldsFor(formats, deinterlace);
  const areHdr = formats.every(({ colour }) => isHdr(colour));
  const areSdr = !formats.some(({ colour }) => isHdr(colour));
  const areDeep = formats.every(({ bitDepth }) => bitDepth > 8);
  const isKept = areSdr || (areHdr && hdr === 'keep');
  const isHevc = allowHevc && abilities.hasHevcEncoder && areDeep && isKept && !fields.firstField;
  if (isHevc) return { codec: 'hevc', bitDepth: 10, colour: encodable(first), ...fields };
  const sdr = formats.find(({ colour }) => !isHdr(colour));
  const colour = sdr ? encodable(sdr) : toneMappedColour(abilities);
  return { codec: 'h264', bitDepth: 8, colour, ...fields };
}

function fieldsFor(
  formats: readonly FrameFormat[],
  deinterlace: TargetOptions['deinterlace'],
): Pick<FrameTarget, 'interlaced' | 'firstField'> {
  if (deinterlace !== 'off') return { interlaced: deinterlace };
  const interlaced = formats.find(({ isInterlaced }) => isInterlaced);
  return { interlaced: 'kept', ...(interlaced && { firstField: interlaced.firstField ?? 'top' }) };
}

/** RGB is encoded as luma and chroma. */
function encodable({ colour }: FrameFormat): ColourTags {
  const tags = tagsOf(colour);
  return tags.matrix === MATRIX.rgb ? { ...tags, matrix: MATRIX.bt709 } : tags;
}

/** What HDR becomes: BT.709; where nothing can map its tones, nothing is told but by which matrix it is made. */
export function toneMappedColour({ hasToneMapping }: FrameAbilities): ColourTags {
  return {
    isFullRange: false,
    primaries: hasToneMapping ? PRIMARIES_BT709 : UNSPECIFIED,
    transfer: hasToneMapping ? TRANSFER.bt709 : UNSPECIFIED,
    matrix: MATRIX.bt709,
  };
}

/** In what frames that come out so are less than their source. */
export function lossesOf(
  formats: readonly FrameFormat[],
  target: FrameTarget,
  { hdr, allowHevc, deinterlace }: TargetOptions,
): MediaWarning[] {
  const warnings: MediaWarning[] = [];
  const isMapped = formats.some(({ colour }) => isHdr(colour)) && !isHdr(target.colour);
  const depth = Math.max(8, ...formats.map(({ bitDepth }) => bitDepth));
  const how = allowHevc ? 'an FFmpeg with libx265 keeps it' : 'allow HEVC to keep it';
  if (isMapped && hdr === 'keep') {
    warnings.push({
      code: 'DYNAMIC_RANGE_REDUCED',
      message: `The source is HDR, the clip is SDR of 8 bits: ${how}.`,
    });
  } else if (!isMapped && depth > target.bitDepth) {
    const remedy = target.bitDepth === 8 ? `: ${how}` : '';
    warnings.push({
      code: 'BIT_DEPTH_REDUCED',
      message: `The source has ${depth} bits a sample, the clip has ${target.bitDepth}${remedy}.`,
    });
  }
  if (target.interlaced !== 'kept' && formats.some(({ isInterlaced }) => isInterlaced)) {
    const each = target.interlaced === 'field' ? 'field' : 'frame';
    const remedy =
      deinterlace === 'off'
        ? 'frames of such a shape cannot be encoded as interlaced ones'
        : 'ask for deinterlace "off" to keep it interlaced';
    warnings.push({
      code: 'DEINTERLACED',
      message: `The source is interlaced, the clip is progressive, with one frame for each ${each} of it: ${remedy}.`,
    });
  }
  return warnings;
}
