import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FPS, HEIGHT, type Means, WIDTH } from './levels.fixture.ts';

const run = promisify(execFile);

/** How frames of more than 8 bits are coded, and what is said of them. */
export interface DeepKind {
  codec: 'hevc' | 'h264';
  /** Numbers of ITU-T H.273: primaries, transfer, matrix. */
  tags?: readonly [primaries: number, transfer: number, matrix: number];
  isFullRange?: boolean;
  hasMastering?: boolean;
  /** No luma above 144 of 1023, which 8 bits hold. */
  isDark?: boolean;
}

export const PQ: DeepKind = { codec: 'hevc', tags: [9, 16, 9], hasMastering: true };
export const HLG: DeepKind = { codec: 'hevc', tags: [9, 18, 9] };
export const SDR_KINDS: readonly DeepKind[] = [
  { codec: 'hevc', tags: [1, 1, 1] },
  { codec: 'hevc', tags: [9, 14, 9] },
  { codec: 'hevc' },
  { codec: 'hevc', tags: [1, 1, 1], isFullRange: true },
  { codec: 'h264', tags: [1, 1, 1] },
  { codec: 'h264', tags: [1, 1, 1], isFullRange: true },
];

export const MASTERING = 'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)';

/** Steps of grey that move, with colour. @param step between ten levels; 88: up to nine tenths of the range */
const moving = (step: number) =>
  `geq=lum='64+${step}*mod(floor(X/16)+floor(N/5)\\,10)':cb='512+X-80':cr='512+Y-45'`;

/** Packages such frames in chunks of two seconds. @returns the playlist, and all frames in one file */
export async function deepEpisode(
  { codec, tags = [2, 2, 2], isFullRange, hasMastering, isDark }: DeepKind,
  folder: string,
  container: 'ts' | 'fmp4' = 'ts',
): Promise<{ playlistPath: string; file: string }> {
  const dir = await mkdtemp(join(folder, 'deep-'));
  const file = join(dir, 'whole.mp4');
  const [primaries, transfer, matrix] = tags;
  const range = isFullRange ? 'pc' : 'tv';
  const x265 = [
    'log-level=none',
    'keyint=50',
    'open-gop=0',
    'min-keyint=50',
    'scenecut=0',
    'crf=8',
  ];
  if (hasMastering) x265.push(`master-display=${MASTERING}`, 'max-cll=1000,400');
  const encoder =
    codec === 'hevc'
      ? [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-tag:v',
          'hvc1',
          '-x265-params',
          x265.join(':'),
        ]
      : ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '5', '-g', '50', '-sc_threshold', '0'];
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `color=black:s=${WIDTH}x${HEIGHT}:r=${FPS}:d=6`],
    '-vf',
    `format=yuv420p10le,${moving(isDark ? 8 : 88)},setparams=range=${range}:color_primaries=${primaries}:color_trc=${transfer}:colorspace=${matrix}`,
    ...['-pix_fmt', 'yuv420p10le', '-color_range', range, '-color_primaries', String(primaries)],
    ...['-color_trc', String(transfer), '-colorspace', String(matrix), ...encoder, file],
  ]);
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-c', 'copy', '-f', 'hls', '-hls_time', '2'],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4'
        ? ['-hls_segment_type', 'fmp4', '-tag:v', codec === 'hevc' ? 'hvc1' : 'avc1']
        : []),
      'index.m3u8',
    ],
    { cwd: dir },
  );
  return { playlistPath: join(dir, 'index.m3u8'), file };
}

/** Mean levels of every frame's planes, as they are decoded, in steps of 8 bits. */
export async function deepMeansOf(file: string): Promise<Means[]> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );
  const chroma = (WIDTH / 2) * (HEIGHT / 2);
  const sizes = [WIDTH * HEIGHT, chroma, chroma];
  const frameBytes = 2 * (WIDTH * HEIGHT + 2 * chroma);
  return Array.from({ length: stdout.length / frameBytes }, (_, n) => {
    let at = n * frameBytes;
    return sizes.map((size) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += stdout.readUInt16LE(at + 2 * k);
      at += 2 * size;
      return sum / size / 4;
    });
  });
}

/** What a file says of the screen it was made for. */
export async function masteringOf(file: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-read_intervals', '%+#1', '-of', 'json'],
    ...['-show_frames', file],
  ]);
  const sides: Record<string, unknown>[] = JSON.parse(stdout).frames[0].side_data_list ?? [];
  const isHdr = ({ side_data_type: type }: Record<string, unknown>) =>
    /Mastering|light level/.test(String(type));
  return sides.filter(isHdr);
}
