import * as z from 'zod';
import { isSameColour } from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { FORMAT_ENTRIES, formatSchema, probedFormat } from '../codecs/probed-format.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { Size } from '../source/media-index.ts';

const probeSchema = z.object({
  /** The first of them. */
  frames: z.array(z.object({ interlaced_frame: z.int() })).default([]),
  streams: z.array(
    z.object({
      width: z.int(),
      height: z.int(),
      /** As `16:11`; unknown is `0:1`. */
      sample_aspect_ratio: z.string().optional(),
      ...formatSchema.shape,
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
    }),
  ),
});

/** Of so many frames one at least is interlaced, where any are. */
const LOOKED_AT = 12;

/** How the pictures of a finished clip are to be shown. */
export interface ClipPictures {
  /** Upright, pixels square. */
  size: Size;
  isInterlaced: boolean;
  /** Absent: 8 bits, 4:2:0, and nothing is told of their colours. */
  format?: FrameFormat;
}

/**
 * @returns nothing where there is only sound
 * @throws MediaToolError when FFprobe cannot read the clip; NotCopyableError when it finds no size
 */
export async function probeClip(file: string, work: MediaWork): Promise<ClipPictures | undefined> {
  const entries = `stream=width,height,sample_aspect_ratio,${FORMAT_ENTRIES}:stream_side_data=rotation:frame=interlaced_frame`;
  // What the header does not tell of fields, only the decoder does.
  const some = ['-read_intervals', `%+#${LOOKED_AT}`];
  const { stdout } = await work.ffprobe([
    ...[...some, '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json=compact=1'],
    ...inputFile(file, 'mov'),
  ]);
  const { success, data } = probeSchema.safeParse(JSON.parse(stdout));
  if (!success) throw new NotCopyableError('it does not say how large its frames are');
  const [stream] = data.streams;
  if (!stream) return undefined;
  const { width, height, sample_aspect_ratio: shape } = stream;
  const format = probedFormat(stream);
  const [across = 1, down = 1] = shape?.split(':').map((part) => Number(part) || 1) ?? [];
  const isTurned = stream.side_data_list.some(({ rotation = 0 }) => rotation % 180 !== 0);
  const flat = { width: Math.max(1, Math.round((width * across) / down)), height };
  return {
    size: isTurned ? { width: height, height: flat.width } : flat,
    isInterlaced: format.isInterlaced || data.frames.some((frame) => frame.interlaced_frame === 1),
    ...(isPlain(format) ? {} : { format }),
  };
}

const isPlain = ({ bitDepth, isSubsampled, colour }: FrameFormat): boolean =>
  bitDepth === 8 && isSubsampled && isSameColour(colour, {});

/**
 * The filters that bring pictures to a size. FFmpeg by itself has turned them upright before.
 * @param more options of the scaler
 */
export const shownAs = ({ width, height }: Size, more = ''): string[] => [
  `scale=${width}:${height}${more}`,
  'setsar=1',
];

/**
 * The filter in front: lines of two moments must not be mixed by scaling them.
 * @param isApart whether frames that follow each other are far apart in the clip: they tell nothing of each other
 */
export const progressive = ({ isInterlaced }: ClipPictures, isApart = false): string[] => {
  if (!isInterlaced) return [];
  return [
    isApart ? 'estdif=mode=frame:deint=interlaced' : 'bwdif=mode=send_frame:deint=interlaced',
  ];
};
