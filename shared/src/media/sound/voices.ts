import { FIRST_PTS } from '../cut/splice.ts';
import { type SoundStretch, ticksOf } from '../cut/stretch.ts';
import type { JobInput } from '../ffmpeg/jobs.ts';
import { sbrLeadTicks } from '../packed-audio/frame-format.ts';
import { SOUND_FORMATS } from '../packed-audio/sound-formats.ts';
import { FileReader } from '../source/file-reader.ts';
import { inputForeign, audioOf as specifierOf } from '../source/foreign-input.ts';
import type { SoundTrack } from '../source/media-index.ts';
import { soundingTicks } from '../transport-stream/sound-end.ts';
import {
  type TimedPacket,
  writeTransportStream,
} from '../transport-stream/writing/write-transport-stream.ts';
import { bytesOf, type FormatRun, formatRuns, type RunPacket } from './format-runs.ts';
import { HeardTime } from './heard-time.ts';

/**
 * Decoders need some sound before the first that counts: AAC one frame, MP3 what its bit reservoir refers
 * to, Opus 80 ms (RFC 7845, 4.6).
 */
const LEAD_TICKS = 0.25 * 90_000;
const TRAIL_TICKS = 0.1 * 90_000;

/** Encoders begin early by what they put in front, which is heard of none. */
const MOST_OVERLAP_TICKS = 0.1 * 90_000;

/** Each format has a decoder of its own, and each decoder a pipe: beyond so many runs, equal formats share one. */
const MOST_RUNS = 16;

/** Audio of one format, for one decoder. */
export interface Voice {
  /** What FFmpeg reads; made anew each time. */
  open: () => JobInput;
  /** FFmpeg's stream specifier of the audio in it. */
  specifier: string;
  /** When [from, to) begins on the clock of what is read, in ticks. */
  startTicks: number;
  /** The part of the stretch that it is heard in, in ticks from its beginning. */
  from: number;
  to: number;
  /** FFmpeg's name of its channel layout; absent: only decoding tells. */
  layout?: string;
  /** It cannot be decoded: silence stands in. */
  isLost?: boolean;
  /** It has been decoded already, of several formats into one. */
  isDecoded?: boolean;
  /** When there is audio, once it has been read; absent where FFmpeg reads the source itself. */
  heard?: HeardTime;
}

/** The audio of a stretch: voices one after the other; or all at once, each silent where it has nothing. */
export interface StretchAudio {
  voices: Voice[];
  areMixed: boolean;
}

/** @returns nothing where there is no audio */
export async function audioOf(stretch: SoundStretch): Promise<StretchAudio | undefined> {
  const { wanted, source } = stretch;
  const { sound } = source;
  if (!sound) return undefined;
  const whole = { from: 0, to: ticksOf(stretch) };
  if ('input' in sound) {
    const open = () => ({ options: inputForeign(sound.input) });
    const { layout } = sound;
    const specifier = specifierOf(sound.input);
    const voice = { open, specifier, startTicks: wanted.firstPts, layout, ...whole };
    return { voices: [voice], areMixed: false };
  }
  const { track } = sound;
  const packets = track.packets.filter(
    ({ pts, format }, n) =>
      (track.packets[n + 1]?.pts ?? track.endPts) >
        wanted.firstPts - (sbrLeadTicks(format) ?? LEAD_TICKS) && pts < wanted.endPts + TRAIL_TICKS,
  );
  const runs = await formatRuns(track, packets);
  if (runs.length === 0) return undefined;
  if (runs.length > MOST_RUNS) {
    const voices = byFormat(runs).map((run) => voiceOf(track, run, whole, wanted.firstPts));
    return { voices, areMixed: true };
  }
  const starts = runs.map(({ packets: [first] }, n) => {
    const early = (runs[n - 1]?.endPts ?? 0) - first!.pts;
    // The first frame lacks what its decoder overlaps it with: those before it are heard to their end.
    return first!.pts - wanted.firstPts + (early > 0 && early < MOST_OVERLAP_TICKS ? early : 0);
  });
  const voices = runs.map((run, n) => {
    const from = n === 0 ? 0 : Math.max(0, starts[n]!);
    const to = Math.min(starts[n + 1] ?? whole.to, whole.to);
    return voiceOf(track, run, { from, to }, wanted.firstPts);
  });
  return { voices: voices.filter(({ from, to }) => to > from), areMixed: false };
}

/** Runs of one format as one, with holes where others are. */
function byFormat(runs: readonly FormatRun[]): FormatRun[] {
  const formats = new Map<string, FormatRun>();
  for (const { packets, format } of runs) {
    const same = formats.get(format?.id ?? '');
    if (same) same.packets.push(...packets);
    else formats.set(format?.id ?? '', { packets: [...packets], format });
  }
  return [...formats.values()].slice(0, MOST_RUNS);
}

/** @param firstPts when the stretch begins */
function voiceOf(
  track: SoundTrack,
  { packets, format }: FormatRun,
  { from, to }: { from: number; to: number },
  firstPts: number,
): Voice {
  // A clock of its own, which does not wrap: it begins as late as the pictures' does.
  const shift = FIRST_PTS - firstPts - from;
  const heard = new HeardTime();
  const kind = format && SOUND_FORMATS[format.codec];
  const isOther = kind && kind.streamType !== track.format.streamType && format.codec !== 'mp3';
  const sound = isOther ? kind : track.format;
  return {
    open: () => {
      heard.spans.length = 0;
      const timed = timedPackets(track, packets, shift, heard);
      return { stream: writeTransportStream(timed, { sound }) };
    },
    specifier: 'a:0',
    startTicks: FIRST_PTS,
    from,
    to,
    layout: format?.layout,
    heard,
  };
}

async function* timedPackets(
  track: SoundTrack,
  packets: readonly RunPacket[],
  shift: number,
  heard: HeardTime,
): AsyncGenerator<TimedPacket> {
  const reader = new FileReader();
  let isAll = false;
  try {
    for (const [n, packet] of packets.entries()) {
      const bytes = await bytesOf(track, reader, packet);
      const ticks = soundingTicks(track.format.streamType, bytes);
      heard.add(packet.pts, ticks ? packet.pts + ticks : (packets[n + 1]?.pts ?? track.endPts));
      yield { stream: 'sound', bytes, pts: packet.pts + shift };
    }
    isAll = true;
  } finally {
    // FFmpeg stops reading where it has what it needs.
    if (!isAll) heard.add(heard.spans.at(-1)?.to ?? 0, Number.POSITIVE_INFINITY);
    await reader.close();
  }
}
