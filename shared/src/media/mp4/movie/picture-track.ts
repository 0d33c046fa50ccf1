import type { ParameterSetList, VideoCodec } from '../../source/media-index.ts';
import { describePictures } from './picture-entry.ts';
import type { WrittenTrack } from './write-movie.ts';
import type { SampleChunk } from './write-tables.ts';

/** A picture that is written. Times are in ticks of 90 kHz. */
export interface WrittenPicture {
  bytes: number;
  pts: number;
  dts: number;
  /** Whether a player may begin here. */
  isSync: boolean;
}

/** The pictures of a file, and where they lie in it. */
export interface WrittenPictures {
  codec: VideoCodec;
  sets: ParameterSetList;
  /** In decoding order. */
  pictures: readonly WrittenPicture[];
  chunks: readonly SampleChunk[];
  /** When the first of them is shown, how long all are, and how long the last one. */
  firstPts: number;
  shownTicks: number;
  lastFrameTicks: number;
}

/**
 * The track of a file's pictures, as its header describes it.
 * @throws NotCopyableError when a parameter set is damaged
 */
export function pictureTrack(written: WrittenPictures): WrittenTrack {
  const { codec, sets, pictures, chunks, firstPts, shownTicks, lastFrameTicks } = written;
  return {
    kind: 'video',
    timescale: 90_000,
    ...describePictures(codec, sets),
    startsAt: firstPts - pictures[0]!.dts,
    shownTicks,
    tables: {
      samples: pictures.map(({ bytes, pts, dts, isSync }, n) => {
        const nextDts = pictures[n + 1]?.dts ?? dts + lastFrameTicks;
        return { bytes, duration: nextDts - dts, delay: pts - dts, isSync };
      }),
      chunks,
    },
  };
}
