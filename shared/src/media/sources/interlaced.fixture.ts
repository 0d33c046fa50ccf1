import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeTransportStream } from '../transport-stream/writing/write-transport-stream.ts';
import { type FieldCoding, type FieldOrder, fieldCodedFrames } from './field-pictures.fixture.ts';
import { packageOf } from './packages.fixture.ts';

const run = promisify(execFile);

export const WIDTH = 160;
export const HEIGHT = 96;
/** Frames a second; there are twice as many fields. */
export const FPS = 25;
/** How far the bar moves from field to field, in pixels; it comes back after {@link WIDTH}. */
export const STEP = 4;
const SECONDS = 6;

/** A bar that moves with every field. All rows of a moment are alike. */
const BAR = `geq=lum='if(lt(mod(X-N*${STEP}+100000*${WIDTH}\\,${WIDTH})\\,40)\\,235\\,16)':cb=128:cr=128`;

const still = `color=black:s=${WIDTH}x${HEIGHT}:d=${SECONDS}`;

/** FFmpeg's options that make interlaced frames. @param rate frames a second */
export const wovenFrames = (order: FieldOrder, rate = FPS): string[] => [
  ...['-f', 'lavfi', '-i', `${still}:r=${2 * rate}`],
  '-vf',
  `format=yuv420p,${BAR},tinterlace=interleave_${order},setfield=${order === 'top' ? 'tff' : 'bff'}`,
];

/** The same of progressive frames, of which every second moment is shown. */
export const wholeFrames = (): string[] => [
  ...['-f', 'lavfi', '-i', `${still}:r=${FPS}`],
  ...['-vf', `format=yuv420p,${BAR.replace(`N*${STEP}`, `N*${2 * STEP}`)}`],
];

/** Frames of which any part may be coded as fields: MBAFF. */
export const mbaff = (order: FieldOrder): string[] => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '25', '-flags', '+ildct+ilme'],
  ...['-sc_threshold', '0'],
  ...['-x264-params', order === 'top' ? 'tff=1' : 'bff=1'],
];

/**
 * The same with open GOPs. Only the first frame of all is an IDR frame: FFmpeg repeats parameter sets before no other,
 * so only the first chunk has them.
 */
export const mbaffOpen = (order: FieldOrder): string[] =>
  mbaff(order).map((option) => (/ff=1$/.test(option) ? `${option}:open-gop=1` : option));

/** Packages frames in chunks of two seconds. */
export async function packaged(
  frames: readonly string[],
  encoder: readonly string[],
  folder: string,
  container: 'ts' | 'fmp4' = 'ts',
): Promise<{ playlistPath: string }> {
  const dir = await mkdtemp(join(folder, 'interlaced-'));
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', ...frames, ...encoder, '-f', 'hls', '-hls_time', '2'],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4' ? ['-hls_segment_type', 'fmp4'] : []),
      'index.m3u8',
    ],
    { cwd: dir },
  );
  return { playlistPath: join(dir, 'index.m3u8') };
}

/** How field pictures lie in PES packets. */
export type FieldPacking = 'apart' | 'together';

/** What is unusual about frames that are coded as fields. */
interface Unusual extends Partial<Pick<FieldCoding, 'isFrame' | 'structureOf'>> {
  /** Only the first chunk has parameter sets. */
  isToldOnce?: boolean;
}

/** Frames of which each field is a picture of its own, in chunks of two seconds. */
export async function fieldCoded(
  order: FieldOrder,
  packing: FieldPacking,
  folder: string,
  { isFrame = () => false, structureOf, isToldOnce = false }: Unusual = {},
): Promise<{ playlistPath: string; file: string }> {
  const dir = await mkdtemp(join(folder, 'fields-'));
  const CHUNK_FRAMES = 2 * FPS;
  const frameTicks = 90_000 / FPS;
  const barAt = (field: number, x: number) => {
    const at = (((x - field * STEP) % WIDTH) + WIDTH) % WIDTH;
    return at < 40 ? 235 : 16;
  };
  const hasSets = (n: number) => n < CHUNK_FRAMES || !isToldOnce;
  const frames = fieldCodedFrames(
    { width: WIDTH, height: HEIGHT, order, keyFrames: FPS, isFrame, hasSets, structureOf },
    SECONDS * FPS,
    barAt,
  );
  const chunks: Buffer[] = [];
  for (let from = 0; from < frames.length; from += CHUNK_FRAMES) {
    const packets = frames.slice(from, from + CHUNK_FRAMES).flatMap(({ pictures, isKey }, n) => {
      const pts = 90_000 + (from + n) * frameTicks;
      const parts = packing === 'together' ? [Buffer.concat(pictures)] : pictures;
      return parts.map((bytes, field) => ({
        ...{ stream: 'video' as const, bytes, isKey: isKey && field === 0 },
        pts: pts + (field * frameTicks) / 2,
      }));
    });
    const stream = writeTransportStream(inTurn(packets), { video: 'h264' });
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.from(part));
    chunks.push(Buffer.concat(parts));
  }
  const files = chunks.map((_, n) => join(dir, `${n}.ts`));
  for (const [n, file] of files.entries()) await writeFile(file, chunks[n]!);
  const file = join(dir, 'all.ts');
  await writeFile(file, Buffer.concat(chunks));
  const playlistPath = await packageOf([files.map((one) => ({ file: one, seconds: 2 }))], folder);
  return { playlistPath, file };
}

async function* inTurn<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** A frame of a clip, by where the bar is in its rows. */
export interface SeenFrame {
  /** How much a row differs from the next one, on average: nothing where all are of one moment. */
  combing: number;
  /** Where the bar is, in pixels: in the upper of each two rows, and in the lower. */
  top: number;
  bottom: number;
}

/** Decodes all frames of a clip, or of a still. @param filters of FFmpeg */
export async function seen(file: string, filters: readonly string[] = []): Promise<SeenFrame[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-map', '0:v', '-fps_mode', 'passthrough'],
      ...['-vf', [...filters, `scale=${WIDTH}:${HEIGHT}:flags=neighbor`, 'format=gray'].join(',')],
      ...['-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );
  const bytes = WIDTH * HEIGHT;
  return Array.from({ length: stdout.length / bytes }, (_, n) =>
    lookAt(stdout.subarray(n * bytes, (n + 1) * bytes)),
  );
}

function lookAt(levels: Uint8Array): SeenFrame {
  let difference = 0;
  for (let at = 0; at < levels.length - WIDTH; at++) {
    difference += Math.abs(levels[at]! - levels[at + WIDTH]!);
  }
  return {
    combing: difference / (levels.length - WIDTH),
    top: barIn(levels, 0),
    bottom: barIn(levels, 1),
  };
}

/** The middle of the bar, on a circle. @param parity of the rows */
function barIn(levels: Uint8Array, parity: number): number {
  let [across, along] = [0, 0];
  for (let row = parity; row < HEIGHT; row += 2) {
    for (let x = 0; x < WIDTH; x++) {
      const level = levels[row * WIDTH + x]!;
      const angle = (2 * Math.PI * x) / WIDTH;
      across += level * Math.cos(angle);
      along += level * Math.sin(angle);
    }
  }
  return ((Math.atan2(along, across) * WIDTH) / (2 * Math.PI) + WIDTH) % WIDTH;
}

/** How far two places are from each other, on the circle. */
export function distance(one: number, other: number): number {
  const apart = (((one - other) % WIDTH) + WIDTH) % WIDTH;
  return Math.min(apart, WIDTH - apart);
}

/** Where the bar is in a field, by the field's number in the episode. */
export const placeOf = (field: number): number => (field * STEP + 19.5) % WIDTH;

/** What FFprobe says of a clip's fields. */
export async function fieldOrderOf(file: string): Promise<string> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-of', 'csv=p=0', '-show_entries'],
    ...['stream=field_order', file],
  ]);
  return stdout.trim().split('\n')[0]!;
}
