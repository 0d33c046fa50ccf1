import * as z from 'zod';
import type { Colour } from './colour.ts';
import type { FrameFormat } from './frame-format.ts';

/** What FFprobe says of a stream's frames. */
export const formatSchema = z.object({
  pix_fmt: z.string().optional(),
  color_range: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
  field_order: z.string().optional(),
});

/** What to ask FFprobe for, as `-show_entries stream=…` takes it. */
export const FORMAT_ENTRIES = Object.keys(formatSchema.shape).join(',');

/** FFmpeg's names by the numbers of ITU-T H.273; what has no name is reserved. */
const PRIMARIES =
  ',bt709,,,bt470m,bt470bg,smpte170m,smpte240m,film,bt2020,smpte428,smpte431,smpte432,,,,,,,,,,ebu3213';
const TRANSFERS =
  ',bt709,,,bt470m,bt470bg,smpte170m,smpte240m,linear,log100,log316,iec61966-2-4,bt1361e,iec61966-2-1,bt2020-10,bt2020-12,smpte2084,smpte428,arib-std-b67';
const MATRICES =
  'gbr,bt709,,,fcc,bt470bg,smpte170m,smpte240m,ycgco,bt2020nc,bt2020c,smpte2085,chroma-derived-nc,chroma-derived-c,ictcp';

/** Which field is stored first, and which is shown first. */
const INTERLACED = ['tt', 'bb', 'tb', 'bt'];

/** What FFprobe says of a stream, as its parameter sets would. */
export function probedFormat(stream: z.output<typeof formatSchema>): FrameFormat {
  const { pix_fmt: pixels = 'yuv420p', field_order: order = '' } = stream;
  return {
    colour: colourOf(stream),
    bitDepth: Number(/(?:p|gray)(\d+)(?:le|be)$/.exec(pixels)?.[1] ?? 8),
    isSubsampled: /^yuvj?420p/.test(pixels),
    isInterlaced: INTERLACED.includes(order),
    ...(INTERLACED.includes(order) ? { firstField: order[1] === 't' ? 'top' : 'bottom' } : {}),
  };
}

function colourOf(stream: z.output<typeof formatSchema>): Colour {
  const { pix_fmt: pixels, color_range: range } = stream;
  const colour: Colour = {};
  if (range === 'pc' || pixels?.startsWith('yuvj')) colour.isFullRange = true;
  else if (range === 'tv') colour.isFullRange = false;
  const [primaries, transfer, matrix] = [
    numberOf(PRIMARIES, stream.color_primaries),
    numberOf(TRANSFERS, stream.color_transfer),
    numberOf(MATRICES, stream.color_space),
  ];
  if (primaries !== undefined) colour.primaries = primaries;
  if (transfer !== undefined) colour.transfer = transfer;
  if (matrix !== undefined) colour.matrix = matrix;
  return colour;
}

function numberOf(names: string, name: string | undefined): number | undefined {
  const number = name ? names.split(',').indexOf(name) : -1;
  return number === -1 ? undefined : number;
}
