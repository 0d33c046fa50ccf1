import { FIRST_PTS } from '../cut/splice.ts';
import { type BlackStretch, isMedia, type SoundStretch, ticksOf } from '../cut/stretch.ts';
import type { Job, JobInput } from '../ffmpeg/jobs.ts';
import { FileReader } from '../source/file-reader.ts';
import { audioOf, inputForeign } from '../source/foreign-input.ts';
import type { SoundPacket, SoundTrack } from '../source/media-index.ts';
import {
  type TimedPacket,
  writeTransportStream,
} from '../transport-stream/writing/write-transport-stream.ts';
import { AAC_ENCODER } from './encode-aac.ts';
import { mp3Output } from './encode-mp3.ts';
import { fadesOf } from './fades.ts';
import { SAMPLE_RATE, samplesAt } from './sample-rate.ts';

/**
 * Decoders need some sound before the first that counts: AAC one frame, MP3 what its bit reservoir refers
 * to, Opus 80 ms (RFC 7845, 4.6).
 */
const LEAD_TICKS = 0.25 * 90_000;
const TRAIL_TICKS = 0.1 * 90_000;

/** Encoder, container and file. */
const OUTPUTS = {
  // Level 0 takes half the time of the usual one, and the file lives for seconds.
  flac: (file: string) => ['-c:a', 'flac', '-compression_level', '0', '-f', 'flac', file],
  aac: (file: string) => [...AAC_ENCODER, '-f', 'adts', file],
  mp3: mp3Output,
} as const;

/**
 * Decodes the sound of a segment for exactly the time that its pictures take: 48 kHz stereo. Holes and
 * missing ends become silence. Where stretches meet, what is heard jumps, and so it is faded.
 * @param format FLAC, where it will be encoded with that of other segments; AAC, where it has pictures; MP3, where
 *   it is heard by itself: then its ends are faded, too
 */
export function exactSoundJob(
  stretches: readonly (SoundStretch | BlackStretch)[],
  file: string,
  format: keyof typeof OUTPUTS,
): Job {
  const isAlone = format === 'mp3';
  let start = 0;
  let heard = 0;
  const parts = stretches.map((stretch, n) => {
    const from = samplesAt(start);
    start += ticksOf(stretch);
    const samples = samplesAt(start) - from;
    const sound = isMedia(stretch) ? soundIn(stretch) : undefined;
    if (!sound) return { chain: () => `${silence(samples)}[sound${n}]` };
    const place = heard++;
    const { input, from: firstTick } = sound;
    const filters = [
      exactly(firstTick, firstTick + ticksOf(stretch), samples),
      ...fadesOf(samples, {
        atStart: isAlone || n > 0,
        atEnd: isAlone || n < stretches.length - 1,
      }),
    ].join(',');
    return {
      input,
      chain: (inputs: readonly number[]) =>
        `[${inputs[place]}:${sound.specifier}]${filters}[sound${n}]`,
    };
  });
  const labels = parts.map((_, n) => `[sound${n}]`).join('');
  const joined = `${labels}concat=n=${parts.length}:v=0:a=1[sound]`;
  return {
    inputs: parts.flatMap(({ input }) => (input ? [input] : [])),
    filter: (inputs) => [...parts.map(({ chain }) => chain(inputs)), joined].join(';'),
    outputs: ['-map', '[sound]', ...OUTPUTS[format](file)],
  };
}

/** The input, and when the stretch begins on its clock, in ticks; nothing where there is no sound. */
function soundIn({
  wanted,
  source,
}: SoundStretch): { input: JobInput; from: number; specifier: string } | undefined {
  const { sound } = source;
  if (!sound) return undefined;
  if ('input' in sound) {
    const options = inputForeign(sound.input);
    return { input: { options }, from: wanted.firstPts, specifier: audioOf(sound.input) };
  }
  const { track } = sound;
  const packets = track.packets.filter(
    ({ pts }, n) =>
      (track.packets[n + 1]?.pts ?? track.endPts) > wanted.firstPts - LEAD_TICKS &&
      pts < wanted.endPts + TRAIL_TICKS,
  );
  if (packets.length === 0) return undefined;
  // A clock of its own, which does not wrap: it begins as late as the pictures' does.
  const shift = FIRST_PTS - wanted.firstPts;
  const stream = writeTransportStream(soundPackets(track, packets, shift), { sound: track.format });
  return { input: { stream }, from: FIRST_PTS, specifier: 'a:0' };
}

async function* soundPackets(
  track: SoundTrack,
  packets: readonly SoundPacket[],
  shift: number,
): AsyncGenerator<TimedPacket> {
  const reader = new FileReader();
  try {
    for (const packet of packets) {
      const bytes = await track.read(reader, packet);
      yield { stream: 'sound', bytes, pts: packet.pts + shift };
    }
  } finally {
    await reader.close();
  }
}

/** The filter for the sound between two times, in ticks, as exactly so many samples. */
function exactly(fromTicks: number, toTicks: number, samples: number): string {
  const [start, end] = [(fromTicks / 90_000).toFixed(6), (toTicks / 90_000).toFixed(6)];
  return [
    `aresample=${SAMPLE_RATE}`,
    'aformat=sample_fmts=s16:channel_layouts=stereo',
    `atrim=start=${start}:end=${end}`,
    `asetpts=PTS-${start}/TB`,
    'aresample=async=1:min_hard_comp=0.01:first_pts=0',
    `apad=whole_len=${samples}`,
    `atrim=end_sample=${samples}`,
  ].join(',');
}

const silence = (samples: number) =>
  `anullsrc=r=${SAMPLE_RATE}:cl=stereo,aformat=sample_fmts=s16,atrim=end_sample=${samples}`;
