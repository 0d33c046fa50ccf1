import { type FrameRate, frameTimeMs } from '../sample/frame-rate.ts';
import { fillVoice, SAMPLE_RATE, VOICE_RMS } from '../sample/voice.ts';
import type { FrameRange } from './frames.ts';
import { type Heard, stretch } from './heard.ts';
import { joinClickDb, joinResidualDb, joinsOf } from './joins.ts';
import { locateSound } from './locate.ts';
import { BLOCK, rms } from './loudness.ts';
import type { PlacedFrame } from './place-frames.ts';
import { type SoundProbe, type SoundVerdict, TOLERANCES } from './verdict.ts';

const PROBE_SPACING_MS = 5000;
const PROBE_WINDOW_MS = 250;
/** A shorter piece of a segment cannot be told from its neighbours. */
const LEAST_WINDOW_MS = 120;
/** Sound this near a segment's edges may be mixed with its neighbour's: by a fade, or by AAC. */
const EDGE_MS = 40;
/** Where the voice should be this loud, a hole is a hole and not a pause. */
const AUDIBLE_RMS = 0.3 * VOICE_RMS;
/** Quieter than the breath in the voice's pauses, and than what an encoder makes of it. */
const SILENT_RMS = 0.003 * VOICE_RMS;

/** Compares the sound with the pictures it comes with, and with what the segments should sound like. */
export function judgeSound(
  heard: Heard,
  placed: readonly PlacedFrame[],
  ranges: readonly FrameRange[],
  rate: FrameRate,
  { audio, episodeFrameCount }: { audio: 'exact' | 'copy'; episodeFrameCount: number },
): SoundVerdict {
  const probes = ranges.flatMap((_, segment) =>
    probeSegment(
      heard,
      placed.filter((frame) => frame.segment === segment),
      rate,
    ),
  );
  const offsets = probes.flatMap(({ offsetMs }) => offsetMs ?? []);
  const segmentOffsetsMs = ranges.map((_, segment) => offsetOf(segment, probes));
  const gaps = gapsMs(heard, placed, rate, TOLERANCES.gapMs[audio]);
  const joins = joinsOf(ranges, rate, placed[0]?.timeMs ?? 0, segmentOffsetsMs, episodeFrameCount);
  return {
    probes,
    segmentOffsetsMs,
    maxOffsetMs: Math.max(0, ...offsets.map(Math.abs)),
    lostProbes: probes.length - offsets.length,
    gaps: gaps.length,
    longestGapMs: Math.max(0, ...gaps),
    // Where frames of AAC are copied, a join is somewhere else in the sound than in the picture.
    joinResidualDb: audio === 'exact' ? joinResidualDb(heard, joins) : undefined,
    joinClickDb: joinClickDb(heard, joins, audio),
  };
}

/** The offset furthest from 0 among a segment's probes. */
function offsetOf(segment: number, probes: readonly SoundProbe[]): number | undefined {
  const offsets = probes.flatMap((probe) =>
    probe.segment === segment ? (probe.offsetMs ?? []) : [],
  );
  return offsets.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
}

/** Every few seconds, and at the end: where is the sound that is heard with this picture from? */
function probeSegment(heard: Heard, frames: readonly PlacedFrame[], rate: FrameRate): SoundProbe[] {
  const first = frames[0];
  const last = frames.at(-1);
  if (!first || !last) return [];
  const room = last.timeMs + frameTimeMs(1, rate) - first.timeMs - 2 * EDGE_MS;
  const windowMs = Math.min(PROBE_WINDOW_MS, room);
  if (windowMs < LEAST_WINDOW_MS) return [];

  const lastStart = first.timeMs + EDGE_MS + room - windowMs;
  const probes: SoundProbe[] = [];
  let due = first.timeMs + EDGE_MS;
  for (const frame of frames) {
    const finalOne = frame.timeMs + frameTimeMs(1, rate) > lastStart;
    if (frame.timeMs > lastStart || (frame.timeMs < due && !finalOne)) continue;
    const from = toSamples(frame.timeMs);
    const piece = heard.samples.subarray(from, from + toSamples(windowMs));
    const located = locateSound(piece, toSamples(frameTimeMs(frame.number, rate)));
    const offsetMs = located === undefined ? undefined : -(located * 1000) / SAMPLE_RATE;
    probes.push({ segment: frame.segment, clipTimeMs: frame.timeMs, offsetMs });
    due = frame.timeMs + PROBE_SPACING_MS;
  }
  return probes;
}

/** Lengths of the holes: in the time stamps, and where the voice should be heard but nothing is. */
function gapsMs(
  heard: Heard,
  placed: readonly PlacedFrame[],
  rate: FrameRate,
  leastMs: number,
): number[] {
  const blockMs = (BLOCK * 1000) / SAMPLE_RATE;
  const silences: { atMs: number; lengthMs: number }[] = [];
  for (const atMs of silentBlocksMs(heard, placed, rate)) {
    const last = silences.at(-1);
    if (last && atMs - last.atMs < last.lengthMs + 2 * blockMs) {
      last.lengthMs = atMs + blockMs - last.atMs;
    } else silences.push({ atMs, lengthMs: blockMs });
  }
  const unexplained = silences.filter(
    ({ atMs, lengthMs }) =>
      lengthMs >= leastMs &&
      !heard.timeGaps.some((g) => atMs < g.atMs + blockMs && atMs + lengthMs > g.atMs - g.lengthMs),
  );
  return [...heard.timeGaps, ...unexplained].map(({ lengthMs }) => Math.abs(lengthMs));
}

function silentBlocksMs(heard: Heard, placed: readonly PlacedFrame[], rate: FrameRate): number[] {
  const expected = new Float32Array(toSamples(frameTimeMs(1, rate)));
  const silent: number[] = [];
  for (const { timeMs, number } of placed) {
    fillVoice(toSamples(frameTimeMs(number, rate)), expected);
    const start = toSamples(timeMs);
    for (let at = 0; at + BLOCK <= expected.length; at += BLOCK) {
      if (rms(expected.subarray(at, at + BLOCK)) < AUDIBLE_RMS) continue;
      if (rms(stretch(heard, start + at, BLOCK)) >= SILENT_RMS) continue;
      silent.push(timeMs + (at * 1000) / SAMPLE_RATE);
    }
  }
  return silent;
}

function toSamples(timeMs: number): number {
  return Math.round((timeMs * SAMPLE_RATE) / 1000);
}
