import * as z from 'zod';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';

const probeSchema = z.object({
  frames: z.array(z.object({ interlaced_frame: z.int(), top_field_first: z.int() })),
});

/** Of so many frames one at least is interlaced, where any are. */
const LOOKED_AT = 25;

/**
 * Which field of a segment's frames is the earlier one, as only a decoder knows.
 * @returns nothing where frames are progressive
 * @throws MediaToolError when FFprobe cannot read the segment; NotCopyableError when it finds no frame
 */
export async function firstFieldOf(
  file: string,
  work: MediaWork,
): Promise<'top' | 'bottom' | undefined> {
  const { stdout } = await work.ffprobe([
    ...['-select_streams', 'v:0', '-read_intervals', `%+#${LOOKED_AT}`, '-of', 'json=compact=1'],
    ...['-show_entries', 'frame=interlaced_frame,top_field_first', ...inputFile(file, 'mov')],
  ]);
  const { success, data } = probeSchema.safeParse(JSON.parse(stdout));
  if (!success) throw new NotCopyableError('a segment has no frames that can be read');
  const interlaced = data.frames.find((frame) => frame.interlaced_frame === 1);
  if (!interlaced) return undefined;
  return interlaced.top_field_first === 1 ? 'top' : 'bottom';
}
