import { box } from '../mp4/movie/box-writer.ts';
import type { TrackHeader } from '../mp4/movie/read-movie.ts';
import type { SoundSample } from '../mp4/movie/samples-between.ts';
import {
  fileTypeBox,
  MEDIA_HEADER_BYTES,
  mediaHeader,
  movieBox,
} from '../mp4/movie/write-movie.ts';
import type { SampleChunk } from '../mp4/movie/write-tables.ts';
import type { ByteSpan } from '../source/media-index.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import { readSpans } from './read-spans.ts';

/** What lies between two samples is read along, where that is less than another request costs. */
const MAX_GAP_BYTES = 64 << 10;

/**
 * Samples of a track in an MP4 of their own, which begins with the first of them: FFmpeg gets nothing else of
 * the file.
 * @param wanted in a row, at least one
 */
export async function* mp4Excerpt(
  object: RangedObject,
  { timescale, description }: Pick<TrackHeader, 'timescale' | 'description'>,
  wanted: readonly SoundSample[],
): AsyncGenerator<Buffer> {
  const { spans, chunks, mediaBytes } = layOut(wanted);
  const units = wanted.reduce((sum, { duration }) => sum + duration, 0);
  const samples = wanted.map(({ start, end, duration }) => {
    return { bytes: end - start, duration, delay: 0, isSync: true };
  });
  const movie = (mediaAt: number) =>
    movieBox(
      [
        {
          kind: 'audio',
          timescale,
          description: box('stsd', description),
          startsAt: 0,
          // FFmpeg drops what an edit list does not show: it shows more than there is.
          shownTicks: Math.ceil((units / timescale + 1) * 90_000),
          tables: {
            samples,
            chunks: chunks.map(({ offset, count }) => ({ offset: mediaAt + offset, count })),
          },
        },
      ],
      false,
    );
  const fileType = fileTypeBox();
  const mediaAt = fileType.length + movie(0).length + MEDIA_HEADER_BYTES;
  yield Buffer.concat([fileType, movie(mediaAt), mediaHeader(MEDIA_HEADER_BYTES + mediaBytes)]);
  yield* readSpans(object, spans);
}

/** Where samples lie in the object, in as few pieces as make sense, and where one behind the other. */
function layOut(samples: readonly SoundSample[]) {
  const spans: ByteSpan[] = [];
  const chunks: SampleChunk[] = [];
  let mediaBytes = 0;
  for (const { start, end } of samples) {
    const last = spans.at(-1);
    const gap = last ? start - last.end : -1;
    const isNear = last && gap >= 0 && gap <= MAX_GAP_BYTES;
    if (isNear) last.end = end;
    else spans.push({ start, end });
    if (isNear && gap === 0) chunks.at(-1)!.count++;
    else chunks.push({ offset: mediaBytes + Math.max(0, isNear ? gap : 0), count: 1 });
    mediaBytes += end - start + (isNear ? gap : 0);
  }
  return { spans, chunks, mediaBytes };
}
