import { BARCODE_HEIGHT_SHARE, BARCODE_THUMB, readBarcode } from '../sample/barcode.ts';
import { runChild } from '../sample/child.ts';

/** A decoded frame: when it is shown, and the number it bears. */
export interface SeenFrame {
  readonly timeMs: number;
  /** `undefined` when it cannot be read. */
  readonly number: number | undefined;
}

/** Decodes all pictures of a clip, in the order they are shown. What cannot be decoded is absent. */
export async function seeFrames(ffmpegPath: string, clipPath: string): Promise<SeenFrame[]> {
  const { width, height } = BARCODE_THUMB;
  const barcode = `crop=iw:max(1\\,round(ih*${BARCODE_HEIGHT_SHARE})):0:0:exact=1`;
  const { stdout, stderr } = await runChild(ffmpegPath, [
    ...['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-copyts', '-i', clipPath],
    ...['-map', '0:v:0', '-vf'],
    // Chroma's raster is in the way of an odd crop, so luma is taken out first.
    `format=gray,${barcode},scale=${width}:${height}:flags=area,showinfo=checksum=0`,
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ]);
  // Whole ticks: showinfo prints seconds with six digits only.
  const [, ticks = '0', perSeconds = '1'] = /config in time_base: (\d+)\/(\d+)/.exec(stderr) ?? [];
  const times = [...stderr.matchAll(/Parsed_showinfo\S* @ \S+\] n: *\d+ pts: *(-?\d+|NOPTS)/g)];
  const bytes = width * height;
  const count = Math.min(times.length, Math.floor(stdout.length / bytes));
  return Array.from({ length: count }, (_, n) => ({
    timeMs: (Number(times[n]![1]) * 1000 * Number(ticks)) / Number(perSeconds),
    number: readBarcode(stdout.subarray(n * bytes, (n + 1) * bytes)),
  }));
}
