import { describeSound } from '../mp4/movie/sound-entry.ts';
import type { WrittenTrack } from '../mp4/movie/write-movie.ts';
import type { SampleChunk } from '../mp4/movie/write-tables.ts';
import type { AdtsHeader } from '../packed-audio/adts.ts';
import type { FrameClock } from '../sound/encode-aac.ts';

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
