import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ffmpeg, ffprobe, MediaToolError } from '#shared/media/ffmpeg/run';
import { IngestError } from './ingest-error.ts';

const probeSchema = z.object({
  streams: z.array(
    z.looseObject({
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      pix_fmt: z.string().optional(),
      field_order: z.string().optional(),
      disposition: z.looseObject({ attached_pic: z.number().optional() }).optional(),
      side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
    }),
  ),
});

type Stream = z.output<typeof probeSchema>['streams'][number];

/**
 * Packages a video file as HLS, in chunks of about 6 s. What HLS players take as it is (H.264, AAC) is
 * copied; the rest is encoded.
 * @returns the path of the media playlist
 * @throws IngestError
 */
export async function packageVideo(video: string, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const playlist = join(folder, 'index.m3u8');
  try {
    const { picture, sound } = await probe(video);
    await ffmpeg([
      ...['-i', video, '-map', `0:${picture.index}`, ...pictureArguments(picture.stream)],
      ...(sound ? ['-map', `0:${sound.index}`, ...soundArguments(sound.stream)] : []),
      ...['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
      ...['-hls_segment_filename', join(folder, 'chunk_%05d.ts'), playlist],
    ]);
    return playlist;
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    throw new IngestError(`${video} cannot be packaged as an episode: ${error.lastLines}`);
  }
}

async function probe(video: string) {
  const { stdout } = await ffprobe(['-show_streams', '-of', 'json', '-i', video]);
  const { streams } = probeSchema.parse(JSON.parse(stdout));
  const find = (type: string) => {
    const index = streams.findIndex(
      (stream) => stream.codec_type === type && !stream.disposition?.attached_pic,
    );
    return index === -1 ? undefined : { index, stream: streams[index]! };
  };
  const picture = find('video');
  if (!picture) throw new IngestError(`${video} holds no video.`);
  return { picture, sound: find('audio') };
}

/** MPEG-TS keeps no rotation and the cut wants whole frames, so those are encoded upright. */
function pictureArguments(stream: Stream): string[] {
  const isRotated = stream.side_data_list?.some((data) => data.rotation) ?? false;
  const isProgressive = ['progressive', 'unknown', undefined].includes(stream.field_order);
  const isPlain = stream.codec_name === 'h264' && /^yuvj?420p$/.test(stream.pix_fmt ?? '');
  if (isPlain && isProgressive && !isRotated) {
    // A key frame that is no IDR picture (open GOP) gets no parameter sets in MPEG-TS by itself, and a chunk
    // that begins with it could not be decoded.
    return ['-c:v', 'copy', '-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe'];
  }
  return [
    ...['-vf', 'yadif=deint=interlaced,scale=trunc(iw/2)*2:trunc(ih/2)*2', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-fps_mode', 'passthrough'],
    ...['-force_key_frames', 'expr:gte(t,n_forced*2)', '-flags', '+cgop'],
  ];
}

function soundArguments(stream: Stream): string[] {
  return stream.codec_name === 'aac'
    ? ['-c:a', 'copy']
    : ['-c:a', 'aac', '-b:a', '160k', '-ac', '2'];
}
