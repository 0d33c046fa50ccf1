import * as z from 'zod';
import { ffprobe } from '../ffmpeg/run.ts';

const packetsSchema = z.object({
  packets: z.array(z.object({ pts: z.int().optional(), dts: z.int().optional() })).default([]),
});

/** What a file of ours holds, told by its packets. */
export interface InspectedVideo {
  frameCount: number;
  /** Presentation times in decoding order, in ticks of the file. */
  pts: (number | undefined)[];
  /** Whether every picture has its times, DTS rise and no picture is shown before it is decoded. */
  isInOrder: boolean;
  elapsedMs: number;
}

/** @throws MediaToolError when the file cannot be read */
export async function inspectVideo(file: string, signal: AbortSignal): Promise<InspectedVideo> {
  const { stdout, elapsedMs } = await ffprobe(
    [
      ...['-i', file, '-select_streams', 'v:0', '-show_entries', 'packet=pts,dts'],
      ...['-of', 'json=compact=1'],
    ],
    signal,
  );
  const { packets } = packetsSchema.parse(JSON.parse(stdout));
  const isInOrder = packets.every(({ pts, dts }, n) => {
    const before = packets[n - 1]?.dts ?? Number.NEGATIVE_INFINITY;
    return pts !== undefined && dts !== undefined && dts > before && pts >= dts;
  });
  return { frameCount: packets.length, pts: packets.map(({ pts }) => pts), isInOrder, elapsedMs };
}
