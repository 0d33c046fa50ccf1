import { join } from 'node:path';
import * as z from 'zod';
import { ffmpeg, ffprobe } from '#shared/media/ffmpeg/run';
import type { SourceStream } from './probe-video.ts';

// How to show frames: the shape of their pixels, and their colours.

/** Numbers of ITU-T H.273 by FFmpeg's names. */
const PRIMARIES: Readonly<Record<string, number>> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, film: 8, bt2020: 9 },
  ...{ smpte428: 10, smpte431: 11, smpte432: 12, ebu3213: 22 },
};
const TRANSFERS: Readonly<Record<string, number>> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, linear: 8, log100: 9 },
  ...{ log316: 10, 'iec61966-2-4': 11, bt1361e: 12, 'iec61966-2-1': 13, 'bt2020-10': 14 },
  ...{ 'bt2020-12': 15, smpte2084: 16, smpte428: 17, 'arib-std-b67': 18 },
};
const MATRICES: Readonly<Record<string, number>> = {
  ...{ bt709: 1, fcc: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, bt2020nc: 9, bt2020c: 10 },
};
const RANGES: Readonly<Record<string, number>> = { tv: 0, pc: 1 };

const labelsSchema = z.looseObject({
  width: z.int().optional(),
  sample_aspect_ratio: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  color_space: z.string().optional(),
  color_range: z.string().optional(),
});
type Labels = z.output<typeof labelsSchema>;

/**
 * What a container says of frames that they do not say themselves: MPEG-TS would lose it.
 * @param folder where a copy of the first frame may go
 * @returns options of FFmpeg's filters `h264_metadata` and `hevc_metadata`
 */
export async function labelsOfContainer(
  file: string,
  stream: SourceStream,
  folder: string,
): Promise<string[]> {
  const frames = await labelsOfFrames(file, stream, folder);
  // A transport stream may begin between key frames: its frames say nothing yet, and it says nothing itself.
  if (!frames?.width) return [];
  const own = optionsOf(frames);
  return [...optionsOf(labelsSchema.parse(stream))].flatMap(([name, value]) =>
    own.get(name) === value ? [] : [`${name}=${value}`],
  );
}

async function labelsOfFrames(
  file: string,
  { index }: SourceStream,
  folder: string,
): Promise<Labels | undefined> {
  const first = join(folder, 'first.ts');
  await ffmpeg(['-i', file, '-map', `0:${index}`, '-c', 'copy', '-frames:v', '1', first]);
  const { stdout } = await ffprobe(['-show_streams', '-of', 'json', '-i', first]);
  const { streams } = z.object({ streams: z.array(labelsSchema) }).parse(JSON.parse(stdout));
  return streams[0];
}

/** Those that are known, by the filters' names. Pixels are square and levels narrow where nothing is said. */
function optionsOf(labels: Labels): Map<string, string> {
  const [width = 0, height = 0] = (labels.sample_aspect_ratio ?? '').split(':').map(Number);
  const numbers: [string, number | undefined][] = [
    ['colour_primaries', PRIMARIES[labels.color_primaries ?? '']],
    ['transfer_characteristics', TRANSFERS[labels.color_transfer ?? '']],
    ['matrix_coefficients', MATRICES[labels.color_space ?? '']],
    ['video_full_range_flag', RANGES[labels.color_range ?? ''] ?? 0],
  ];
  const known = numbers.flatMap(([name, number]): [string, string][] =>
    number === undefined ? [] : [[name, String(number)]],
  );
  const shape = width > 0 && height > 0 ? `${width}/${height}` : '1/1';
  return new Map([['sample_aspect_ratio', shape], ...known]);
}
