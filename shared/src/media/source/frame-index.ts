import * as z from 'zod';
import { PermanentError } from '../../errors.ts';
import { ffprobe, inputFile, MediaToolError } from '../ffmpeg/run.ts';

/** FFmpeg's name of the demuxer of a container. */
export type Demuxer = 'mpegts' | 'mov';

/** What lies in a media file, without decoding it. Ticks are in the picture's own time base. */
export interface FrameIndex {
  /** Length of a tick in microseconds. */
  tickUs: number;
  /** Presentation times of all pictures, ascending, in ticks. */
  pts: number[];
  /** Presentation time of the first picture that decodes on its own. */
  firstKeyPts: number;
  /** Where the sound ends, in microseconds on the file's clock; absent where there is none. */
  audioEndUs?: number;
  /** Where the packets of the sound begin, ascending, on the same clock. */
  audioStartsUs?: number[];
}

const probeSchema = z.object({
  streams: z.array(
    z.object({ index: z.int(), codec_type: z.string().optional(), time_base: z.string() }),
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

/**
 * Lists the pictures of a file of chunks.
 * @param maxPackets stop after so many packets; absent: all
 * @throws PermanentError `CHUNK_UNDECODABLE` when there is no picture to be found
 */
export async function indexFrames(
  file: string,
  demuxer: Demuxer,
  signal: AbortSignal,
  maxPackets?: number,
): Promise<FrameIndex> {
  const { streams, packets } = await probe(file, demuxer, signal, maxPackets);
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  const pictures = packets.filter((p) => p.stream_index === video?.index && p.pts !== undefined);
  const keys = pictures.filter((packet) => packet.flags?.includes('K'));
  if (!video || keys.length === 0) {
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      'The chunks hold no picture that can be decoded: check that they are H.264 or HEVC video.',
    );
  }
  const sounds = packets.filter((p) => p.stream_index === audio?.index && p.pts !== undefined);
  const tickUs = tickOf(video);
  return {
    tickUs,
    pts: pictures.map((packet) => packet.pts!).sort((a, b) => a - b),
    firstKeyPts: Math.min(...keys.slice(0, 1).map((packet) => packet.pts!)),
    ...(audio
      ? {
          audioEndUs: sounds.reduce((end, p) => Math.max(end, endOf(p)), 0) * tickOf(audio),
          audioStartsUs: sounds.map((p) => p.pts! * tickOf(audio)).sort((a, b) => a - b),
        }
      : {}),
  };
}

const endOf = (packet: { pts?: number; duration?: number }) => packet.pts! + (packet.duration ?? 0);

function tickOf(stream: Stream): number {
  const [numerator, denominator] = stream.time_base.split('/').map(Number);
  return (1e6 * numerator!) / denominator!;
}

async function probe(file: string, demuxer: Demuxer, signal: AbortSignal, maxPackets?: number) {
  const interval = maxPackets ? ['-read_intervals', `%+#${maxPackets}`] : [];
  const entries = 'stream=index,codec_type,time_base:packet=stream_index,pts,duration,flags';
  try {
    const { stdout } = await ffprobe(
      [...inputFile(file, demuxer), ...interval, '-show_entries', entries, '-of', 'json=compact=1'],
      signal,
    );
    return probeSchema.parse(JSON.parse(stdout));
  } catch (error) {
    if (!(error instanceof MediaToolError) && !(error instanceof z.ZodError)) throw error;
    const reason = error instanceof MediaToolError ? error.lastLines : 'unexpected output';
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks cannot be read as ${demuxer === 'mov' ? 'fMP4' : 'MPEG-TS'}: ${reason}`,
      { cause: error },
    );
  }
}
