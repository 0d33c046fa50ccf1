import { box } from '../mp4/movie/box-writer.ts';
import { MediaWriter } from '../mp4/movie/media-writer.ts';
import type { MovieTrack } from '../mp4/movie/read-movie.ts';
import type { MovieSample } from '../mp4/movie/read-tables.ts';
import {
  fragmentedMovieBox,
  fragmentedTypeBox,
  fragmentHead,
} from '../mp4/movie/write-fragments.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { ReadAhead } from '../source/read-ahead.ts';
import type { ChunkPlan } from './plan-chunks.ts';

/** A byte range of a rung's one file. */
export interface RungChunk {
  offset: number;
  bytes: number;
  durationSeconds: number;
}

/** A rung's one file: what precedes all chunks, and they behind each other. */
export interface WrittenRung {
  headerBytes: number;
  chunks: RungChunk[];
}

/**
 * What the first picture's time is in HLS. Sound begins before it, as encoders of AAC put silence first, and
 * decoding begins before showing: with some room no time is negative, and no edit list is needed, which not
 * every player heeds in fragments. Players begin where the chunks do.
 */
export const FIRST_PICTURE_SECONDS = 10;

/** Times were rounded to ticks of 90 kHz, if at all. */
const ROUNDING_SECONDS = 0.001;

/**
 * Writes an MP4 anew as one file of chunks that can be played each by itself. Nothing is encoded.
 * @param movieFile where the samples of the tracks lie
 * @throws NotCopyableError when there is no key picture where a chunk begins
 */
export async function writeRung(
  file: string,
  movieFile: string,
  tracks: readonly MovieTrack[],
  plan: ChunkPlan,
  signal: AbortSignal,
): Promise<WrittenRung> {
  const parts = tracks.map((track) => partTrack(track, plan.startsSeconds));
  const readers = tracks.map(() => new ReadAhead());
  const out = await MediaWriter.create(file);
  try {
    await out.write(fragmentedTypeBox());
    await out.write(header(tracks));
    const headerBytes = out.position;
    const chunks: RungChunk[] = [];
    for (const [n, start] of plan.startsSeconds.entries()) {
      signal.throwIfAborted();
      const offset = out.position;
      const present = tracks.flatMap((track, place) => {
        const samples = parts[place]![n]!;
        return samples.length > 0 ? [{ track, place, samples }] : [];
      });
      const fragment = present.map(({ track, place, samples }) => ({
        id: place + 1,
        decodeTime: decodeTime(track, samples[0]!),
        samples: samples.map(described),
      }));
      await out.write(fragmentHead(n + 1, fragment));
      for (const { place, samples } of present) {
        for (const { start, end } of samples) {
          await out.write(await readers[place]!.read(movieFile, start, end));
        }
      }
      const durationSeconds = (plan.startsSeconds[n + 1] ?? plan.endSeconds) - start;
      chunks.push({ offset, bytes: out.position - offset, durationSeconds });
    }
    // Writes what is collected, too.
    await out.overwrite(0, fragmentedTypeBox());
    return { headerBytes, chunks };
  } finally {
    for (const reader of readers) await reader.close();
    await out.close();
  }
}

const header = (tracks: readonly MovieTrack[]): Buffer =>
  fragmentedMovieBox(
    tracks.map(({ kind, timescale, description, size }) => ({
      kind,
      timescale,
      size,
      description: box('stsd', description),
    })),
  );

const described = ({ start, end, dts, pts, duration, isSync }: MovieSample) => ({
  bytes: end - start,
  duration,
  delay: pts - dts,
  isSync,
});

function decodeTime({ timescale, startsAt }: MovieTrack, { dts }: MovieSample): number {
  const time = Math.round(dts - startsAt + FIRST_PICTURE_SECONDS * timescale);
  if (time < 0) throw new NotCopyableError('pictures are decoded long before they are shown');
  return time;
}

/** The samples of each chunk: pictures from key picture to key picture, sound by when it is heard. */
function partTrack(track: MovieTrack, startsSeconds: readonly number[]): MovieSample[][] {
  const { kind, timescale, startsAt, samples } = track;
  const secondsOf = ({ pts }: MovieSample) => (pts - startsAt) / timescale;
  const begins = startsSeconds.map((start, n) => {
    if (n === 0) return 0;
    const isIt = (sample: MovieSample) =>
      kind === 'audio'
        ? secondsOf(sample) >= start
        : sample.isSync && Math.abs(secondsOf(sample) - start) < ROUNDING_SECONDS;
    const index = samples.findIndex(isIt);
    if (index !== -1) return index;
    // Sound may end before the pictures do.
    if (kind === 'audio') return samples.length;
    throw new NotCopyableError(`there is no key picture at ${start.toFixed(3)} s`);
  });
  return begins.map((from, n) => samples.slice(from, begins[n + 1]));
}
