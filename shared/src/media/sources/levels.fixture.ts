import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bodyIn } from '../mp4/boxes.ts';
import { readMovie } from '../mp4/movie/read-movie.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { VISUAL_ENTRY_BYTES } from '../mp4/tracks/picture-format.ts';

const run = promisify(execFile);

export const WIDTH = 160;
export const HEIGHT = 90;
export const FPS = 25;

/** How frames are made from RGB, and what is said about it. */
export interface Levels {
  isFullRange: boolean;
  /** FFmpeg's name, as its scaler has it. */
  matrix: 'bt709' | 'bt601' | 'bt2020';
  /** Numbers of ITU-T H.273: primaries, transfer, matrix. */
  tags?: readonly [primaries: number, transfer: number, matrix: number];
}

export const describeLevels = ({ isFullRange, matrix, tags }: Levels): string =>
  `${isFullRange ? 'full' : 'limited'} range, ${matrix}, ${tags ? 'tagged' : 'untagged'}`;

export const ALL_LEVELS: readonly Levels[] = [true, false].flatMap((isFullRange) =>
  (
    [
      { matrix: 'bt709', tags: [1, 1, 1] },
      { matrix: 'bt601', tags: [6, 6, 6] },
      { matrix: 'bt601', tags: [5, 6, 5] },
      { matrix: 'bt2020', tags: [9, 14, 9] },
      // Of small frames, players take this matrix.
      { matrix: 'bt601' },
    ] as const
  ).map((colour) => ({ isFullRange, ...colour })),
);

/** Frames that move, with all of the range in them: from black to white, and with every colour. */
const MOVING =
  "geq=r='255*lt(mod(X+N*2\\,64)\\,32)':g='clip(X*2+N-32\\,0\\,255)':b='clip(Y*3-N\\,0\\,255)'";

/** The pixel format of such frames, as a decoder gives them. */
export const pixelsOf = ({ isFullRange }: Levels) => (isFullRange ? 'yuvj420p' : 'yuv420p');

/** FFmpeg's options that make such frames. */
export function framesWith(levels: Levels, seconds = 6, moving = MOVING): string[] {
  const { isFullRange, matrix, tags = [2, 2, 2] } = levels;
  const [primaries, transfer, number] = tags;
  const range = isFullRange ? 'full' : 'limited';
  const filters = [
    ...[moving, 'format=gbrp'],
    `scale=out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd`,
    `format=${pixelsOf(levels)}`,
    `setparams=range=${range}:color_primaries=${primaries}:color_trc=${transfer}:colorspace=${number}`,
  ];
  return [
    ...['-f', 'lavfi', '-i', `nullsrc=s=${WIDTH}x${HEIGHT}:r=${FPS}:d=${seconds},format=gbrp`],
    ...['-vf', filters.join(',')],
    ...['-color_range', isFullRange ? 'pc' : 'tv', '-color_primaries', String(primaries)],
    ...['-color_trc', String(transfer), '-colorspace', String(number)],
  ];
}

export const X264 = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '10', '-g', '50', '-sc_threshold', '0'],
  ...['-profile:v', 'high'],
];

/** Packages frames in chunks of two seconds. @returns the playlist, and all its frames in one file */
export async function packaged(
  frames: readonly string[],
  encoder: readonly string[],
  folder: string,
  container: 'ts' | 'fmp4' = 'ts',
): Promise<{ playlistPath: string; file: string }> {
  const dir = await mkdtemp(join(folder, 'levels-'));
  const file = join(dir, 'whole.mp4');
  await run('ffmpeg', ['-v', 'error', ...frames, ...encoder, file]);
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-c', 'copy', '-f', 'hls', '-hls_time', '2'],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4' ? ['-hls_segment_type', 'fmp4'] : []),
      'index.m3u8',
    ],
    { cwd: dir },
  );
  return { playlistPath: join(dir, 'index.m3u8'), file };
}

/** Mean levels of a frame's planes. */
export type Means = readonly number[];

/** Of every frame of a file, as it is decoded: nothing is converted. */
export async function meansOf(
  file: string,
  { width, height } = { width: WIDTH, height: HEIGHT },
  options: readonly string[] = [],
): Promise<Means[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-map', '0:v', ...options],
      ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const sizes = [width * height, chroma, chroma];
  const frameBytes = width * height + 2 * chroma;
  return Array.from({ length: stdout.length / frameBytes }, (_, n) => {
    let at = n * frameBytes;
    return sizes.map((size) => {
      const sum = stdout.subarray(at, at + size).reduce((total, level) => total + level, 0);
      at += size;
      return sum / size;
    });
  });
}

/** Mean red, green and blue, as a viewer sees them. @param input options for FFmpeg, with the filters of it */
export async function meanRgb(
  input: readonly string[],
  filters: readonly string[],
): Promise<Means> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', ...input, '-vf', [...filters, 'format=gbrp'].join(',')],
      ...['-frames:v', '1', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  const size = stdout.length / 3;
  const mean = (n: number) =>
    stdout.subarray(n * size, (n + 1) * size).reduce((total, level) => total + level, 0) / size;
  // FFmpeg's planes are green, blue, red.
  return [mean(2), mean(0), mean(1)];
}

/** By how much the levels differ most, over all frames and planes. */
export function furthest(made: readonly Means[], given: readonly Means[]): number {
  const differences = made.flatMap((means, n) =>
    means.map((mean, plane) => Math.abs(mean - (given[n]?.[plane] ?? Number.NaN))),
  );
  return Math.max(...differences);
}

/** What a file says of its colours: as FFprobe finds it in the stream, and the `colr` box. */
export async function coloursOf(file: string) {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-of', 'json', '-show_entries'],
    ...['stream=codec_name,pix_fmt,color_range,color_space,color_transfer,color_primaries', file],
  ]);
  const { streams } = JSON.parse(stdout);
  const [track] = await readMovie(file);
  const box = bodyIn(
    readSampleEntry(track!.description).body.subarray(VISUAL_ENTRY_BYTES),
    'colr',
  )?.subarray(4);
  return { ...streams[0], box: box?.toString('hex') } as Record<string, string | undefined>;
}
