import { readFile } from 'node:fs/promises';
import { HeardTime, type TickSpan } from './heard-time.ts';

/** FFmpeg's output options for a list of what comes out of a filter: a line for each frame, with its times. */
export const decodedOutput = (file: string): string[] => [
  ...['-c:a', 'pcm_s16le', '-f', 'framecrc', file],
];

const TIME_BASE = /^#tb 0: (\d+)\/(\d+)/m;
/** Stream, DTS, PTS and duration. */
const FRAME = /^0, *-?\d+, *(-?\d+), *(\d+),/gm;

/** @returns when something was decoded, on the clock of the list's filter */
export async function decodedTimes(file: string): Promise<readonly TickSpan[]> {
  const list = await readFile(file, 'latin1');
  const [, numerator, denominator] = TIME_BASE.exec(list) ?? [];
  const decoded = new HeardTime();
  if (!numerator) return decoded.spans;
  const ticks = (time: number) => (time * Number(numerator) * 90_000) / Number(denominator);
  for (const [, pts, duration] of list.matchAll(FRAME)) {
    decoded.add(ticks(Number(pts)), ticks(Number(pts) + Number(duration)));
  }
  return decoded.spans;
}
