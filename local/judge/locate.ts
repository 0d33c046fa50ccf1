import { fillVoice, SAMPLE_RATE } from '../sample/voice.ts';

/** The first search runs over sums of so many samples. */
const STRIDE = 8;
/** A coarse match this much below the best may still prove the best when looked at closely. */
const COARSE_MARGIN = 0.12;
/** Less is other sound: that reaches 0.45 by chance; the right one keeps 0.93 even at 24 kbit/s. */
const LEAST_LIKENESS = 0.7;

/**
 * Finds where in the episode a piece of sound is from: how many samples after `expected`, the
 * sample it should begin with, or `undefined` if it is from nowhere within `rangeSamples` of it.
 * @param soundAt the episode's sound from a sample on; by default the sample episode's voice
 */
export function locateSound(
  piece: Float32Array,
  expected: number,
  rangeSamples = 0.4 * SAMPLE_RATE,
  soundAt = voiceAt,
): number | undefined {
  const range = STRIDE * Math.ceil(rangeSamples / STRIDE) + STRIDE;
  const reference = soundAt(
    expected - range,
    STRIDE * Math.ceil(piece.length / STRIDE) + 2 * range,
  );
  const [coarsePiece, coarseReference] = [thin(piece), thin(reference)];
  const coarse = Array.from({ length: coarseReference.length - coarsePiece.length + 1 }, (_, lag) =>
    likeness(coarsePiece, coarseReference, lag),
  );
  const limit = Math.max(...coarse) - COARSE_MARGIN;

  let best = { likeness: LEAST_LIKENESS, lag: Number.NaN };
  coarse.forEach((value, coarseLag) => {
    const peak = !(coarse[coarseLag - 1]! > value || coarse[coarseLag + 1]! > value);
    if (!peak || value < limit) return;
    const middle = coarseLag * STRIDE;
    const last = Math.min(middle + STRIDE - 1, reference.length - piece.length);
    for (let lag = Math.max(0, middle - STRIDE + 1); lag <= last; lag++) {
      const close = likeness(piece, reference, lag);
      if (close > best.likeness) best = { likeness: close, lag };
    }
  });
  return Number.isNaN(best.lag) ? undefined : best.lag - range;
}

const voiceAt = (from: number, length: number) => fillVoice(from, new Float32Array(length));

/** Correlation, from −1 to 1, of a piece with the reference from `lag` on. */
function likeness(piece: Float32Array, reference: Float32Array, lag: number): number {
  let both = 0;
  let own = 0;
  let other = 0;
  for (let k = 0; k < piece.length; k++) {
    const a = piece[k]!;
    const b = reference[k + lag]!;
    both += a * b;
    own += a * a;
    other += b * b;
  }
  return both / Math.sqrt(own * other + 1e-9);
}

function thin(samples: Float32Array): Float32Array {
  const thinned = new Float32Array(Math.floor(samples.length / STRIDE));
  for (let k = 0; k < thinned.length; k++) {
    let sum = 0;
    for (let j = 0; j < STRIDE; j++) sum += samples[k * STRIDE + j]!;
    thinned[k] = sum;
  }
  return thinned;
}
