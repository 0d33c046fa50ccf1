import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';
import type { MediaIndex, SoundPacket } from '../source/media-index.ts';
import { ID3_HEADER_BYTES, id3TagBytes, id3Timestamp } from './id3.ts';
import { MAX_HEADER_BYTES, readSoundFrame } from './read-sound-frame.ts';
import { SampleClock } from './sample-clock.ts';
import { SOUND_FORMATS, type SoundKind } from './sound-formats.ts';

// Packed audio: frames of sound without a container, whose time is in a tag: RFC 8216, 3.4.

const WINDOW_BYTES = 1 << 17;
/** What follows the sound in some files, with the title of a song: ID3 v1. */
const TRAILING_TAG = 'TAG';
const TRAILING_TAG_BYTES = 128;
/** A tag with a picture in it may be large; one that is larger is none. */
const MAX_TAG_BYTES = 16 << 20;

/**
 * Lists the sound of packed audio, one packet to each frame.
 * @param chunks files in order, on one clock
 * @throws NotCopyableError when it is not what we can copy from, with the reason
 */
export async function indexPackedAudio(
  chunks: readonly string[],
  signal: AbortSignal,
): Promise<MediaIndex> {
  const indexer = new Indexer();
  const reader = new FileReader();
  try {
    for (const [file, path] of chunks.entries()) {
      await indexer.add(await FileWindow.open(reader, path, WINDOW_BYTES), file, signal);
    }
  } finally {
    await reader.close();
  }
  const { kind, packets, endPts } = indexer;
  if (!kind) throw new NotCopyableError('the chunks hold no sound');
  return {
    sound: {
      format: SOUND_FORMATS[kind],
      files: chunks,
      packets,
      endPts,
      read: (source, { file, start, end }) => source.read(chunks[file]!, start, end),
    },
  };
}

class Indexer {
  kind?: SoundKind;
  readonly packets: SoundPacket[] = [];
  readonly #clock = new SampleClock();

  get endPts(): number {
    return this.#clock.ticks;
  }

  async add(window: FileWindow, file: number, signal: AbortSignal): Promise<void> {
    let at = await this.#readTags(window);
    while (at < window.size) {
      signal.throwIfAborted();
      const header = await window.bytes(at, MAX_HEADER_BYTES);
      const frame = readSoundFrame(header, 0);
      if (frame) {
        const end = at + frame.frameBytes;
        if (end > window.size) throw new NotCopyableError('a chunk ends within a frame of sound');
        this.#useKind(frame.kind);
        const last = this.packets.at(-1);
        if (frame.isDependent && last?.file === file && last.end === at) last.end = end;
        else {
          this.packets.push({ file, start: at, end, pts: this.#clock.ticks });
          this.#clock.advance(frame.samples, frame.sampleRate);
        }
        at = end;
      } else {
        at += otherBytes(header, window.size - at);
      }
    }
  }

  /** The tags before the first frame. @returns where they end */
  async #readTags(window: FileWindow): Promise<number> {
    for (let at = 0; ; ) {
      const length = id3TagBytes(await window.bytes(at, ID3_HEADER_BYTES), 0);
      if (length === undefined) return at;
      if (length <= MAX_TAG_BYTES) {
        const time = id3Timestamp(await window.bytes(at, length));
        if (time !== undefined) this.#clock.set(time);
      }
      at += length;
    }
  }

  #useKind(kind: SoundKind): void {
    this.kind ??= kind;
    if (kind !== this.kind) throw new NotCopyableError('the codec of the sound changes');
  }
}

/** The length of what is not sound. @throws NotCopyableError when it is nothing we know */
function otherBytes(header: Buffer, bytesLeft: number): number {
  const tagBytes = id3TagBytes(header, 0);
  if (tagBytes !== undefined) return tagBytes;
  const isTrailing = header.toString('latin1', 0, 3) === TRAILING_TAG;
  if (isTrailing && bytesLeft === TRAILING_TAG_BYTES) return bytesLeft;
  throw new NotCopyableError('the frames of sound are out of step');
}
