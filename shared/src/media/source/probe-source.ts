import * as z from 'zod';
import { PermanentError } from '../../errors.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { FORMAT_ENTRIES, formatSchema, probedFormat } from '../codecs/probed-format.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError } from '../ffmpeg/run.ts';
import { type ForeignInput, inputForeign } from './foreign-input.ts';
import type { Size } from './media-index.ts';
import type { Timeline } from './timeline.ts';

const probeSchema = z.object({
  streams: z.array(
    z.object({
      index: z.int(),
      codec_type: z.string().optional(),
      time_base: z.string(),
      width: z.int().optional(),
      height: z.int().optional(),
      ...formatSchema.shape,
    }),
  ),
  packets: z
    .array(
      z.object({
        stream_index: z.int(),
        pts: z.int().optional(),
        duration: z.int().optional(),
        flags: z.string().optional(),
      }),
    )
    .default([]),
});

type Stream = z.output<typeof probeSchema>['streams'][number];

/** What FFprobe tells of a source. */
export interface ProbedSource {
  timeline: Timeline;
  size?: Size;
  format: FrameFormat;
}

/**
 * Asks FFprobe for the times and the size of the pictures of a source that has no index of ours.
 * @throws PermanentError `CHUNK_UNDECODABLE` when there is no picture to be found
 */
export async function probeSource(input: ForeignInput, work: MediaWork): Promise<ProbedSource> {
  const { streams, packets } = await probe(input, work);
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  const pictures = packets.filter((p) => p.stream_index === video?.index && p.pts !== undefined);
  const firstKey = pictures.find((packet) => packet.flags?.includes('K'));
  if (!video || !firstKey) {
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      'The chunks hold no picture that can be decoded: check that they are H.264 or HEVC video.',
    );
  }
  const ticks = ticksOf(video);
  const sounds = packets.filter((p) => p.stream_index === audio?.index && p.pts !== undefined);
  const { width, height } = video;
  const timeline: Timeline = {
    shown: pictures.map(({ pts }) => ticks(pts!)).sort((a, b) => a - b),
    firstKeyPts: ticks(firstKey.pts!),
    ...(audio && sounds.length > 0 ? { sound: soundOf(sounds, ticksOf(audio)) } : {}),
  };
  const size = width && height ? { size: { width, height } } : {};
  return { timeline, ...size, format: probedFormat(video) };
}

function soundOf(
  packets: readonly { pts?: number; duration?: number }[],
  ticks: (time: number) => number,
): Timeline['sound'] {
  return {
    starts: packets.map(({ pts }) => ticks(pts!)).sort((a, b) => a - b),
    endPts: packets.reduce((end, p) => Math.max(end, ticks(p.pts! + (p.duration ?? 0))), 0),
  };
}

/** From a stream's time base to ticks of 90 kHz. */
function ticksOf(stream: Stream): (time: number) => number {
  const [numerator, denominator] = stream.time_base.split('/').map(Number);
  return (time) => Math.round((time * numerator! * 90_000) / denominator!);
}

async function probe(input: ForeignInput, work: MediaWork) {
  const entries = `stream=index,codec_type,time_base,width,height,${FORMAT_ENTRIES}:packet=stream_index,pts,duration,flags`;
  try {
    const { stdout } = await work.ffprobe([
      ...inputForeign(input),
      ...['-show_entries', entries, '-of', 'json=compact=1'],
    ]);
    return probeSchema.parse(JSON.parse(stdout));
  } catch (error) {
    if (!(error instanceof MediaToolError) && !(error instanceof z.ZodError)) throw error;
    const reason = error instanceof MediaToolError ? error.lastLines : 'unexpected output';
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks cannot be read as ${input.demuxer === 'mov' ? 'fMP4' : 'MPEG-TS'}: ${reason}`,
      { cause: error },
    );
  }
}
