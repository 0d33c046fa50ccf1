import * as z from 'zod';
import type { MediaWork } from '../ffmpeg/media-work.ts';

const schema = z.object({
  streams: z.array(
    z.object({ index: z.int(), codec_type: z.string().optional(), time_base: z.string() }),
  ),
  packets: z
    .array(
      z.object({
        stream_index: z.int(),
        pts: z.int().optional(),
        dts: z.int().optional(),
        duration: z.int().optional(),
      }),
    )
    .default([]),
});

type Packet = z.output<typeof schema>['packets'][number];

/** What a finished file holds, told by its packets. Times are in ticks of 90 kHz. */
export interface InspectedClip {
  /** When pictures are shown, ascending; from the first. */
  times: number[];
  /** Whether every picture has its times, DTS rise and no picture is shown before it is decoded. */
  isInOrder: boolean;
  /** When sound begins and ends, from the first picture; what a player skips at its begin left out. */
  sound?: { startTicks: number; endTicks: number };
}

/** A player skips the first frame of AAC, in which the encoder starts: the file gives it a time before 0. */
const beforeZero = (ticks: number) => Math.max(0, ticks);

/** @throws MediaToolError when the file cannot be read */
export async function inspectClip(file: string, work: MediaWork): Promise<InspectedClip> {
  const entries = 'stream=index,codec_type,time_base:packet=stream_index,pts,dts,duration';
  const { stdout } = await work.ffprobe([
    ...['-i', file, '-show_entries', entries, '-of', 'json=compact=1'],
  ]);
  const { streams, packets } = schema.parse(JSON.parse(stdout));
  const of = (type: string) => {
    const stream = streams.find(({ codec_type }) => codec_type === type);
    return {
      packets: packets.filter(({ stream_index }) => stream_index === stream?.index),
      ticks: ticksOf(stream?.time_base ?? '1/90000'),
    };
  };
  const { packets: pictures, ticks } = of('video');
  const shown = pictures.map(({ pts = Number.NaN }) => ticks(pts)).sort((a, b) => a - b);
  const zero = shown[0] ?? 0;
  const audio = of('audio');
  const [first, last] = [audio.packets[0], audio.packets.at(-1)];
  return {
    times: shown.map((time) => time - zero),
    isInOrder: isInOrder(pictures),
    ...(first && last
      ? {
          sound: {
            startTicks: beforeZero(audio.ticks(first.pts ?? 0)) - zero,
            endTicks: audio.ticks((last.pts ?? 0) + (last.duration ?? 0)) - zero,
          },
        }
      : {}),
  };
}

const isInOrder = (pictures: readonly Packet[]) =>
  pictures.every(({ pts, dts }, n) => {
    const before = pictures[n - 1]?.dts ?? Number.NEGATIVE_INFINITY;
    return pts !== undefined && dts !== undefined && dts > before && pts >= dts;
  });

function ticksOf(timeBase: string): (time: number) => number {
  const [numerator, denominator] = timeBase.split('/').map(Number);
  return (time) => (time * numerator! * 90_000) / denominator!;
}
