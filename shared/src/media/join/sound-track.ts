import { describePictures } from '../mp4/movie/picture-entry.ts';
import { describeSound } from '../mp4/movie/sound-entry.ts';
import type { WrittenTrack } from '../mp4/movie/write-movie.ts';
import type { SampleChunk } from '../mp4/movie/write-tables.ts';
import type { AdtsHeader } from '../packed-audio/adts.ts';
import type { FrameClock } from '../sound/encode-aac.ts';
import type { JoinedPictures } from './joined-pictures.ts';

/**
 * The pictures of a clip as its header describes them.
 * @param endTicks where the last of them ends, in ticks of 90 kHz
 * @param chunks where they lie in the file
 */
export function pictureTrack(
  { codec, sets, pictures, lastFrameTicks }: JoinedPictures,
  endTicks: number,
  chunks: readonly SampleChunk[],
): WrittenTrack {
  const samples = pictures.map(({ start, end, pts, dts, isSync }, n) => {
    const nextDts = pictures[n + 1]?.dts ?? dts + lastFrameTicks;
    return { bytes: end - start, duration: nextDts - dts, delay: pts - dts, isSync };
  });
  return {
    kind: 'video',
    timescale: 90_000,
    ...describePictures(codec, sets),
    startsAt: -pictures[0]!.dts,
    shownTicks: endTicks,
    tables: { samples, chunks },
  };
}

/**
 * The sound of a clip as its header describes it.
 * @param sizes of its frames, in bytes, without their headers
 * @throws NotCopyableError when the frames themselves say which channels there are
 */
export function soundTrack(
  { rate, frameSamples, primingSamples, sampleCount }: FrameClock,
  header: AdtsHeader,
  sizes: readonly number[],
  chunks: readonly SampleChunk[],
): WrittenTrack {
  // Of the last frame, only what belongs to the clip is heard.
  const durationOf = (n: number) => Math.min(frameSamples, sampleCount - n * frameSamples);
  return {
    kind: 'audio',
    timescale: rate,
    description: describeSound(header),
    startsAt: primingSamples,
    shownTicks: Math.round(((sampleCount - primingSamples) * 90_000) / rate),
    tables: {
      samples: sizes.map((bytes, n) => ({
        bytes,
        duration: durationOf(n),
        delay: 0,
        isSync: true,
      })),
      chunks,
    },
  };
}
