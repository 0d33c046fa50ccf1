import {
  type Colour,
  type ColourTags,
  isHdr,
  isSameColour,
  MATRIX,
  matrixName,
  tagsOf,
  UNSPECIFIED,
} from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import type { FrameAbilities } from '../ffmpeg/abilities.ts';
import { type FrameTarget, toneMappedColour } from './frame-target.ts';

/** FFmpeg's name of the samples that are encoded. Its `j` means full range: without, the scaler would compress them. */
export function pixelFormat({
  bitDepth,
  colour,
}: Pick<FrameTarget, 'bitDepth' | 'colour'>): string {
  if (bitDepth === 10) return 'yuv420p10le';
  return colour.isFullRange ? 'yuvj420p' : 'yuv420p';
}

/**
 * The filters that bring decoded frames to the colours they are encoded in. Where nothing has to be converted,
 * samples stay as they are.
 * @param from how the frames are decoded; absent: as they are encoded
 * @param isMixed whether that holds for the first of them only
 * @param height in pixels: where no matrix is told, it tells which one players take
 */
export function colourFilters(
  from: FrameFormat | undefined,
  target: Pick<FrameTarget, 'bitDepth' | 'colour'>,
  height: number,
  isMixed = false,
): string[] {
  return [
    ...(from ? conversion(from, target, height, isMixed) : []),
    `format=${pixelFormat(target)}`,
    setTags(target.colour),
  ];
}

function conversion(
  from: FrameFormat,
  { bitDepth, colour }: Pick<FrameTarget, 'bitDepth' | 'colour'>,
  height: number,
  isMixed: boolean,
): string[] {
  const tags = tagsOf(from.colour);
  if (isHdr(tags) && !isHdr(colour)) return toneMapping(tags, colour, height);
  const isAsItIs = isSameColour(tags, colour) && from.isSubsampled && from.bitDepth === bitDepth;
  if (isAsItIs && !isMixed) return [];
  const [given, wanted] = [matrixName(tags, height), matrixName(colour, height)];
  const isRgb = tags.matrix === MATRIX.rgb;
  return [
    scaled({
      ...(isMixed ? {} : { in_range: range(tags) }),
      out_range: range(colour),
      // Samples of a matrix that the scaler does not know stay as they are.
      ...(isRgb || (given && wanted)
        ? { in_color_matrix: isMixed || isRgb ? 'auto' : given, out_color_matrix: wanted }
        : {}),
    }),
  ];
}

/** Without, converting from one matrix to another moves the mean level by up to 2. */
const EXACT = 'flags=bicubic+accurate_rnd+full_chroma_int';

const scaled = (options: Readonly<Record<string, string | undefined>>): string =>
  `scale=${Object.entries(options)
    .flatMap(([name, value]) => (value ? [`${name}=${value}`] : []))
    .concat(EXACT, 'interl=-1')
    .join(':')}`;

const range = ({ isFullRange }: Colour): string => (isFullRange ? 'full' : 'limited');

/** A screen that shows SDR, in candela per square metre. */
const SDR_PEAK = 100;

/** HDR becomes SDR: its tones are mapped where FFmpeg can, else only its samples are converted. */
function toneMapping(from: ColourTags, to: ColourTags, height: number): string[] {
  const isMapped = to.transfer !== UNSPECIFIED;
  const bt709 = toneMappedColour({ hasToneMapping: isMapped, hasHevcEncoder: false });
  const assumed = (number: number) => (number === UNSPECIFIED ? MATRIX.bt2020 : number);
  const [matrix, primaries] = [assumed(from.matrix), assumed(from.primaries)];
  const mapped = [
    `zscale=tin=${from.transfer}:min=${matrix}:pin=${primaries}:rin=${range(from)}:t=linear:npl=${SDR_PEAK}`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=limited',
  ];
  const matrices = { in_color_matrix: 'bt2020', out_color_matrix: 'bt709' };
  const plain = [scaled({ in_range: range(from), out_range: 'limited', ...matrices })];
  const rest = { colour: bt709, bitDepth: 8, isSubsampled: true, isInterlaced: false };
  return [
    ...(isMapped ? mapped : plain),
    'format=yuv420p',
    ...conversion(rest, { bitDepth: 8, colour: to }, height, false),
  ];
}

/**
 * For stills, which are always SDR: filters that map the tones of HDR, and what the scaler behind them is to be told
 * of its input.
 * @param from absent: 8 bits, and nothing is told of their colours
 */
export function sdrFilters(
  from: FrameFormat | undefined,
  height: number,
  abilities: FrameAbilities,
): { filters: string[]; scaling: string } {
  const tags = tagsOf(from?.colour ?? {});
  if (!isHdr(tags)) return { filters: [], scaling: scalerInput(tags, height) };
  const colour = toneMappedColour(abilities);
  return { filters: toneMapping(tags, colour, height), scaling: scalerInput(colour, height) };
}

function scalerInput(tags: ColourTags, height: number): string {
  const matrix = matrixName(tags, height);
  return `:in_range=${range(tags)}${matrix ? `:in_color_matrix=${matrix}` : ''}:${EXACT}`;
}

/** What frames are said to be, whatever the filters before have made of it. */
const setTags = ({ isFullRange, primaries, transfer, matrix }: ColourTags): string =>
  `setparams=range=${isFullRange ? 'pc' : 'tv'}:color_primaries=${primaries}:color_trc=${transfer}:colorspace=${matrix}`;

/** The same for the encoder. */
export const tagOptions = ({ isFullRange, primaries, transfer, matrix }: ColourTags): string[] => [
  ...['-color_range', isFullRange ? 'pc' : 'tv', '-color_primaries', String(primaries)],
  ...['-color_trc', String(transfer), '-colorspace', String(matrix)],
];

/**
 * Makes frames of fields. What is coded as a progressive frame stays as it is, unless there is to be a frame for each
 * field. The filter looks at the frames before and after, so nothing is cut off before it; and it halves the clock's
 * ticks.
 */
export function progressiveFilters(
  formats: readonly FrameFormat[],
  { interlaced }: Pick<FrameTarget, 'interlaced'>,
): string[] {
  if (interlaced === 'kept' || !formats.some(({ isInterlaced }) => isInterlaced)) return [];
  const isSure = !formats.some(({ isWoven }) => isWoven);
  const options = interlaced === 'field' ? 'mode=send_field' : 'mode=send_frame';
  return [
    ...(isSure ? [] : [setField(formats)]),
    `bwdif=${options}${isSure && interlaced === 'frame' ? ':deint=interlaced' : ''}`,
    'settb=1/90000',
  ];
}

/** Says which field is the earlier one, where decoders do not notice. */
export const setField = (formats: readonly Pick<FrameFormat, 'firstField'>[]): string =>
  `setfield=${formats.find(({ firstField }) => firstField)?.firstField === 'bottom' ? 'bff' : 'tff'}`;
