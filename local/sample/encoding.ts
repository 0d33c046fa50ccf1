import { type FrameRate, frameTimeMs } from './frame-rate.ts';
import type { Gop } from './key-frames.ts';
import { SAMPLE_RATE } from './voice.ts';

/** Arguments that read raw pictures. */
export function pictureInput(
  url: string,
  picture: { readonly format: 'gray' | 'rgba'; readonly width: number; readonly height: number },
  fps: string,
): string[] {
  const size = `${picture.width}x${picture.height}`;
  return [
    ...['-f', 'rawvideo', '-pixel_format', picture.format, '-video_size', size],
    ...['-framerate', fps, '-i', url],
  ];
}

/** Arguments that read the voice. */
export function soundInput(url: string): string[] {
  return ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', url];
}

/**
 * H.264 High as a packager would get it: CABAC, B-frames that serve as references. What else costs
 * time is off: a newcomer waits for this.
 */
export function videoEncoder(
  spec: { readonly gop: Gop; readonly bframes: number },
  keyFrames: readonly number[],
  rate: FrameRate,
): string[] {
  const tools = 'cabac=1:8x8dct=1:deblock=0,0:b-adapt=0:b-pyramid=normal:scenecut=0';
  const openGop = spec.gop === 'open' ? 1 : 0;
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '21', '-profile:v', 'high'],
    ...['-bf', String(spec.bframes), ...keyFrameOptions(keyFrames, rate)],
    ...['-x264-params', `${tools}:open-gop=${openGop}`, '-pix_fmt', 'yuv420p'],
    ...['-color_range', 'tv'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
  ];
}

/** Even distances are told as such: a list of all key frames of a long episode is no argument. */
function keyFrameOptions(keyFrames: readonly number[], rate: FrameRate): string[] {
  const distances = keyFrames.slice(1).map((frame, n) => frame - keyFrames[n]!);
  const first = distances[0] ?? keyFrames.length;
  if (distances.every((distance) => distance === first)) {
    return ['-g', String(first), '-keyint_min', String(first)];
  }
  // FFmpeg takes the first frame from then on, once it has rounded the time to a frame.
  const times = keyFrames.slice(1).map((frame) => frameTimeMs(frame - 0.25, rate) / 1000);
  const list = times.map((seconds) => seconds.toFixed(6)).join(',');
  return ['-g', String(1 << 30), '-keyint_min', '1', '-force_key_frames', list];
}

/** AAC in stereo, both channels alike. */
export const SOUND_ENCODER: readonly string[] = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'];

/**
 * HLS with every chunk listed from the start. Names are relative to the working directory: in a
 * path, the muxer would take a percent sign for a part of its template.
 */
export function hlsPackager(spec: {
  readonly container: 'ts' | 'fmp4';
  readonly chunkSeconds: number;
  readonly gop: Gop;
}): string[] {
  const fmp4 = spec.container === 'fmp4';
  return [
    ...['-f', 'hls', '-hls_time', String(spec.chunkSeconds), '-hls_list_size', '0'],
    ...['-hls_playlist_type', 'vod'],
    // A chunk of open GOPs begins with pictures that refer to the chunk before (RFC 8216, 4.3.5.1).
    ...(spec.gop === 'open' ? [] : ['-hls_flags', 'independent_segments']),
    ...(fmp4 ? ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4'] : []),
    // In the default clock of 1 ms the AAC priming of 21.33 ms is edited out 0.33 ms wrong.
    ...(fmp4 ? ['-hls_segment_options', `movie_timescale=${SAMPLE_RATE}`] : []),
    ...['-hls_segment_filename', `chunk_%05d.${fmp4 ? 'm4s' : 'ts'}`, PLAYLIST],
  ];
}

/** One MP4 with a fragment to each key frame, to be split into chunks. */
export function fragmentPackager(file: string): string[] {
  return [
    ...['-f', 'mp4', '-movflags', '+frag_keyframe+delay_moov+default_base_moof'],
    ...['-movie_timescale', String(SAMPLE_RATE), file],
  ];
}

/** Name of the playlist in the episode's folder. */
export const PLAYLIST = 'index.m3u8';
