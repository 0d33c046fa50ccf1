import { join } from 'node:path';
import { type BlackStretch, isMedia, type SoundStretch, ticksOf } from '../cut/stretch.ts';
import type { Job, JobInput } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import type { OutputOptions } from '../output-options.ts';
import type { MediaWarning } from '../warnings.ts';
import { lossesIn, mixedDown } from './audio-losses.ts';
import { decodedOutput, decodedSound } from './decoded-time.ts';
import { aacEncoder } from './encode-aac.ts';
import { mp3Output } from './encode-mp3.ts';
import { fadesOf } from './fades.ts';
import type { TickSpan } from './heard-time.ts';
import { holdingLayout, intoLayout, type Layout, widest } from './layouts.ts';
import { probeLayout } from './probe-layout.ts';
import { SAMPLE_RATE, samplesAt } from './sample-rate.ts';
import { audioOf, type StretchAudio, type Voice } from './voices.ts';

/** Encoder, container and file. */
const OUTPUTS = {
  // Level 0 takes half the time of the usual one, and the file lives for seconds.
  flac: (file: string) => ['-c:a', 'flac', '-compression_level', '0', '-f', 'flac', file],
  aac: (file: string, layout: Layout) => [...aacEncoder(layout), '-f', 'adts', file],
  mp3: mp3Output,
} as const;

export type ExactFormat = keyof typeof OUTPUTS;

/** Audio that is to be decoded for exactly the time that its frames take. */
export interface ExactSound {
  file: string;
  format: ExactFormat;
  job: Job;
  /** The same once more, with silence in place of voices that turned out to be lost. */
  again: () => Job;
  /** What is decoded, lost or not. */
  voices: readonly Voice[];
  /** The same in another way, which bears formats that change without a header that tells so. */
  inTwoSteps: (work: MediaWork) => { decoding: Job[]; placing: Job };
  /** Of what comes out. */
  layout: Layout;
  /** How long it will be, in samples of 48 kHz. */
  sampleCount: number;
  /** In what it is less than the source, once the job is done. */
  warnings: () => Promise<MediaWarning[]>;
}

/** A stretch and its audio. */
export interface Part {
  stretch: SoundStretch | BlackStretch;
  audio?: StretchAudio;
}

/**
 * Decodes the sound of a segment for exactly the time that its pictures take, at 48 kHz. Holes and missing ends
 * become silence. Where stretches meet, what is heard jumps, and so it is faded; where only the format changes, it is
 * not. The layout is the source's; where that changes, the one with most channels.
 * @param format FLAC, where it will be encoded with that of other segments; AAC, where it has pictures; MP3, where
 *   it is heard by itself: then its ends are faded, too, and it has two channels at the most
 */
export async function exactSound(
  stretches: readonly (SoundStretch | BlackStretch)[],
  file: string,
  format: ExactFormat,
  work: MediaWork,
  { audioChannels }: Pick<OutputOptions, 'audioChannels'> = { audioChannels: 'source' },
): Promise<ExactSound> {
  const parts: Part[] = [];
  for (const stretch of stretches) {
    const audio = isMedia(stretch) ? await audioOf(stretch) : undefined;
    parts.push({ stretch, ...(audio ? { audio } : {}) });
  }
  const all = parts.flatMap(({ audio }) => audio?.voices ?? []);
  await probeLayouts(all, work);
  const audible = () => all.filter(({ isLost }) => !isLost);
  const kept = widest(audible().map(({ layout }) => holdingLayout(layout ?? 'stereo') ?? '7.1'));
  const isMono = kept === 'mono' && audioChannels === 'source';
  const isFew = format === 'mp3' || audioChannels === 'stereo';
  const layout = isFew ? (isMono ? 'mono' : 'stereo') : kept;
  const isAlone = format === 'mp3';
  const graph = () => graphOf(parts, layout, isAlone);
  const timesOf = (n: number) => join(work.folder, `decoded-${n}.txt`);
  const jobOf = (inputs: readonly JobInput[]): Job => ({
    inputs,
    filter: graph().filter,
    outputs: [
      ...['-map', '[sound]', ...OUTPUTS[format](file, layout)],
      ...inputs.flatMap((_, n) => ['-map', decodedLabel(n), ...decodedOutput(timesOf(n))]),
    ],
  });
  const again = () => jobOf(audible().map(({ open }) => open()));
  return {
    ...{ file, format, layout, sampleCount: graph().sampleCount, voices: all, job: again(), again },
    inTwoSteps: ({ folder }) => {
      const decoded = audible().map((_, n) => join(folder, `voice-${n}.nut`));
      const decoding = audible().map((voice, n) => decodingJob(voice, n, decoded[n]!, layout));
      for (const voice of audible()) {
        Object.assign(voice, { layout, isDecoded: true, specifier: 'a:0' });
      }
      return {
        decoding,
        placing: jobOf(decoded.map((one) => ({ options: inputFile(one, 'nut') }))),
      };
    },
    warnings: async () => {
      const decoded = new Map<Voice, readonly TickSpan[]>();
      for (const [n, voice] of audible().entries()) {
        decoded.set(voice, (await decodedSound(timesOf(n))).spans);
      }
      return [...(isFew ? [] : mixedDown(audible(), layout)), ...lossesIn(parts, decoded)];
    },
  };
}

/** Decodes a voice into one format, and keeps its times. No filter here counts: FFmpeg may set them up again. */
const decodingJob = (voice: Voice, n: number, file: string, layout: Layout): Job => ({
  inputs: [voice.open()],
  filter: ([input]) =>
    `[${input}:${voice.specifier}]aresample=${SAMPLE_RATE},${intoLayout(undefined, layout)}[voice${n}]`,
  outputs: ['-map', `[voice${n}]`, '-c:a', 'pcm_s16le', '-f', 'nut', file],
});

/** Of so many formats whose headers do not tell their layout, a decoder is asked: each takes a process. */
const MOST_PROBES = 2;

async function probeLayouts(voices: readonly Voice[], work: MediaWork): Promise<void> {
  const unknown = voices.filter(({ layout }) => !layout).slice(0, MOST_PROBES);
  for (const voice of unknown) {
    const layout = await probeLayout(voice.open(), voice.specifier, work);
    if (layout) voice.layout = layout;
    else voice.isLost = true;
  }
}

/** The filter graph, whose inputs are those of all voices that are not lost, and how many samples come out of it. */
function graphOf(
  parts: readonly Part[],
  layout: Layout,
  isAlone: boolean,
): { filter: Job['filter']; sampleCount: number } {
  let at = 0;
  let voices = 0;
  let labels = 0;
  const chains: ((inputs: readonly number[]) => string)[] = [];
  const pieces: string[] = [];
  const add = (chain: (inputs: readonly number[]) => string): string => {
    const label = `[sound${labels++}]`;
    chains.push((inputs) => chain(inputs) + label);
    return label;
  };
  const addVoice = (voice: Voice, samples: number, more: readonly string[]) => {
    if (voice.isLost) return add(() => silence(samples, layout));
    const place = voices++;
    const inTime = partOf(voice, layout);
    const filters = [...exactly(voice, samples), ...more].join(',');
    return add((inputs) => {
      const input = `[${inputs[place]}:${voice.specifier}]${inTime}`;
      const split = `asplit[part${place}][times${place}]`;
      const times = `[times${place}]pan=mono|c0=c0${decodedLabel(place)}`;
      return `${input},${split};${times};[part${place}]${filters}`;
    });
  };
  for (const [n, { stretch, audio }] of parts.entries()) {
    const samplesIn = (from: number, to: number) => samplesAt(at + to) - samplesAt(at + from);
    const ticks = ticksOf(stretch);
    const fades = (samples: number, isFirst: boolean, isLast: boolean) =>
      fadesOf(samples, {
        atStart: isFirst && (isAlone || n > 0),
        atEnd: isLast && (isAlone || n < parts.length - 1),
      });
    const all = samplesIn(0, ticks);
    if (!audio) pieces.push(add(() => silence(all, layout)));
    else if (audio.areMixed) {
      const mixed = audio.voices.map((voice) => addVoice(voice, all, []));
      const mix = `amix=inputs=${mixed.length}:normalize=0,aformat=sample_fmts=s16`;
      const filters = [mix, ...fades(all, true, true)].join(',');
      pieces.push(add(() => mixed.join('') + filters));
    } else {
      for (const [k, voice] of audio.voices.entries()) {
        const samples = samplesIn(voice.from, voice.to);
        const isLast = k === audio.voices.length - 1;
        pieces.push(addVoice(voice, samples, fades(samples, k === 0, isLast)));
      }
    }
    at += ticks;
  }
  const joined = `${pieces.join('')}concat=n=${pieces.length}:v=0:a=1[sound]`;
  return {
    filter: (inputs) => [...chains.map((chain) => chain(inputs)), joined].join(';'),
    sampleCount: samplesAt(at),
  };
}

/** Of the n-th voice that is decoded: what comes out of its decoder, when. */
const decodedLabel = (n: number) => `[decoded${n}]`;

/** The filters for the part of a voice that is heard, at its own times. */
function partOf({ startTicks, from, to, layout: own }: Voice, layout: Layout): string {
  const end = startTicks + to - from;
  const trim = `atrim=start=${seconds(startTicks)}:end=${seconds(end)}`;
  return [`aresample=${SAMPLE_RATE}`, intoLayout(own, layout), trim].join(',');
}

/** The filters that make exactly so many samples of it. */
const exactly = ({ startTicks, isDecoded }: Voice, samples: number): string[] => [
  `asetpts=PTS-${seconds(startTicks)}/TB`,
  // Clocks of sources are rounded; where formats change unseen, encoders have begun anew, with an overlap.
  `aresample=async=1:min_hard_comp=${isDecoded ? 0.001 : 0.01}:first_pts=0`,
  `apad=whole_len=${samples}`,
  `atrim=end_sample=${samples}`,
];

const seconds = (ticks: number) => (ticks / 90_000).toFixed(6);

const silence = (samples: number, layout: Layout) =>
  `anullsrc=r=${SAMPLE_RATE}:cl=${layout},aformat=sample_fmts=s16,atrim=end_sample=${samples}`;
