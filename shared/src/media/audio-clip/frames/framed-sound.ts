import type { ByteSpan } from '../../source/media-index.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import type { FileSound, Reading } from '../file-sound.ts';
import { readSpans } from '../read-spans.ts';
import { type FrameIndex, type FrameReader, framesAt, indexFrames } from './frame-index.ts';

/** Where the index of a file is kept, once it has been made. */
export interface IndexStore {
  load(): Promise<FrameIndex | undefined>;
  save(index: FrameIndex): Promise<void>;
}

/** Frames of sound that follow each other, all of one length in time. */
export interface Frames {
  frameSamples: number;
  sampleRate: number;
  frameCount: number;
  /** How all of the file came to be read, if it was. */
  reading: Reading;
  /** @returns at least the frames `first`…`last`, and the number of the frame that they begin with */
  find(first: number, last: number): Promise<{ span: ByteSpan; firstFrame: number }>;
}

/** Frames by an index, which is made where there is none yet. */
export async function indexedFrames(
  object: RangedObject,
  start: number,
  readFrame: FrameReader,
  store: IndexStore,
): Promise<Frames> {
  const known = await store.load();
  const index = known ?? (await indexFrames(object, start, readFrame));
  if (!known) await store.save(index);
  const { frameSamples, sampleRate, frameCount } = index;
  return {
    ...{ frameSamples, sampleRate, frameCount, reading: known ? 'ranges' : 'indexed' },
    find: async (first, last) => framesAt(index, first, last),
  };
}

/**
 * Frames that are decoded before the first that counts. AAC needs one, and MP3 those that its bit reservoir refers
 * to: up to 511 bytes back, which are some 30 frames at 8 kbit/s.
 */
const LEAD_FRAMES = 40;

/** Samples in the frames that are not heard. */
export interface Padding {
  start: number;
  end: number;
}

/** @param demuxer FFmpeg's, for the bare frames */
export function framedSound(
  object: RangedObject,
  frames: Frames,
  { start, end }: Padding,
  demuxer: string,
): FileSound {
  const { frameSamples, sampleRate, frameCount, reading } = frames;
  return {
    sampleRate,
    sampleCount: Math.max(0, frameCount * frameSamples - start - end),
    reading,
    excerpt: async (from, to) => {
      const first = Math.floor((from + start) / frameSamples) - LEAD_FRAMES;
      const last = Math.min(Math.floor((to + start) / frameSamples) + 1, frameCount - 1);
      const { span, firstFrame } = await frames.find(Math.max(0, first), last);
      const bytes = readSpans(object, [span]);
      return { input: { bytes, demuxer }, firstSample: firstFrame * frameSamples - start };
    },
  };
}
