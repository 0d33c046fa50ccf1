import * as z from 'zod';
import { NotCopyableError } from '../../not-copyable.ts';
import { id3TagBytes } from '../../packed-audio/id3.ts';
import { MAX_HEADER_BYTES } from '../../packed-audio/read-sound-frame.ts';
import type { SoundFrame } from '../../packed-audio/sound-frame.ts';
import type { ByteSpan } from '../../source/media-index.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import { readSpans } from '../read-spans.ts';

// MP3 and AAC without a container do not say where a time lies, and frames differ in size: only counting all of
// them from the beginning tells. That is done once, and every so manieth place is noted.

/** Of so many frames, the place of the first is noted: a second and a half of sound. */
const NOTED_EVERY = 64;

const frameIndexSchema = z.object({
  version: z.literal(1),
  /** Of each channel. */
  frameSamples: z.int().positive(),
  /** In Hz. */
  sampleRate: z.int().positive(),
  frameCount: z.int().positive(),
  notedEvery: z.int().positive(),
  /** Where noted frames begin, in bytes from the beginning of the file. */
  places: z.array(z.int().nonnegative()).min(1),
  /** Where the last frame ends. */
  end: z.int().positive(),
});

export type FrameIndex = z.output<typeof frameIndexSchema>;

/** @returns undefined where a text is no index, or one of another version */
export function parseFrameIndex(text: string): FrameIndex | undefined {
  try {
    return frameIndexSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** @returns whole noted stretches that hold the frames `first`…`last`, and the number of the frame they begin with */
export function framesAt(
  { places, notedEvery, end }: FrameIndex,
  first: number,
  last: number,
): { span: ByteSpan; firstFrame: number } {
  const from = Math.min(places.length - 1, Math.max(0, Math.floor(first / notedEvery)));
  const to = Math.floor(last / notedEvery) + 1;
  const span = { start: places[from]!, end: places[to] ?? end };
  return { span, firstFrame: from * notedEvery };
}

/** Reads the header of a frame. @returns nothing when none begins there */
export type FrameReader = (bytes: Buffer, at: number) => SoundFrame | undefined;

/**
 * Counts the frames of a file, all of which is read.
 * @param start where the first one begins
 * @throws NotCopyableError when there are none, or they are not all alike
 */
export async function indexFrames(
  object: RangedObject,
  start: number,
  readFrame: FrameReader,
): Promise<FrameIndex> {
  const counter = new FrameCounter(readFrame, start);
  for await (const piece of readSpans(object, [{ start, end: object.size }])) counter.add(piece);
  return counter.end();
}

class FrameCounter {
  readonly #places: number[] = [];
  #frameCount = 0;
  #kind?: SoundFrame;
  #end = 0;
  /** What is not looked at yet, and where it lies in the file. */
  #bytes: Buffer = Buffer.alloc(0);
  #bytesAt: number;
  /** Of a tag that goes on in the next piece. */
  #tagBytesLeft = 0;

  constructor(
    private readonly readFrame: FrameReader,
    start: number,
  ) {
    this.#bytesAt = start;
  }

  add(piece: Buffer): void {
    const tagBytes = Math.min(this.#tagBytesLeft, piece.length);
    this.#tagBytesLeft -= tagBytes;
    this.#bytesAt += tagBytes;
    this.#bytes = Buffer.concat([this.#bytes, piece.subarray(tagBytes)]);
    this.#count(MAX_HEADER_BYTES);
  }

  end(): FrameIndex {
    this.#count(1);
    if (!this.#kind) throw new NotCopyableError('there are no frames of sound');
    return {
      version: 1,
      frameSamples: this.#kind.samples,
      sampleRate: this.#kind.sampleRate,
      frameCount: this.#frameCount,
      notedEvery: NOTED_EVERY,
      places: this.#places,
      end: this.#end,
    };
  }

  /** @param least bytes that must follow for a place to be looked at */
  #count(least: number): void {
    let at = 0;
    while (at + least <= this.#bytes.length) {
      const frame = this.#frameAt(at);
      if (!frame) {
        at += this.#otherBytes(at);
        continue;
      }
      if (at + frame.frameBytes > this.#bytes.length) break;
      this.#note(frame, this.#bytesAt + at);
      at += frame.frameBytes;
    }
    const doneBytes = Math.min(at, this.#bytes.length);
    this.#tagBytesLeft = at - doneBytes;
    this.#bytesAt += doneBytes;
    this.#bytes = this.#bytes.subarray(doneBytes);
  }

  /** A frame like those before it. One that is not may be rubbish, unless another one like it follows. */
  #frameAt(at: number): SoundFrame | undefined {
    const frame = this.readFrame(this.#bytes, at);
    if (!frame || !this.#kind || areAlike(frame, this.#kind)) return frame;
    const next = this.readFrame(this.#bytes, at + frame.frameBytes);
    return next && areAlike(next, frame) ? frame : undefined;
  }

  #note(frame: SoundFrame, at: number): void {
    this.#kind ??= frame;
    if (!areAlike(frame, this.#kind)) {
      throw new NotCopyableError('the frames of sound are not all alike');
    }
    if (this.#frameCount++ % NOTED_EVERY === 0) this.#places.push(at);
    this.#end = at + frame.frameBytes;
  }

  /** The length of what is no frame: a tag, which may lie between two files that were joined, or rubbish. */
  #otherBytes(at: number): number {
    const tagBytes = id3TagBytes(this.#bytes, at);
    if (tagBytes !== undefined) return tagBytes;
    // The last bytes may be the beginning of a header.
    const last = Math.max(at + 1, this.#bytes.length - MAX_HEADER_BYTES + 1);
    for (let next = at + 1; next < last; next++) {
      const frame = this.#frameAt(next);
      // A sync word may occur by chance: two of them, as far apart as the first one says, do not.
      const after = next + (frame?.frameBytes ?? 0);
      const isUnseen = after + MAX_HEADER_BYTES > this.#bytes.length;
      if (frame && (isUnseen || this.#frameAt(after))) return next - at;
    }
    return last - at;
  }
}

/** A frame with what else its header may tell of channels: AAC's, or MPEG's. */
type AnyFrame = SoundFrame & { channelConfig?: number; isMono?: boolean };

const areAlike = (a: AnyFrame, b: AnyFrame): boolean =>
  a.samples === b.samples &&
  a.sampleRate === b.sampleRate &&
  a.channelConfig === b.channelConfig &&
  a.isMono === b.isMono;
