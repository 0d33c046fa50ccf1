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
  const bytes = width * height;
  return shownTimesMs(stderr)
    .slice(0, Math.floor(stdout.length / bytes))
    .map((timeMs, n) => ({
      timeMs,
      number: readBarcode(stdout.subarray(n * bytes, (n + 1) * bytes)),
    }));
}

/** When the frames are shown, by what ffmpeg's filter showinfo wrote. */
export function shownTimesMs(log: string): number[] {
  // Whole ticks: showinfo prints seconds with six digits only.
  const [, ticks = '0', perSeconds = '1'] = /config in time_base: (\d+)\/(\d+)/.exec(log) ?? [];
  const shown = log.matchAll(/Parsed_showinfo\S* @ \S+\] n: *\d+ pts: *(-?\d+|NOPTS)/g);
  return Array.from(shown, ([, pts]) => (Number(pts) * 1000 * Number(ticks)) / Number(perSeconds));
}
