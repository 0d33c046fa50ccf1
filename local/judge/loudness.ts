import { SAMPLE_RATE } from '../sample/voice.ts';

/** Loudness is told in blocks of 5 ms. */
export const BLOCK = SAMPLE_RATE / 200;

/** Root mean square. */
export function rms(samples: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < samples.length; k++) sum += samples[k]! * samples[k]!;
  return Math.sqrt(sum / samples.length);
}

/** The loudness of the loudest block of a sound, and 0 of a sound shorter than that. */
export function loudestBlock(samples: Float32Array): number {
  let loudest = 0;
  for (let at = 0; at + BLOCK <= samples.length; at += BLOCK / 2) {
    loudest = Math.max(loudest, rms(samples.subarray(at, at + BLOCK)));
  }
  return loudest;
}
