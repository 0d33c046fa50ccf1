import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';
import type { MediaIndex, SoundPacket } from '../source/media-index.ts';
import type { Finding } from '../warnings.ts';
import { formatReader } from './frame-format.ts';
import { ID3_HEADER_BYTES, id3TagBytes, id3Timestamp } from './id3.ts';
import { MAX_HEADER_BYTES, readSoundFrame } from './read-sound-frame.ts';
import { SampleClock } from './sample-clock.ts';
import { SOUND_FORMATS, type SoundKind } from './sound-formats.ts';
import type { SoundFrame } from './sound-frame.ts';

// Packed audio: frames of sound without a container, whose time is in a tag: RFC 8216, 3.4.

const WINDOW_BYTES = 1 << 17;
/** What follows the sound in some files, with the title of a song: ID3 v1. */
const TRAILING_TAG = 'TAG';
const TRAILING_TAG_BYTES = 128;
/** A hole that is larger is none: the clock was set anew. */
const MOST_LOST_TICKS = 10 * 90_000;
/** A tag with a picture in it may be large; one that is larger is none. */
const MAX_TAG_BYTES = 16 << 20;

/**
 * Lists the sound of packed audio, one packet to each frame. Frames that are damaged are left out: how many are lost
 * is told by the time that the next chunk states, else estimated by their bytes.
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
  const findings = indexer.findings();
  if (!kind) throw new NotCopyableError('the chunks hold no sound');
  return {
    sound: {
      format: SOUND_FORMATS[kind],
      files: chunks,
      packets,
      endPts,
      read: (source, { file, start, end }) => source.read(chunks[file]!, start, end),
    },
    ...(findings.length > 0 ? { findings } : {}),
  };
}

class Indexer {
  kind?: SoundKind;
  readonly packets: SoundPacket[] = [];
  readonly #clock = new SampleClock();
  /** The last frame: others are about as long. */
  #frame?: SoundFrame;
  /** Before which packet something is missing, and from when on. */
  readonly #holes: { index: number; fromPts: number }[] = [];
  #hasNewHole = false;
  readonly #formatAt = formatReader();

  get endPts(): number {
    return this.#clock.ticks;
  }

  async add(window: FileWindow, file: number, signal: AbortSignal): Promise<void> {
    let at = await this.#readTags(window);
    const firstPacket = this.packets.length;
    while (at < window.size) {
      signal.throwIfAborted();
      const header = await window.bytes(at, MAX_HEADER_BYTES);
      const frame = readSoundFrame(header, 0);
      const end = at + (frame?.frameBytes ?? 0);
      const isOther = frame && this.kind !== undefined && frame.kind !== this.kind;
      if (isOther && (await this.#goesOn(window, end, frame.kind))) {
        throw new NotCopyableError('the codec of the sound changes');
      }
      if (frame && !isOther && end <= window.size) {
        this.kind = frame.kind;
        const last = this.packets.at(-1);
        if (frame.isDependent && last?.file === file && last.end === at) last.end = end;
        else {
          const format = this.#formatAt(header, 0);
          this.packets.push({ file, start: at, end, pts: this.#clock.ticks, format });
          this.#clock.advance(frame.samples, frame.sampleRate);
          this.#frame = frame;
        }
        at = end;
      } else {
        const isCut = frame !== undefined && !isOther;
        const others = frame ? undefined : otherBytes(header, window.size - at);
        at =
          others === undefined
            ? await this.#lose(window, at, isCut ? undefined : firstPacket)
            : at + others;
      }
    }
  }

  /** Where sound is missing, and how that is said. */
  findings(): Finding[] {
    return this.#holes.map(({ index, fromPts }) => ({
      code: 'DAMAGE_CONCEALED',
      message: LOST_AUDIO,
      isAudio: true,
      fromPts,
      toPts: Math.max(fromPts + 1, this.packets[index]?.pts ?? this.endPts),
    }));
  }

  /**
   * Something is missing before `at`, or there is what is no sound: the frame that ends there is not whole, either.
   * @param firstPacket of the chunk; absent: the frame that ends there is followed by another one
   * @returns where frames go on
   */
  async #lose(window: FileWindow, at: number, firstPacket?: number): Promise<number> {
    const isWhole = firstPacket === undefined || this.packets.length <= firstPacket;
    const last = isWhole ? undefined : this.packets.pop();
    const from = last ? last.start + 1 : at + 1;
    const next = await this.#nextFrame(window, from);
    const fromPts = last?.pts ?? this.#clock.ticks;
    const skipped = (next ?? window.size) - (last?.start ?? at);
    const frame = this.#frame;
    if (frame) {
      // One of them was counted.
      const frames = Math.max(last ? 1 : 0, Math.round(skipped / frame.frameBytes));
      this.#clock.advance(frame.samples * (frames - (last ? 1 : 0)), frame.sampleRate);
    }
    this.#holes.push({ index: this.packets.length, fromPts });
    this.#hasNewHole = true;
    return next ?? window.size;
  }

  /** Where a frame begins that another one follows, or nothing. */
  async #nextFrame(window: FileWindow, from: number): Promise<number | undefined> {
    for (let at = from; at < window.size; at++) {
      const frame = readSoundFrame(await window.bytes(at, MAX_HEADER_BYTES), 0);
      if (!frame || (this.kind !== undefined && frame.kind !== this.kind)) continue;
      const end = at + frame.frameBytes;
      if (end === window.size || (await this.#goesOn(window, end, frame.kind))) return at;
    }
    return undefined;
  }

  async #goesOn(window: FileWindow, end: number, kind: SoundKind): Promise<boolean> {
    return readSoundFrame(await window.bytes(end, MAX_HEADER_BYTES), 0)?.kind === kind;
  }

  /** The next chunk states its time: what comes behind the last hole ends there. */
  #setTime(stated: number): void {
    const before = this.#clock.ticks;
    this.#clock.set(stated);
    const late = this.#clock.ticks - before;
    const hole = this.#holes.at(-1);
    if (!this.#hasNewHole || !hole) return;
    this.#hasNewHole = false;
    const isPlausible = Math.abs(late) < MOST_LOST_TICKS;
    for (const packet of isPlausible ? this.packets.slice(hole.index) : []) {
      packet.pts = Math.max(hole.fromPts, packet.pts + late);
    }
  }

  /** The tags before the first frame. @returns where they end */
  async #readTags(window: FileWindow): Promise<number> {
    for (let at = 0; ; ) {
      const length = id3TagBytes(await window.bytes(at, ID3_HEADER_BYTES), 0);
      if (length === undefined) return at;
      if (length <= MAX_TAG_BYTES) {
        const time = id3Timestamp(await window.bytes(at, length));
        if (time !== undefined) this.#setTime(time);
      }
      at += length;
    }
  }
}

const LOST_AUDIO =
  'The chunks hold audio that is not whole: there is silence in place of what is missing. Upload the chunks again if there is a whole copy.';

/** The length of what is not sound, where it is anything we know. */
function otherBytes(header: Buffer, bytesLeft: number): number | undefined {
  const tagBytes = id3TagBytes(header, 0);
  if (tagBytes !== undefined) return tagBytes;
  const isTrailing = header.toString('latin1', 0, 3) === TRAILING_TAG;
  if (isTrailing && bytesLeft === TRAILING_TAG_BYTES) return bytesLeft;
  return undefined;
}
