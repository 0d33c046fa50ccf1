import { type FrameRate, frameTimeMs } from '../sample/frame-rate.ts';
import { fillVoice, SAMPLE_RATE, VOICE_RMS } from '../sample/voice.ts';
import { type FrameRange, frameTotal } from './frames.ts';
import { type Heard, stretch } from './heard.ts';
import { highBand } from './high-band.ts';
import { loudestBlock } from './loudness.ts';

/** A place in the clip where one segment ends and the next begins, in samples. */
interface Join {
  readonly clipSample: number;
  /** What the episode sounds like there: with the segment that ends, and with the one that begins. */
  readonly endsAt: number;
  readonly beginsAt: number;
  /** How long the two segments are. */
  readonly endingSamples: number;
  readonly beginningSamples: number;
}

/** How far from a join its sound is looked at. */
const NEAR = toSamples(60);
/** Where a fade may have been put, and what AAC makes of its neighbourhood. */
const FADED = toSamples(10);
const FADE = toSamples(5);
/** How far from a join its surroundings reach. */
const SURROUNDINGS = toSamples(100);
/** Beside copied frames of AAC, what is decoded is mixed with their lost neighbours: two frames of 1024. */
const MIXED = 2048;
/** The least that counts as surroundings: -80 dB of full scale. */
const STILLNESS = 1e-4;

/** The joins of a clip whose pictures start at `startMs`. */
export function joinsOf(
  ranges: readonly FrameRange[],
  rate: FrameRate,
  startMs: number,
  offsetsMs: readonly (number | undefined)[],
): Join[] {
  const lengthOf = (n: number) => toSamples(frameTimeMs(frameTotal([ranges[n]!]), rate));
  const shift = (n: number) => toSamples(offsetsMs[n] ?? 0);
  return ranges.slice(1).map(({ first }, n) => ({
    clipSample: toSamples(startMs + frameTimeMs(frameTotal(ranges.slice(0, n + 1)), rate)),
    endsAt: toSamples(frameTimeMs(ranges[n]!.last + 1, rate)) - shift(n),
    beginsAt: toSamples(frameTimeMs(first, rate)) - shift(n + 1),
    endingSamples: lengthOf(n),
    beginningSamples: lengthOf(n + 1),
  }));
}

/**
 * The loudest 5 ms near a join of what does not belong there, against the voice's mean level. A short
 * fade at the join belongs there.
 */
export function joinResidualDb(heard: Heard, joins: readonly Join[]): number | undefined {
  const loudest = joins.map((join) => {
    const residual = difference(heard, join, NEAR, FADED);
    return Math.max(
      loudestBlock(residual.subarray(0, NEAR - FADED)),
      loudestBlock(residual.subarray(NEAR + FADED)),
    );
  });
  return joins.length > 0 ? decibels(Math.max(...loudest) / VOICE_RMS) : undefined;
}

/**
 * The loudest click at a join, against its surroundings. A jump from one sample to the next has all
 * frequencies, a faded join has none above the voice's; so it is measured there, and what is
 * different from the voice: a hiss is no click.
 */
export function joinClickDb(
  heard: Heard,
  joins: readonly Join[],
  audio: 'exact' | 'copy',
): number | undefined {
  const measure = audio === 'exact' ? clickInExact : clickInCopied;
  return joins.length > 0
    ? Math.max(...joins.map((join) => decibels(measure(heard, join))))
    : undefined;
}

function clickInExact(heard: Heard, join: Join): number {
  const off = highBand(difference(heard, join, SURROUNDINGS));
  const due = highBand(expected(join, 2 * FADED));
  const [left, right] = [SURROUNDINGS - 2 * FADED, SURROUNDINGS + 2 * FADED];
  const around = Math.max(
    STILLNESS,
    loudestBlock(due),
    loudestBlock(off.subarray(0, left)),
    loudestBlock(off.subarray(right)),
  );
  return loudestBlock(off.subarray(SURROUNDINGS - FADED, SURROUNDINGS + FADED)) / around;
}

function clickInCopied(heard: Heard, join: Join): number {
  const from = join.clipSample - 2 * SURROUNDINGS;
  const sound = highBand(stretch(heard, from, 4 * SURROUNDINGS));
  const [left, right] = [2 * SURROUNDINGS - MIXED, 2 * SURROUNDINGS + MIXED];
  const around = Math.max(
    STILLNESS,
    loudestBlock(highBand(expected(join, SURROUNDINGS))),
    loudestBlock(sound.subarray(0, left)),
    loudestBlock(sound.subarray(right)),
  );
  return loudestBlock(sound.subarray(left, right)) / around;
}

/**
 * What is heard around a join, which is in the middle, minus what should be.
 * @param margin how much of the two segments' other ends is left out
 */
function difference(heard: Heard, join: Join, reach: number, margin = 0): Float32Array {
  const is = stretch(heard, join.clipSample - reach, 2 * reach);
  const should = expected(join, reach);
  // Beyond a segment that is shorter than the look at its join lies another join.
  const before = Math.min(reach, Math.max(0, join.endingSamples - margin));
  const after = Math.min(reach, Math.max(0, join.beginningSamples - margin));
  return is.map((value, k) => (k < reach - before || k >= reach + after ? 0 : value - should[k]!));
}

/** The voice on both sides of a join, with fades of 5 ms. */
function expected({ endsAt, beginsAt }: Join, reach: number): Float32Array {
  const both = new Float32Array(2 * reach);
  both.set(fillVoice(endsAt - reach, new Float32Array(reach)));
  both.set(fillVoice(beginsAt, new Float32Array(reach)), reach);
  return both.map((value, k) => {
    const distance = Math.abs(k + 0.5 - reach) / FADE;
    return distance >= 1 ? value : value * (0.5 - 0.5 * Math.cos(Math.PI * distance));
  });
}

function toSamples(timeMs: number): number {
  return Math.round((timeMs * SAMPLE_RATE) / 1000);
}

const decibels = (ratio: number) => 20 * Math.log10(ratio + 1e-6);
