/**
 * How an audio file is read for a clip. `ranges`: the bytes of the clip, and what tells where they lie.
 * `indexed`: once all of the file, for an index that later clips use. `whole`: all of it, every time.
 */
export type Reading = 'ranges' | 'indexed' | 'whole';

/** The sound of an audio file, of which any part can be had. */
export interface FileSound {
  /** Samples per second that times are counted in: those of the sound, wherever the file tells them. */
  sampleRate: number;
  /** Of each channel, from the first one heard to the last. What encoders put around them is not counted. */
  sampleCount: number;
  reading: Reading;
  /** @returns what has to be decoded for the samples [from, to), and mostly some more around them */
  excerpt(from: number, to: number): Promise<Excerpt>;
}

/** Sound for FFmpeg to decode. */
export interface Excerpt {
  /** A byte stream in the format of one of FFmpeg's demuxers, or input options that name the file on local disk. */
  input: { bytes: AsyncIterable<Buffer>; demuxer: string } | { options: readonly string[] };
  /** Which sample of the file is the first that comes out; negative: before the first one heard. */
  firstSample: number;
}
