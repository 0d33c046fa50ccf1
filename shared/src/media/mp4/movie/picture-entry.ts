import { type Colour, UNSPECIFIED } from '../../codecs/colour.ts';
import { sequenceParameters } from '../../codecs/h264/parameter-sets.ts';
import type { SequenceParameters } from '../../codecs/h264/sequence-parameters.ts';
import { hevcLooks } from '../../codecs/hevc/looks.ts';
import { hevcPictureFormat } from '../../codecs/hevc/picture-format.ts';
import { NotCopyableError } from '../../not-copyable.ts';
import type { ParameterSetList, Size, VideoCodec } from '../../source/media-index.ts';
import { box, fullBox, uint16, uint32, zeros } from './box-writer.ts';
import { avcConfiguration, hevcConfiguration } from './picture-configuration.ts';

// What a file says about its pictures: ISO/IEC 14496-12, 12.1.

/** Pictures of a track. */
export interface PictureDescription {
  /** How large they are shown, in pixels. */
  size: Size;
  /** The `stsd` box. */
  description: Buffer;
}

const RESOLUTION_72_DPI = 0x00480000;
const COMPRESSOR_NAME_BYTES = 32;
const DEPTH_24_BITS = 0x18;
const NO_COLOUR_TABLE = 0xffff;

/** What the track's header can hold, as a number of 16.16 bits. */
const MAX_SHOWN_WIDTH = 0xffff;

/**
 * Describes pictures by their parameter sets, of which the first sequence parameter set speaks for all.
 * @throws NotCopyableError when a set is damaged
 */
export function describePictures(codec: VideoCodec, sets: ParameterSetList): PictureDescription {
  try {
    return codec === 'hevc' ? describeHevc(sets) : describeH264(sets);
  } catch (error) {
    // What is cut off, and what is larger than its field.
    if (!(error instanceof RangeError)) throw error;
    throw new NotCopyableError('a parameter set is damaged', { cause: error });
  }
}

function describeHevc(sets: ParameterSetList): PictureDescription {
  const size = hevcPictureFormat(sets.sps[0]!);
  return describe('hvc1', size, hevcConfiguration(sets), hevcLooks(sets.sps[0]!));
}

function describeH264(sets: ParameterSetList): PictureDescription {
  const parameters = sequenceParameters(sets.sps[0]!);
  return describe('avc1', parameters, avcConfiguration(sets), parameters);
}

function describe(
  type: string,
  { width, height }: Size,
  configuration: Buffer,
  look: Look,
): PictureDescription {
  const entry = visualEntry(type, { width, height }, configuration, ...looks(look));
  const { pixelShape: [across, down] = [1, 1] } = look;
  const shown = Math.round((width * across) / down);
  // Like FFmpeg: pixels of a shape that nobody can mean are told, but nothing is made of them.
  const isShowable = shown > 0 && shown <= MAX_SHOWN_WIDTH;
  return {
    size: { width: isShowable ? shown : width, height },
    description: sampleDescriptions(entry),
  };
}

const sampleDescriptions = (entry: Buffer) => fullBox('stsd', {}, uint32(1), entry);

/** @param size of the pictures as they are coded, before pixels are given their shape */
function visualEntry(type: string, { width, height }: Size, ...boxes: readonly Buffer[]): Buffer {
  return box(
    type,
    zeros(6),
    uint16(1), // where the data is: the first reference
    zeros(16),
    uint16(width, height),
    uint32(RESOLUTION_72_DPI, RESOLUTION_72_DPI, 0),
    uint16(1), // one picture to a sample
    zeros(COMPRESSOR_NAME_BYTES),
    uint16(DEPTH_24_BITS, NO_COLOUR_TABLE),
    ...boxes,
  );
}

type Look = Pick<SequenceParameters, 'colour' | 'pixelShape'>;

/** Colours and the shape of pixels: players look for them here before they look into the stream. */
function looks({ colour, pixelShape }: Look): Buffer[] {
  const isColourKnown = Object.values(colour).some((value) => value !== undefined);
  return [
    ...(isColourKnown ? [colourBox(colour)] : []),
    ...(pixelShape ? [box('pasp', uint32(...pixelShape))] : []),
  ];
}

function colourBox({ primaries, transfer, matrix, isFullRange }: Colour): Buffer {
  const numbers = [primaries, transfer, matrix].map((number) => number ?? UNSPECIFIED);
  const range = Buffer.from([isFullRange ? 0x80 : 0]);
  return box('colr', Buffer.from('nclx'), uint16(...numbers), range);
}
