import * as z from 'zod';
import { PermanentError } from '../../errors.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { FORMAT_ENTRIES, formatSchema, probedFormat } from '../codecs/probed-format.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError } from '../ffmpeg/run.ts';
import { layoutName } from '../sound/probe-layout.ts';
import { type ForeignInput, inputForeign } from './foreign-input.ts';
import type { Size } from './media-index.ts';
import type { Timeline } from './timeline.ts';

const probeSchema = z.object({
  streams: z.array(
    z.object({
      index: z.int(),
      id: z.string().optional(),
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      time_base: z.string(),
      width: z.int().optional(),
      height: z.int().optional(),
      ...formatSchema.shape,
      channels: z.int().optional(),
      channel_layout: z.string().optional(),
    }),
  ),
  frames: z.array(z.object({ pts: z.int().optional(), key_frame: z.int() })).default([]),
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
  /** Of the pictures. */
  format?: FrameFormat;
  /** The source has video, of which nothing can be decoded. */
  lacksKeyFrames?: boolean;
  /** The source has audio, but in a codec that FFmpeg cannot decode. */
  hasLostAudio?: boolean;
  /** FFmpeg's name of the audio's channel layout. */
  layout?: string;
}

/**
 * Asks FFprobe for the times and the size of the pictures of a source that has no index of ours, and for the times of
 * its audio.
 * @throws PermanentError `CHUNK_UNDECODABLE` when there is neither
 */
export async function probeSource(input: ForeignInput, work: MediaWork): Promise<ProbedSource> {
  const { streams, packets } = await probe(input, work);
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => isAudioOf(stream, input));
  const format = probedFormat(video ?? {});
  // Of H.264, each packet may hold a field: only the decoder knows.
  const areFields = format.isInterlaced && video?.codec_name === 'h264';
  const pictures = areFields
    ? await decodedFrames(input, work)
    : packets.filter((p) => p.stream_index === video?.index && p.pts !== undefined);
  const sounds = packets.filter((p) => p.stream_index === audio?.index && p.pts !== undefined);
  const firstKey = pictures.find((packet) => packet.flags?.includes('K'));
  const isLost = !audio && streams.some(({ codec_type }) => codec_type === 'audio');
  const lost = isLost ? { hasLostAudio: true } : {};
  const sound = audio && sounds.length > 0 ? soundOf(sounds, ticksOf(audio)) : undefined;
  if (!video || !firstKey) {
    if (!sound) throw nothingIn(pictures.length > 0);
    return {
      timeline: { shown: [], firstKeyPts: Number.POSITIVE_INFINITY, sound },
      layout: audio && layoutName(audio),
      ...(pictures.length > 0 ? { lacksKeyFrames: true } : {}),
      ...lost,
    };
  }
  const ticks = ticksOf(video);
  const { width, height } = video;
  const timeline: Timeline = {
    shown: pictures.map(({ pts }) => ticks(pts!)).sort((a, b) => a - b),
    firstKeyPts: ticks(firstKey.pts!),
    ...(sound ? { sound } : {}),
  };
  const size = width && height ? { size: { width, height } } : {};
  return { timeline, ...size, format, layout: audio && layoutName(audio), ...lost };
}

/** Codecs that FFmpeg knows by name, or not even so, but has no decoder for. */
const LOST_CODECS: readonly (string | undefined)[] = [
  undefined,
  'none',
  'unknown',
  'ac4',
  'mpegh_3d_audio',
];

function isAudioOf({ codec_type, codec_name, id }: Stream, { audio }: ForeignInput): boolean {
  if (codec_type !== 'audio' || LOST_CODECS.includes(codec_name)) return false;
  return !audio?.startsWith('i:') || Number(id) === Number(audio.slice(2));
}

function nothingIn(hasPictures: boolean): PermanentError {
  return new PermanentError(
    'CHUNK_UNDECODABLE',
    hasPictures
      ? 'The chunks hold video, but no key frame that decoding could begin at: ask for moments after the next key frame, or package the episode again.'
      : 'The chunks hold neither video nor audio that can be decoded: check that they are MPEG-TS or fMP4, with video as H.264 or HEVC, or audio as AAC, AC-3, E-AC-3, MP3 or Opus.',
  );
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

/** The frames that come out of the decoder, as packets. */
async function decodedFrames(input: ForeignInput, work: MediaWork) {
  const { frames } = await probe(input, work, 'frame=pts,key_frame', ['-select_streams', 'v:0']);
  return frames
    .filter(({ pts }) => pts !== undefined)
    .map(({ pts, key_frame }) => ({ pts, flags: key_frame === 1 ? 'K' : '' }));
}

async function probe(
  input: ForeignInput,
  work: MediaWork,
  what = 'packet=stream_index,pts,duration,flags',
  options: readonly string[] = [],
) {
  const entries = `stream=index,id,codec_type,codec_name,time_base,width,height,channels,channel_layout,${FORMAT_ENTRIES}:${what}`;
  try {
    const { stdout } = await work.ffprobe([
      ...[...options, ...inputForeign(input)],
      ...['-show_entries', entries, '-of', 'json=compact=1'],
    ]);
    return probeSchema.parse(JSON.parse(stdout));
  } catch (error) {
    if (!(error instanceof MediaToolError) && !(error instanceof z.ZodError)) throw error;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks cannot be read as ${input.demuxer === 'mov' ? 'fMP4' : 'MPEG-TS'}: check that they are whole and not encrypted, and package the episode again.`,
      { cause: error },
    );
  }
}
