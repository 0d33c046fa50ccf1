import { readFile } from 'node:fs/promises';
import { HeardTime, type TickSpan } from './heard-time.ts';

/** FFmpeg's output options for a list of what comes out of a filter: a line for each frame, with its times. */
export const decodedOutput = (file: string): string[] => [
  ...['-c:a', 'pcm_s16le', '-f', 'framecrc', file],
];

const TIME_BASE = /^#tb 0: (\d+)\/(\d+)/m;
/** Stream, DTS, PTS and duration. */
const FRAME = /^0, *-?\d+, *(-?\d+), *(\d+),/gm;

const SAMPLE_RATE = /^#sample_rate 0: (\d+)/m;

/** What came out of a decoder. */
export interface DecodedSound {
  /** When something was decoded, on the clock of the list's filter. */
  spans: readonly TickSpan[];
  sampleRate: number;
}

export async function decodedSound(file: string): Promise<DecodedSound> {
  const list = await readFile(file, 'latin1');
  const [, numerator, denominator] = TIME_BASE.exec(list) ?? [];
  const decoded = new HeardTime();
  const { spans } = decoded;
  const sampleRate = Number(SAMPLE_RATE.exec(list)?.[1] ?? 0);
  if (!numerator) return { spans, sampleRate };
  const ticks = (time: number) => (time * Number(numerator) * 90_000) / Number(denominator);
  for (const [, pts, duration] of list.matchAll(FRAME)) {
    decoded.add(ticks(Number(pts)), ticks(Number(pts) + Number(duration)));
  }
  return { spans, sampleRate };
}
