import { formatTime } from '../../time.ts';
import { isMedia, type SoundStretch, ticksOf } from '../cut/stretch.ts';
import type { Timeline } from '../source/timeline.ts';
import type { Finding, MediaWarning } from '../warnings.ts';
import type { Part } from './exact-sound.ts';
import {
  HeardTime,
  holesIn,
  LEAST_HOLE_TICKS,
  LEAST_LOST_TICKS,
  type TickSpan,
} from './heard-time.ts';
import { holdingLayout, type Layout } from './layouts.ts';
import type { StretchAudio, Voice } from './voices.ts';

// In what the audio of a segment is less than its source.

/** When there is silence that the source does not have. */
interface Hole extends TickSpan {
  code: 'AUDIO_MISSING' | 'AUDIO_LOST';
  /** Episode time, where that is known. */
  atMs?: number;
}

/** Around what is lost, decoders may fail, too. */
const AROUND_TICKS = 50 * 90;

/** Channels that found no place. */
export function mixedDown(voices: readonly Voice[], into: Layout): MediaWarning[] {
  const tooMany = voices.find(({ layout }) => layout && !holdingLayout(layout));
  if (!tooMany) return [];
  const message = `The audio has the channels ${tooMany.layout}, which AAC players do not know: they are mixed into ${into}.`;
  return [{ code: 'CHANNELS_MIXED_DOWN', message }];
}

/**
 * Where a segment is silent: where its source has no audio, and where it has some that was not decoded. An episode
 * without any lacks nothing.
 * @param decoded when something came out of each voice's decoder, on the clock of what it reads
 */
export function lossesIn(
  parts: readonly Part[],
  decoded: ReadonlyMap<Voice, readonly TickSpan[]>,
): MediaWarning[] {
  const hasAudio = ({ stretch }: Part) =>
    isMedia(stretch) && (stretch.source.sound || stretch.source.lacksSound);
  if (!parts.some(hasAudio)) return [];
  const holes: Hole[] = [];
  let at = 0;
  for (const { stretch, audio } of parts) {
    const found = isMedia(stretch) ? holesOf(stretch, audio, decoded) : [];
    for (const { code, from, to } of found) {
      const { wanted, zero } = stretch as SoundStretch;
      const place = { from: from - wanted.firstPts + at, to: to - wanted.firstPts + at };
      const last = holes.findLast((hole) => hole.code === code);
      if (last && place.from - last.to < LEAST_HOLE_TICKS) last.to = place.to;
      else
        holes.push({ code, ...place, ...(zero === undefined ? {} : { atMs: msOf(from - zero) }) });
    }
    at += ticksOf(stretch);
  }
  return [...told(holes, 'AUDIO_LOST'), ...told(holes, 'AUDIO_MISSING')];
}

/** On the source's clock. */
function holesOf(
  { wanted, zero, source }: SoundStretch,
  audio: StretchAudio | undefined,
  decoded: ReadonlyMap<Voice, readonly TickSpan[]>,
): Pick<Hole, 'code' | 'from' | 'to'>[] {
  const findings = (source.findings ?? []).filter(isOfAudio);
  // All of it has been told.
  if (findings.some(({ fromPts }) => fromPts === undefined)) return [];
  const all = { from: wanted.firstPts, to: wanted.endPts };
  const voices = audio?.voices ?? [];
  const known = findings.map(({ fromPts, toPts }) => ({
    from: fromPts! - AROUND_TICKS,
    to: (toPts ?? Number.POSITIVE_INFINITY) + AROUND_TICKS,
  }));
  const heard = [...known, ...voices.flatMap((voice) => decodedOf(voice, decoded, all.from))];
  const { sound } = source;
  const timeline = sound && 'input' in sound ? sound.timeline : undefined;
  const isTold = voices.every((voice) => voice.heard || voice.isLost || timeline);
  if (!isTold) return withCode('AUDIO_MISSING', holesIn(all, heard, { begin: zero }));
  const packets = voices.flatMap((voice) => packetsOf(voice, timeline, all.from));
  const missing = holesIn(all, [...known, ...packets], { begin: zero });
  const absent = holesIn(all, packets, { leastTicks: 0 });
  const lost = holesIn(all, [...heard, ...absent], { begin: zero, leastTicks: LEAST_LOST_TICKS });
  return [...withCode('AUDIO_LOST', lost), ...withCode('AUDIO_MISSING', missing)];
}

const withCode = (code: Hole['code'], spans: readonly TickSpan[]) =>
  spans.map((span) => ({ code, ...span }));

const isOfAudio = ({
  code,
  isAudio = code === 'AUDIO_LOST' || code === 'AUDIO_MISSING',
}: Finding) => isAudio;

/** When there are packets for a voice. */
function packetsOf(voice: Voice, timeline: Timeline['sound'], firstPts: number) {
  if (voice.isLost) return [{ from: firstPts + voice.from, to: firstPts + voice.to }];
  return voice.heard?.spans ?? (timeline ? spansOf(timeline) : []);
}

function decodedOf(
  voice: Voice,
  decoded: ReadonlyMap<Voice, readonly TickSpan[]>,
  firstPts: number,
): TickSpan[] {
  const later = firstPts + voice.from - voice.startTicks;
  const spans = decoded.get(voice) ?? [];
  return spans.map(({ from, to }) => ({ from: from + later, to: to + later }));
}

/** No packet sounds for longer. */
const MOST_PACKET_TICKS = 0.2 * 90_000;

function spansOf({ starts, endPts }: NonNullable<Timeline['sound']>): TickSpan[] {
  const heard = new HeardTime();
  for (const [n, from] of starts.entries()) {
    heard.add(from, Math.min(starts[n + 1] ?? endPts, from + MOST_PACKET_TICKS));
  }
  return heard.spans;
}

/** Of a source full of holes, the rest is told as one. */
const MOST_WARNINGS = 10;

function told(all: readonly Hole[], code: Hole['code']): MediaWarning[] {
  const holes = all.filter((hole) => hole.code === code);
  const first = holes.length > MOST_WARNINGS ? holes.slice(0, MOST_WARNINGS - 1) : holes;
  const rest = holes.slice(first.length);
  const warnings = first.map((hole) => warning(hole, SENTENCES[code](placeOf(hole))));
  const [next] = rest;
  if (!next) return warnings;
  const places = `in ${rest.length} more places, for ${secondsOf(rest)} s in all`;
  return [...warnings, warning(next, SENTENCES[code](places))];
}

const SENTENCES = {
  AUDIO_MISSING: (where: string) => `The episode has no audio ${where}: silence stands in.`,
  AUDIO_LOST: (where: string) =>
    `The audio cannot be decoded ${where}: silence stands in. Check its codec, and that the chunks are whole.`,
} as const;

function placeOf({ from, to, atMs }: Hole): string {
  if (atMs === undefined) return `for ${secondsOf([{ from, to }])} s`;
  return `from ${formatTime(atMs)} to ${formatTime(atMs + msOf(to - from))}`;
}

const secondsOf = (holes: readonly TickSpan[]) =>
  (holes.reduce((sum, { from, to }) => sum + to - from, 0) / 90_000).toFixed(2);

const msOf = (ticks: number) => Math.max(0, Math.round(ticks / 90));

const warning = ({ code, atMs }: Hole, message: string): MediaWarning => ({
  code,
  message,
  ...(atMs === undefined ? {} : { atMs }),
});
