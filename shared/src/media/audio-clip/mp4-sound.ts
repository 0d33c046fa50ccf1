import { bodiesIn, bodyIn, movieBodyIn, parse } from '../mp4/boxes.ts';
import { readTrackHeaders, type TrackHeader } from '../mp4/movie/read-movie.ts';
import { type SoundSample, samplesBetween, soundExtent } from '../mp4/movie/samples-between.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { readSoundFormat } from '../mp4/tracks/sound-format.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { adtsHeader } from '../packed-audio/adts.ts';
import { readFrameFormat, sbrLeadTicks } from '../packed-audio/frame-format.ts';
import type { FileWindow } from '../source/file-window.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import { CLOCK_HZ } from '../transport-stream/clock.ts';
import type { FileSound } from './file-sound.ts';
import { mp4Excerpt } from './mp4-excerpt.ts';
import { audioUndecodable } from './undecodable.ts';

/**
 * Decoders need some sound before the first that counts: AAC one frame, Opus 80 ms (RFC 7845, 4.6). What
 * follows costs little.
 */
const LEAD_SECONDS = 0.25;
const TRAIL_SECONDS = 0.1;

/**
 * The first track of sound of an MP4 that is not fragmented, in whatever codec: its samples are moved to a
 * small MP4 as they are.
 * @throws NotCopyableError when there is none, or the file is damaged or fragmented
 */
export async function openMp4Sound(object: RangedObject, window: FileWindow): Promise<FileSound> {
  const movie = await movieBodyIn(window);
  const track = movie && readTrackHeaders(movie).find(({ kind }) => kind === 'audio');
  if (!track) throw new NotCopyableError('the MP4 holds no sound');
  const { timescale, tables } = track;
  const sampleRate = parse(() => sampleRateOf(track));
  const heard = parse(() => heardOf(track, movie));
  const leadSeconds = parse(() => leadOf(track));
  const samplesIn = (units: number) => Math.round((units * sampleRate) / timescale);
  const unitsIn = (count: number) => heard.from + (count * timescale) / sampleRate;
  return {
    sampleRate,
    sampleCount: Math.max(0, samplesIn(heard.to - heard.from)),
    reading: 'ranges',
    excerpt: async (from, to) => {
      const start = unitsIn(from) - leadSeconds * timescale;
      const end = unitsIn(to) + TRAIL_SECONDS * timescale;
      const wanted = found(() => samplesBetween(tables, start, end));
      const [first] = wanted;
      if (!first || wanted.some((sample) => sample.end > object.size)) {
        throw audioUndecodable('it lacks sound that its header lists');
      }
      const bytes = mp4Excerpt(object, track, wanted);
      const firstSample = samplesIn(first.time - heard.from);
      return { input: { bytes, demuxer: 'mov' }, firstSample };
    },
  };
}

/** @throws PermanentError `AUDIO_UNDECODABLE` where the tables turn out not to fit together */
function found(find: () => SoundSample[]): SoundSample[] {
  try {
    return parse(find);
  } catch (error) {
    if (!(error instanceof NotCopyableError)) throw error;
    throw audioUndecodable(error.message, error);
  }
}

/** What of the track is heard, on the clock of its samples. */
function heardOf({ shown, tables, timescale }: TrackHeader, movie: Buffer) {
  const { count, units } = soundExtent(tables);
  if (count === 0 || timescale === 0) throw new NotCopyableError('the MP4 lists no sound');
  const gapless = shown.from === 0 ? gaplessOf(movie) : undefined;
  if (gapless) {
    const { priming, samples } = gapless;
    return { from: priming, to: samples > 0 ? Math.min(units, priming + samples) : units };
  }
  // Whether it begins later than the picture does not matter: time 0 is its first sample.
  const { from } = shown;
  return { from, to: shown.units > 0 ? Math.min(units, from + shown.units) : units };
}

/** In seconds. */
function leadOf({ description }: TrackHeader): number {
  const { aac } = readSoundFormat(readSampleEntry(description)) ?? {};
  const sbrTicks = aac && sbrLeadTicks(readFrameFormat(adtsHeader(aac, 1), 0));
  return sbrTicks ? sbrTicks / CLOCK_HZ : LEAD_SECONDS;
}

const RATE_AT = 24;

/** An `AudioSampleEntry` tells it in 16.16 bits, which do not hold more than 64 kHz: then the clock is as good. */
function sampleRateOf({ description, timescale }: TrackHeader): number {
  const { body } = readSampleEntry(description);
  return body.readUInt16BE(RATE_AT) || timescale;
}

const ITUNES_GAPLESS = /^\s*[0-9A-F]{8} ([0-9A-F]{8}) [0-9A-F]{8} ([0-9A-F]{16})/i;

/**
 * Apple's encoders say in a comment, not in an edit list, what of the sound is their own: `iTunSMPB`, with the
 * samples in front and those of the original. FFmpeg and players go by it.
 */
function gaplessOf(movie: Buffer): { priming: number; samples: number } | undefined {
  const meta = bodyIn(movie, 'udta', 'meta');
  // `meta` is a full box.
  const list = meta && bodyIn(meta.subarray(4), 'ilst');
  for (const comment of list ? bodiesIn(list, '----') : []) {
    if (!bodyIn(comment, 'name')?.toString('latin1').endsWith('iTunSMPB')) continue;
    const text = bodyIn(comment, 'data')?.toString('latin1', 8) ?? '';
    const [, priming, samples] = ITUNES_GAPLESS.exec(text) ?? [];
    if (!priming || !samples) continue;
    return { priming: Number.parseInt(priming, 16), samples: Number.parseInt(samples, 16) };
  }
  return undefined;
}
