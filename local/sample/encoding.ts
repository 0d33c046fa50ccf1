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
 * H.264 High as a packager would get it: CABAC, closed GOPs of one length, B-frames that serve as
 * references. What else costs time is off: a newcomer waits for this.
 */
export function videoEncoder(gopFrames: number, bframes: number): string[] {
  const tools = 'cabac=1:8x8dct=1:deblock=0,0:b-adapt=0:b-pyramid=normal:open-gop=0:scenecut=0';
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '21', '-profile:v', 'high'],
    ...['-bf', String(bframes), '-g', String(gopFrames), '-keyint_min', String(gopFrames)],
    ...['-x264-params', tools, '-pix_fmt', 'yuv420p', '-color_range', 'tv'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
  ];
}

/** AAC in stereo, both channels alike. */
export const SOUND_ENCODER: readonly string[] = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'];

/**
 * HLS with every chunk listed from the start. Names are relative to the working directory: in a
 * path, the muxer would take a percent sign for a part of its template.
 */
export function hlsPackager(container: 'ts' | 'fmp4', chunkSeconds: number): string[] {
  const fmp4 = container === 'fmp4';
  return [
    ...['-f', 'hls', '-hls_time', String(chunkSeconds), '-hls_list_size', '0'],
    ...['-hls_playlist_type', 'vod', '-hls_flags', 'independent_segments'],
    ...(fmp4 ? ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4'] : []),
    // In the default clock of 1 ms the AAC priming of 21.33 ms is edited out 0.33 ms wrong.
    ...(fmp4 ? ['-hls_segment_options', `movie_timescale=${SAMPLE_RATE}`] : []),
    ...['-hls_segment_filename', `chunk_%05d.${fmp4 ? 'm4s' : 'ts'}`, PLAYLIST],
  ];
}

/** Name of the playlist in the episode's folder. */
export const PLAYLIST = 'index.m3u8';
