import { NotCopyableError } from '../not-copyable.ts';
import { ADTS_HEADER_BYTES, adtsHeader, MAX_ADTS_FRAME_BYTES } from '../packed-audio/adts.ts';
import { type FrameFormat, readFrameFormat } from '../packed-audio/frame-format.ts';
import type { ByteReader } from '../source/file-reader.ts';
import type { ByteSpan, MediaIndex, SoundPacket } from '../source/media-index.ts';
import type { TrackFragment } from './fragments/fragments.ts';
import type { AudioTrack } from './tracks/initialization.ts';
import { TrackClock } from './tracks/media-clock.ts';
import type { SoundFormat } from './tracks/sound-format.ts';

const MAX_AAC_BYTES = MAX_ADTS_FRAME_BYTES - ADTS_HEADER_BYTES;

/** Opus needs 80 ms (RFC 7845, 4.6). */
const FOREIGN_LEAD_TICKS = 0.08 * 90_000;
/** Of a sample of Opus, whose clock runs at 48 kHz. */
const OPUS_SAMPLE_TICKS = 90_000 / 48_000;

/** Makes the samples of an audio track the sound of a `MediaIndex`. */
export class SoundCollector {
  readonly trackId: number;
  readonly #files: readonly string[];
  readonly #packets: SoundPacket[] = [];
  readonly #clock: TrackClock;
  readonly #sound?: SoundFormat;
  readonly #format?: FrameFormat;
  readonly #leadTicks: number;
  #endPts = 0;

  constructor(track: AudioTrack, files: readonly string[]) {
    this.trackId = track.id;
    this.#files = files;
    this.#clock = new TrackClock(track);
    this.#sound = track.sound;
    // Some writers put the bytes of it in the wrong order: then it is 0.3 s, and FFmpeg skips as much.
    this.#leadTicks = FOREIGN_LEAD_TICKS + Math.ceil(track.preSkip * OPUS_SAMPLE_TICKS);
    const aac = track.sound?.aac;
    this.#format = aac && readFrameFormat(adtsHeader(aac, 1), 0);
  }

  /**
   * @param file index of the file
   * @param there the only place of the file where there is something; absent: there is something everywhere
   */
  add(fragment: TrackFragment, file: number, there?: ByteSpan): void {
    const clock = this.#clock.next(fragment);
    for (const { start, end, decodeOffset, compositionOffset, duration } of fragment.samples) {
      if (there && (start < there.start || end > there.end)) continue;
      if (this.#sound?.aac && end - start > MAX_AAC_BYTES) {
        throw new NotCopyableError('a frame of AAC is too long for an ADTS header');
      }
      const offset = decodeOffset + compositionOffset;
      const pts = clock.ticks(offset);
      this.#packets.push({ file, start, end, pts, format: this.#format });
      this.#endPts = clock.ticks(offset + duration);
    }
  }

  /** @returns nothing where there is no sound */
  index(): Pick<MediaIndex, 'sound' | 'hasForeignSound' | 'foreignTimes'> {
    if (this.#packets.length === 0) return {};
    const sound = this.#sound;
    if (!sound) {
      const starts = this.#packets.map(({ pts }) => pts);
      const foreignTimes = { starts, endPts: this.#endPts, leadTicks: this.#leadTicks };
      return { hasForeignSound: true, foreignTimes };
    }
    return {
      sound: {
        format: sound.format,
        files: this.#files,
        packets: this.#packets,
        endPts: this.#endPts,
        read: async (reader: ByteReader, { file, start, end }: SoundPacket) => {
          const frame = await reader.read(this.#files[file]!, start, end);
          return sound.aac ? Buffer.concat([adtsHeader(sound.aac, frame.length), frame]) : frame;
        },
      },
    };
  }
}
