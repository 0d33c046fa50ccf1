import { aacKbits, type Layout } from './layouts.ts';
import { SAMPLE_RATE } from './sample-rate.ts';

// AAC as FFmpeg's encoder makes it.

/**
 * At these bit rates the `fast` coder is, as FFmpeg's manual says, the better one, and takes a quarter of the time.
 * @returns output options
 */
export const aacEncoder = (layout: Layout): string[] => [
  ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', `${aacKbits(layout)}k`],
];

/** Samples that the encoder puts in front: an overlapping transform needs a frame to start from. */
const PRIMING_SAMPLES = 1024;
const FRAME_SAMPLES = 1024;

/** The frames of a clip's sound, and what of them is heard. */
export interface FrameClock {
  frameCount: number;
  /** Samples per second, and in a frame. */
  rate: number;
  frameSamples: number;
  /** Samples in front that players skip. */
  primingSamples: number;
  /** Samples in all frames; the last one may be heard for less than it has. */
  sampleCount: number;
}

/** The frames that so many samples of sound are encoded in. */
export function encodedFrames(samples: number): FrameClock {
  const sampleCount = samples + PRIMING_SAMPLES;
  return {
    frameCount: Math.ceil(sampleCount / FRAME_SAMPLES),
    rate: SAMPLE_RATE,
    frameSamples: FRAME_SAMPLES,
    primingSamples: PRIMING_SAMPLES,
    sampleCount,
  };
}
