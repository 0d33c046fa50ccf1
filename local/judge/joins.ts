import { type FrameRate, frameTimeMs } from '../sample/frame-rate.ts';
import { fillVoice, SAMPLE_RATE, VOICE_RMS } from '../sample/voice.ts';
import { type FrameRange, frameTotal } from './frames.ts';
import { type Heard, stretch } from './heard.ts';
import { highBand } from './high-band.ts';
import { loudestBlock, rms } from './loudness.ts';

/** A place in the clip where one segment ends and the next begins, in samples. */
interface Join {
  readonly clipSample: number;
  /** What the episode sounds like there: with the segment that ends, and with the one that begins. */
  readonly endsAt: number;
  readonly beginsAt: number;
  /** How long the two segments are. */
  readonly endingSamples: number;
  readonly beginningSamples: number;
  /** Where the episode's sound breaks off. */
  readonly episodeEnd: number;
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
/** A click, and what of its surroundings is right beside it. */
const CLICK = toSamples(2);
const BESIDE = toSamples(12);
/** The least that counts as surroundings: -80 dB of full scale. */
const STILLNESS = 1e-4;

/** The joins of a clip whose pictures start at `startMs`. */
export function joinsOf(
  ranges: readonly FrameRange[],
  rate: FrameRate,
  startMs: number,
  offsetsMs: readonly (number | undefined)[],
  episodeFrameCount: number,
): Join[] {
  const lengthOf = (n: number) => toSamples(frameTimeMs(frameTotal([ranges[n]!]), rate));
  const shift = (n: number) => toSamples(offsetsMs[n] ?? 0);
  return ranges.slice(1).map(({ first }, n) => ({
    clipSample: toSamples(startMs + frameTimeMs(frameTotal(ranges.slice(0, n + 1)), rate)),
    endsAt: toSamples(frameTimeMs(ranges[n]!.last + 1, rate)) - shift(n),
    beginsAt: toSamples(frameTimeMs(first, rate)) - shift(n + 1),
    endingSamples: lengthOf(n),
    beginningSamples: lengthOf(n + 1),
    episodeEnd: toSamples(frameTimeMs(episodeFrameCount, rate)),
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
 * frequencies, a faded join has none above the voice's; so it is measured there. A hiss is no click.
 */
export function joinClickDb(
  heard: Heard,
  joins: readonly Join[],
  audio: 'exact' | 'copy',
): number | undefined {
  const measure = audio === 'exact' ? clickInExact : clickInCopied;
  const clicks = joins.map((join) => decibels(measure(heard, join, joins)));
  return joins.length > 0 ? Math.max(...clicks) : undefined;
}

/** A click is over at once: it stands out from what is right beside it, on either side. */
function clickInExact(heard: Heard, join: Join): number {
  const reach = FADED + BESIDE + CLICK;
  const sound = highBand(stretch(heard, join.clipSample - 2 * reach, 4 * reach));
  const due = loudness(expected(join, 2 * FADED));
  const levelAt = (at: number) => rms(sound.subarray(at, at + CLICK));
  let loudest = 0;
  for (let at = 2 * reach - FADED; at < 2 * reach + FADED; at += CLICK / 2) {
    const beside: number[] = [];
    for (let far = 2 * CLICK; far <= BESIDE; far += CLICK) {
      beside.push(levelAt(at - far), levelAt(at + far));
    }
    loudest = Math.max(loudest, levelAt(at) / Math.max(STILLNESS, due, ...beside));
  }
  return loudest;
}

/**
 * Beside copied frames, what is decoded is mixed with their lost neighbours, of which a part is heard: a breath
 * before a word that is cut off, say. That is no click.
 */
function clickInCopied(heard: Heard, join: Join, joins: readonly Join[]): number {
  const from = join.clipSample - 2 * SURROUNDINGS;
  const sound = highBand(stretch(heard, from, 4 * SURROUNDINGS));
  const [left, right] = [2 * SURROUNDINGS - MIXED, 2 * SURROUNDINGS + MIXED];
  // Between joins that are this close, frames of both sides of both are mixed.
  const mixed = joins.filter((one) => Math.abs(one.clipSample - join.clipSample) <= 2 * MIXED);
  const around = Math.max(
    STILLNESS,
    ...mixed.flatMap((one) => [expected(one, SURROUNDINGS), ...lostNeighbours(one)]).map(loudness),
    loudestBlock(sound.subarray(0, left)),
    loudestBlock(sound.subarray(right)),
  );
  return loudestBlock(sound.subarray(left, right)) / around;
}

const loudness = (sound: Float32Array): number => loudestBlock(highBand(sound));

/** What the episode sounds like where the one segment ends and goes on, and where the other begins, with what is before. */
const lostNeighbours = ({ endsAt, beginsAt, episodeEnd }: Join): Float32Array[] =>
  [endsAt, beginsAt].map((at) => {
    const from = at - 2 * MIXED;
    const voice = fillVoice(from, new Float32Array(4 * MIXED));
    return voice.fill(0, Math.max(0, Math.min(voice.length, episodeEnd - from)));
  });

/**
 * What is heard around a join, which is in the middle, minus what should be.
 * @param margin how much of the two segments' other ends is left out
 */
function difference(heard: Heard, join: Join, reach: number, margin = 0): Float32Array {
  const is = stretch(heard, join.clipSample - reach, 2 * reach);
  // Beyond a segment that is shorter than the look at its join lies another join.
  const before = Math.min(reach, Math.max(0, join.endingSamples - margin));
  const after = Math.min(reach, Math.max(0, join.beginningSamples - margin));
  const ending = [reach - before, reach] as const;
  const beginning = [reach, reach + after] as const;
  const left = leastDifference(is, (shift) => expected(shifted(join, shift), reach), ...ending);
  const right = leastDifference(is, (shift) => expected(shifted(join, shift), reach), ...beginning);
  return left.map((value, k) => value + right[k]!);
}

/** Segments begin and end between samples: sound is put on the nearest, which is up to one off in all. */
const ROUNDING_SHIFTS = [-1, 0, 1];

const shifted = (join: Join, shift: number): Join => ({
  ...join,
  endsAt: join.endsAt + shift,
  beginsAt: join.beginsAt + shift,
});

/** The difference between two samples, and 0 elsewhere, for the rounding that fits best. */
function leastDifference(
  is: Float32Array,
  should: (shift: number) => Float32Array,
  from: number,
  to: number,
): Float32Array {
  const [least] = ROUNDING_SHIFTS.map((shift) => {
    const due = should(shift);
    return is.map((value, k) => (k < from || k >= to ? 0 : value - due[k]!));
  }).sort((a, b) => rms(a) - rms(b));
  return least!;
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
