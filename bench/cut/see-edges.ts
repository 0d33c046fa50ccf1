import { BARCODE_HEIGHT_SHARE, BARCODE_THUMB, readBarcode } from '#local/sample/barcode';
import { runChild } from '#local/sample/child';
import { ffmpegPath, ffprobePath } from '#shared/media/ffmpeg/run';

/** More than a GOP: a picture at the end cannot be decoded without its key picture. */
const END_SECONDS = 3;

/**
 * @param input FFmpeg's options for reading it
 * @returns the number that a clip's first picture bears
 */
export async function seeFirstFrame(
  clipPath: string,
  input: readonly string[] = [],
): Promise<number | undefined> {
  return (await seeFrames(input, clipPath, ['-frames:v', '1'])).at(0);
}

/** @returns the number that a clip's last picture bears */
export async function seeLastFrame(clipPath: string): Promise<number | undefined> {
  return (await seeFrames(['-sseof', String(-END_SECONDS)], clipPath, [])).at(-1);
}

async function seeFrames(
  input: readonly string[],
  clipPath: string,
  output: readonly string[],
): Promise<(number | undefined)[]> {
  const { width, height } = BARCODE_THUMB;
  const barcode = `crop=iw:round(ih*${BARCODE_HEIGHT_SHARE}):0:0:exact=1`;
  const { stdout } = await runChild(ffmpegPath(), [
    ...['-hide_banner', '-nostdin', '-v', 'error', ...input, '-i', clipPath, '-map', '0:v:0'],
    ...['-vf', `format=gray,${barcode},scale=${width}:${height}:flags=area`],
    ...['-fps_mode', 'passthrough', ...output, '-f', 'rawvideo', 'pipe:1'],
  ]);
  const bytes = width * height;
  return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, n) =>
    readBarcode(stdout.subarray(n * bytes, (n + 1) * bytes)),
  );
}

/** How many pictures a clip holds. */
export async function countFrames(clipPath: string): Promise<number> {
  const { stdout } = await runChild(ffprobePath(), [
    ...['-v', 'error', '-select_streams', 'v:0', '-count_packets'],
    ...['-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', clipPath],
  ]);
  return Number.parseInt(stdout.toString('utf8'), 10) || 0;
}
