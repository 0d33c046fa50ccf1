import type { WantedFrames } from '../source/wanted-frames.ts';

/** Sample rate of all sound on its way through the pipeline. */
export const SAMPLE_RATE = 48_000;

/**
 * The filter for the sound of exactly the time the pictures take: holes and missing ends become silence.
 * It needs the source's own clock (`-copyts`).
 * @param input the FFmpeg input of the sound
 * @param tickUs length of a tick of `wanted`, in microseconds
 */
export function segmentSound(input: number, wanted: WantedFrames, tickUs: number): string {
  const startSeconds = ((wanted.firstPts * tickUs) / 1e6).toFixed(6);
  const endSeconds = ((wanted.endPts * tickUs) / 1e6).toFixed(6);
  const samples = Math.ceil((wanted.durationUs * SAMPLE_RATE) / 1e6);
  return [
    `[${input}:a:0]aresample=${SAMPLE_RATE}`,
    'aformat=sample_fmts=s16:channel_layouts=stereo',
    `atrim=start=${startSeconds}:end=${endSeconds}`,
    `asetpts=PTS-${startSeconds}/TB`,
    'aresample=async=1:min_hard_comp=0.01:first_pts=0',
    `apad=whole_len=${samples}`,
    `atrim=end_sample=${samples}[sound]`,
  ].join(',');
}

/** Output options for what `segmentSound` makes. */
export const soundOutput = (file: string) => [
  ...['-map', '[sound]', '-c:a', 'flac', '-f', 'flac'],
  file,
];
