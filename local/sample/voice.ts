import { hash32, hashUnit } from './hash.ts';

/**
 * The sound: two voices that babble in turn. It is a pure function of the sample number, and no
 * quarter of a second of it returns, so whoever hears a piece can tell to the sample where it is from.
 *
 * Time is cut into slots of one syllable. A syllable is a row of glottal pulses, and each pulse
 * rings in the mouth's resonances (formants): a pulse is one look-up in a table of grains.
 */
export const SAMPLE_RATE = 48_000;
const SLOT_SAMPLES = 8640; // 180 ms: the pace of relaxed speech
const PHRASE_SLOTS = 16;
const TURN_SLOTS = 4 * PHRASE_SLOTS;
/** Pauses are short: a window of a quarter second always holds some voice. */
const PAUSE_SAMPLES = { least: 1900, most: 4000 };
const GRAIN_SAMPLES = 1200;
const BREATH_LEVEL = 0.004;
const HISS_LEVEL = 0.03;

/** Root mean square of the whole sound, to state other levels against. */
export const VOICE_RMS = 0.1;
const VOICE_GAIN = 0.5;

/** Salts: one per decision, so that decisions about a slot do not depend on each other. */
const Salt = { turn: 1, vowel: 2, pause: 3, pauseLength: 4, onset: 5, pitch: 6, bend: 7, noise: 8 };

interface Speaker {
  readonly pitchHz: number;
  /** A shorter mouth rings higher. */
  readonly formantScale: number;
}
const SPEAKERS: readonly Speaker[] = [
  { pitchHz: 112, formantScale: 1 },
  { pitchHz: 188, formantScale: 1.16 },
];

/** First three formants in Hz (Peterson and Barney, 1952). */
const VOWELS_HZ = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
  [500, 1500, 2500],
] as const;
const FORMANT_LEVELS = [1, 0.4, 0.14] as const;
const BANDWIDTHS_HZ = [80, 100, 140] as const;

/** Fills `out` with the sound from sample `from` on; before sample 0 there is silence. */
export function fillVoice(from: number, out: Float32Array): Float32Array {
  out.fill(0);
  const lastSlot = Math.floor((from + out.length - 1) / SLOT_SAMPLES);
  // One slot earlier, too: the last pulse of a syllable rings on into the next slot.
  for (let slot = Math.max(0, Math.floor(from / SLOT_SAMPLES) - 1); slot <= lastSlot; slot++) {
    addSyllable(slot, from, out);
  }
  for (let k = Math.max(0, -from); k < out.length; k++) out[k]! += breath(from + k);
  return out;
}

/** The sound of `sampleCount` samples as raw 16-bit little-endian mono, a second at a time. */
export async function* voiceStream(sampleCount: number): AsyncGenerator<Uint8Array> {
  const second = new Float32Array(SAMPLE_RATE);
  for (let from = 0; from < sampleCount; from += second.length) {
    const voice = fillVoice(from, second).subarray(0, sampleCount - from);
    const bytes = Buffer.alloc(voice.length * 2);
    voice.forEach((value, k) => {
      bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 32767), k * 2);
    });
    yield bytes;
  }
}

/** What is said in a slot; times are in samples from the slot's start. */
interface Syllable {
  readonly speaker: number;
  readonly vowelFrom: number;
  readonly vowelTo: number;
  readonly onset: number;
  readonly end: number;
  readonly hiss: boolean;
  readonly pitchHz: number;
  readonly bend: number;
}

function syllableOf(slot: number): Syllable {
  const chance = (salt: number) => hashUnit(slot, salt);
  const phrasePart = (slot % PHRASE_SLOTS) / PHRASE_SLOTS;
  const endsWord = chance(Salt.pause) < 0.35 || slot % PHRASE_SLOTS === PHRASE_SLOTS - 1;
  const pause =
    PAUSE_SAMPLES.least + chance(Salt.pauseLength) * (PAUSE_SAMPLES.most - PAUSE_SAMPLES.least);
  const speaker = hash32(Math.floor(slot / TURN_SLOTS) ^ Math.imul(Salt.turn, 0x85ebca6b)) & 1;
  const hiss = chance(Salt.onset) < 0.3;
  return {
    speaker,
    vowelFrom: Math.floor(chance(Salt.vowel) * VOWELS_HZ.length),
    vowelTo: Math.floor(hashUnit(slot + 1, Salt.vowel) * VOWELS_HZ.length),
    onset: hiss ? 1700 : Math.floor(chance(Salt.onset) * 700),
    end: Math.floor(SLOT_SAMPLES - (endsWord ? pause : 300)),
    hiss,
    // The voice sinks over a phrase, as voices do, and no two syllables have the same pitch.
    pitchHz:
      SPEAKERS[speaker]!.pitchHz * (1.14 - 0.3 * phrasePart) * (0.92 + 0.16 * chance(Salt.pitch)),
    bend: 0.22 * (chance(Salt.bend) - 0.4),
  };
}

function addSyllable(slot: number, from: number, out: Float32Array): void {
  const start = slot * SLOT_SAMPLES - from;
  const { speaker, vowelFrom, vowelTo, onset, end, hiss, pitchHz, bend } = syllableOf(slot);
  const length = end - onset;
  const grainsFrom = GRAINS[speaker]![vowelFrom]!;
  const grainsTo = GRAINS[speaker]![vowelTo]!;
  for (let time = onset; time < end; ) {
    const part = (time - onset) / length;
    const gain = VOICE_GAIN * rise(part / 0.22) * rise((1 - part) / 0.38);
    const glide = rise((part - 0.35) / 0.65);
    const at = start + Math.round(time);
    const first = Math.max(0, -at);
    const last = Math.min(GRAIN_SAMPLES, out.length - at);
    for (let k = first; k < last; k++) {
      out[at + k]! += gain * (grainsFrom[k]! + glide * (grainsTo[k]! - grainsFrom[k]!));
    }
    time += SAMPLE_RATE / (pitchHz * (1 + bend * Math.sin(Math.PI * part)));
  }
  if (!hiss) return;
  for (let k = Math.max(0, -start); k < Math.min(onset, out.length - start); k++) {
    const sample = from + start + k;
    const level = HISS_LEVEL * Math.sin((Math.PI * k) / onset) ** 2;
    out[start + k]! += level * (noise(sample) - noise(sample - 1));
  }
}

/** Noise that a pause is told by; averaged, so that what is left survives a lossy encoder. */
function breath(sample: number): number {
  const sum = noise(sample) + noise(sample - 1) + noise(sample - 2) + noise(sample - 3);
  return (BREATH_LEVEL * sum) / 2;
}

function noise(sample: number): number {
  return hashUnit(sample, Salt.noise) * 2 - 1;
}

/** 0 to 1 along half a cosine while `part` goes from 0 to 1. */
function rise(part: number): number {
  if (part <= 0) return 0;
  return part >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * part);
}

/** By speaker and vowel: how one glottal pulse sounds. */
const GRAINS: readonly (readonly Float32Array[])[] = SPEAKERS.map(({ formantScale }) =>
  VOWELS_HZ.map((formants) => {
    const grain = new Float32Array(GRAIN_SAMPLES);
    for (let k = 0; k < GRAIN_SAMPLES; k++) {
      const seconds = k / SAMPLE_RATE;
      // A soft start keeps the buzz out, a soft end the click.
      const window = rise(k / 96) * rise((GRAIN_SAMPLES - k) / 300);
      formants.forEach((hz, n) => {
        const ring = Math.exp(-Math.PI * BANDWIDTHS_HZ[n]! * seconds);
        const phase = 2 * Math.PI * hz * formantScale * seconds;
        grain[k]! += FORMANT_LEVELS[n]! * window * ring * Math.sin(phase);
      });
    }
    return grain;
  }),
);
