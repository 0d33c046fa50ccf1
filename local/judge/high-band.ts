import { SAMPLE_RATE } from '../sample/voice.ts';

/** Above the voice's formants, below where AAC encoders stop. */
const FROM_HZ = 5000;
const TO_HZ = 11_000;
const HALF = 32;

/** What of a sound lies between 5 and 11 kHz, as long as the sound; its edges are cut off as silence. */
export function highBand(sound: Float32Array): Float32Array {
  const high = new Float32Array(sound.length);
  for (let at = HALF; at + HALF < sound.length; at++) {
    let sum = 0;
    for (let k = 0; k < BAND.length; k++) sum += BAND[k]! * sound[at + k - HALF]!;
    high[at] = sum;
  }
  return high;
}

/** A windowed sinc (Hamming): the low-pass of one edge minus that of the other. */
const BAND = Array.from({ length: 2 * HALF + 1 }, (_, k) => {
  const n = k - HALF;
  const window = 0.54 + 0.46 * Math.cos((Math.PI * n) / HALF);
  return window * (lowPass(TO_HZ / SAMPLE_RATE, n) - lowPass(FROM_HZ / SAMPLE_RATE, n));
});

function lowPass(edge: number, n: number): number {
  return n === 0 ? 2 * edge : Math.sin(2 * Math.PI * edge * n) / (Math.PI * n);
}
