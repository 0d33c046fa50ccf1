import type { SequenceParameters } from '../h264/sequence-parameters.ts';
import { NotCopyableError } from '../not-copyable.ts';

const PROFILES = new Map([
  [66, 'baseline'],
  [77, 'main'],
  [100, 'high'],
]);

/** What every encoder of the pipeline shares: fast, and better than the eye can tell. */
export const ENCODER = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18'] as const;

/** Every frame at its own time: nothing doubled or dropped to reach a constant rate. */
export const OWN_TIMES = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'] as const;

/** @throws NotCopyableError when we have no encoder whose pictures fit beside such ones */
export function assertEncodable(source: SequenceParameters): void {
  if (!source.isProgressive) throw new NotCopyableError('the video is interlaced');
  if (source.chromaFormat !== 1 || source.bitDepth !== 8 || !PROFILES.has(source.profile)) {
    throw new NotCopyableError('the video is not H.264 of 8 bits and 4:2:0');
  }
}

/**
 * Encoder options for pictures that live beside copied ones: same profile, level, colour and depth of
 * reordering, as some decoders are set up only once. The parameter sets have an id of their own, so that
 * both kinds can stand in the header of a file. The pixel format is the decoder's: 8 bits and 4:2:0.
 * @param reorderFrames how deep the source reorders
 * @param setId id of the sequence and the picture parameter set
 */
export function encodeLike(
  source: SequenceParameters,
  reorderFrames: number,
  setId: number,
): string[] {
  const profile = PROFILES.get(source.profile)!;
  // x264 reorders by none, one or, with B-frames as references, two.
  const depth = profile === 'baseline' ? 0 : Math.min(reorderFrames, 2);
  const { isFullRange, primaries, transfer, matrix } = source.colour;
  const parameters = [
    ...['keyint=infinite', 'scenecut=0', 'open-gop=0', 'repeat-headers=1', 'aud=1'],
    `sps-id=${setId}`,
    `bframes=${depth === 2 ? 3 : depth}`,
    `b-pyramid=${depth === 2 ? 'normal' : 'none'}`,
    `ref=${Math.min(Math.max(source.maxReferenceFrames, 1), 4)}`,
  ];
  const option = (name: string, value: number | string | undefined) =>
    value === undefined ? [] : [name, String(value)];
  return [
    ...ENCODER,
    ...['-profile:v', profile, '-level:v', (source.level / 10).toFixed(1)],
    ...['-x264-params', parameters.join(':')],
    ...option('-color_range', isFullRange === undefined ? undefined : isFullRange ? 'pc' : 'tv'),
    ...option('-color_primaries', primaries),
    ...option('-color_trc', transfer),
    ...option('-colorspace', matrix),
  ];
}
