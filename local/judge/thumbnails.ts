import { runChild } from '../sample/child.ts';
import { shownTimesMs } from './pictures.ts';

const WIDTH = 64;
const HEIGHT = 36;
const BYTES = WIDTH * HEIGHT;

/** A decoded picture, made small and grey. */
export interface Thumbnail {
  readonly timeMs: number;
  readonly levels: Uint8Array;
}

/** Decodes all pictures of a file, in the order they are shown. */
export async function seeThumbnails(ffmpegPath: string, path: string): Promise<Thumbnail[]> {
  const { stdout, stderr } = await runChild(ffmpegPath, [
    ...['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-i', path, '-map', '0:v:0'],
    ...['-vf', `format=gray,scale=${WIDTH}:${HEIGHT}:flags=area,showinfo=checksum=0`],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ]);
  return shownTimesMs(stderr)
    .slice(0, Math.floor(stdout.length / BYTES))
    .map((timeMs, n) => ({ timeMs, levels: stdout.subarray(n * BYTES, (n + 1) * BYTES) }));
}

/**
 * How far two thumbnails are apart on average, in levels of 255.
 * @param enough stops counting where the answer is more than this
 */
export function distance(one: Thumbnail, other: Thumbnail, enough = 255): number {
  const limit = enough * BYTES;
  let sum = 0;
  for (let at = 0; at < BYTES && sum <= limit; at++) {
    sum += Math.abs(one.levels[at]! - other.levels[at]!);
  }
  return sum / BYTES;
}
