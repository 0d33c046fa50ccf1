import { NotCopyableError } from '../not-copyable.ts';
import type { ByteReader } from '../source/file-reader.ts';
import type { FileWindow } from '../source/file-window.ts';
import type { AccessUnit, PictureTrack } from '../source/media-index.ts';
import { toAnnexB } from './annex-b.ts';
import { describePicture, structuresOf } from './describe-picture.ts';
import { isSyncSample, type TrackFragment } from './fragments/fragments.ts';
import { repairFirstTime } from './repair-times.ts';
import type { VideoTrack } from './tracks/initialization.ts';
import { TrackClock } from './tracks/media-clock.ts';
import type { PictureFormat } from './tracks/picture-format.ts';

/** Makes the samples of a video track the pictures of a `MediaIndex`. */
export class PictureCollector {
  readonly trackId: number;
  readonly #files: readonly string[];
  readonly #units: AccessUnit[] = [];
  readonly #clock: TrackClock;
  readonly #format: PictureFormat;
  readonly #rotationDegrees: number;
  readonly #structures;
  #lastIdr?: AccessUnit;

  /** @throws NotCopyableError for codecs that we cannot copy */
  constructor(track: VideoTrack, files: readonly string[]) {
    if (!track.pictures) {
      throw new NotCopyableError(`the video is ${track.codec}, which we do not copy`);
    }
    this.trackId = track.id;
    this.#files = files;
    this.#clock = new TrackClock(track);
    this.#format = track.pictures;
    this.#structures = structuresOf(track.pictures);
    this.#rotationDegrees = track.rotationDegrees;
  }

  /** @param file index of the file, on which the window is */
  async add(
    fragment: TrackFragment,
    file: number,
    window: FileWindow,
    signal: AbortSignal,
  ): Promise<void> {
    const clock = this.#clock.next(fragment);
    const from = this.#units.length;
    for (const { start, end, flags, ...sample } of fragment.samples) {
      signal.throwIfAborted();
      const pts = clock.ticks(sample.decodeOffset + sample.compositionOffset);
      const place = { file, start, end, pts, isSync: isSyncSample(flags) };
      const described = await describePicture(window, place, this.#format, this.#structures);
      const { isSecondField, ...unit } = described;
      if (isSecondField) {
        this.#joinFields(unit);
        continue;
      }
      this.#units.push(unit);
      // HEVC lets pictures follow an IDR picture that are shown before it: to us it is only a key then.
      if (unit.isIdr) this.#lastIdr = unit;
      else if (this.#lastIdr && pts < this.#lastIdr.pts) this.#lastIdr.isIdr = false;
    }
    const units = this.#units.slice(from);
    // Of fields in samples of their own, there are more.
    if (units.length < fragment.samples.length) return;
    const offsets = [...fragment.samples.map((one) => one.decodeOffset), fragment.duration];
    const decoded = offsets.map((offset) => clock.ticks(offset));
    repairFirstTime(units, decoded);
  }

  /** Some writers put each field into a sample of its own: the second becomes part of the first one's unit. */
  #joinFields(second: AccessUnit): void {
    const first = this.#units.at(-1);
    if (first?.file !== second.file || first.end !== second.start) {
      throw new NotCopyableError('the fields of a frame lie apart');
    }
    first.end = second.end;
    first.isDisposable &&= second.isDisposable;
  }

  /** @returns nothing where there are no pictures */
  track(): PictureTrack | undefined {
    if (this.#units.length === 0) return undefined;
    const format = this.#format;
    return {
      codec: format.codec,
      files: this.#files,
      units: this.#units,
      rotationDegrees: this.#rotationDegrees,
      read: async (reader: ByteReader, unit: AccessUnit) => {
        const sample = await reader.read(this.#files[unit.file]!, unit.start, unit.end);
        return toAnnexB(sample, unit, format);
      },
    };
  }
}
