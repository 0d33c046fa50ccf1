import { MediaWriter } from '../mp4/movie/media-writer.ts';
import { pictureTrack } from '../mp4/movie/picture-track.ts';
import {
  fileTypeBox,
  MEDIA_HEADER_BYTES,
  mediaHeader,
  movieBox,
} from '../mp4/movie/write-movie.ts';
import { OutputCheckError } from '../output-check-error.ts';
import { type AacFrame, framesOf, rawBytes } from '../sound/aac-frames.ts';
import type { ByteReader } from '../source/file-reader.ts';
import { ReadAhead } from '../source/read-ahead.ts';
import { type ClipChunk, interleave } from './interleave.ts';
import type { JoinedPicture, JoinedPictures } from './joined-pictures.ts';
import type { JoinedSound } from './joined-sound.ts';
import { soundTrack } from './sound-track.ts';

/** Whatever is smaller has 32 bits for each offset, with its sound and its header, too. */
const LARGE_MEDIA_BYTES = 2 ** 31;

/** What a clip is made of. */
export interface ClipContent {
  pictures: JoinedPictures;
  sound?: JoinedSound;
  /** Where the last picture ends, in ticks of 90 kHz. */
  endTicks: number;
}

/**
 * Writes a clip whose pictures are copied as they lie in the segments. The header comes first, so that playing
 * can begin before all is there. All that is not known of it beforehand, where things lie and how large the
 * frames of sound are, does not change how long it is.
 * @throws OutputCheckError when there are more or fewer frames of sound than there should be
 */
export async function writeClip(
  file: string,
  content: ClipContent,
  signal: AbortSignal,
): Promise<void> {
  const plan = interleave(content.pictures.pictures, content.sound?.clock);
  const frames = content.sound && framesOf(content.sound.frames);
  const reader = new ReadAhead();
  const out = await MediaWriter.create(file);
  try {
    const first = frames && (await nextFrame(frames));
    const header = headerOf(content, first, plan);
    await out.write(fileTypeBox());
    const headerAt = out.position;
    await out.write(header([], []));
    const mediaAt = out.position;
    await out.write(Buffer.alloc(MEDIA_HEADER_BYTES));
    const offsets: number[] = [];
    const sizes: number[] = [];
    for (const { kind, from, to } of plan) {
      signal.throwIfAborted();
      offsets.push(out.position);
      if (kind === 'video') {
        await copyPictures(content.pictures.pictures.slice(from, to), reader, out);
        continue;
      }
      for (let n = from; n < to; n++) {
        const bytes = rawBytes(n === 0 ? first! : await nextFrame(frames!));
        sizes.push(bytes.length);
        await out.write(bytes);
      }
    }
    if (frames && !(await frames.next()).done) throw lostSound('more');
    const mediaBytes = out.position - mediaAt;
    await out.overwrite(mediaAt, mediaHeader(mediaBytes));
    await out.overwrite(headerAt, header(offsets, sizes));
  } finally {
    await frames?.return(undefined);
    await reader.close();
    await out.close();
  }
}

/** @returns makes the header; without offsets and sizes, one of the same length */
function headerOf(
  { pictures, sound, endTicks }: ClipContent,
  first: AacFrame | undefined,
  plan: readonly ClipChunk[],
): (offsets: readonly number[], sizes: readonly number[]) => Buffer {
  const mediaBytes = pictures.pictures.reduce((sum, { bytes }) => sum + bytes, 0);
  return (offsets, sizes) => {
    const chunksOf = (kind: ClipChunk['kind']) =>
      plan.flatMap(({ from, to, ...chunk }, n) =>
        chunk.kind === kind ? [{ offset: offsets[n] ?? 0, count: to - from }] : [],
      );
    const tracks = [
      pictureTrack({
        ...pictures,
        chunks: chunksOf('video'),
        firstPts: 0,
        shownTicks: endTicks,
      }),
    ];
    if (sound && first) {
      const known = Array.from({ length: sound.clock.frameCount }, (_, n) => sizes[n] ?? 0);
      tracks.push(soundTrack(sound.clock, first.header, known, chunksOf('audio')));
    }
    return movieBox(tracks, mediaBytes >= LARGE_MEDIA_BYTES);
  };
}

async function nextFrame(frames: AsyncGenerator<AacFrame>): Promise<AacFrame> {
  const { value, done } = await frames.next();
  if (done) throw lostSound('fewer');
  return value;
}

const lostSound = (than: 'more' | 'fewer') =>
  new OutputCheckError(`there are ${than} frames of audio than the clip is long`);

async function copyPictures(
  pictures: readonly JoinedPicture[],
  reader: ByteReader,
  out: MediaWriter,
): Promise<void> {
  for (const { file, start, bytes } of pictures) {
    await out.write(await reader.read(file, start, start + bytes));
  }
}
