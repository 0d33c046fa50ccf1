import { splitAtStartCodes } from '../codecs/h264/nal-units.ts';
import { setsOfTrack } from '../codecs/track-sets.ts';
import { MediaWriter } from '../mp4/movie/media-writer.ts';
import { LENGTH_BYTES } from '../mp4/movie/picture-configuration.ts';
import { pictureTrack, type WrittenPicture } from '../mp4/movie/picture-track.ts';
import {
  fileTypeBox,
  MEDIA_HEADER_BYTES,
  mediaHeader,
  movieBox,
} from '../mp4/movie/write-movie.ts';
import type { SampleChunk } from '../mp4/movie/write-tables.ts';
import type { AccessUnit, ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { ReadAhead } from '../source/read-ahead.ts';
import { FIRST_PTS, orderOf, type Piece, readPictures } from './splice.ts';

/** A piece that was written. */
export interface WrittenPiece extends Piece {
  chunk: SampleChunk;
  /** How many bytes each of its pictures has in the file. */
  sizes: number[];
}

/**
 * Writes the pictures of a segment into a plain MP4. Its pieces may be written in any order, so that what is
 * copied need not wait for what is encoded; its tables, which put them in order, come last. Unlike a transport
 * stream, its media are copied into the clip as they lie there.
 */
export class SegmentWriter {
  readonly #out: MediaWriter;
  readonly #mediaAt: number;

  private constructor(out: MediaWriter) {
    this.#out = out;
    this.#mediaAt = out.position;
  }

  /** Close it at the end. */
  static async create(file: string): Promise<SegmentWriter> {
    const out = await MediaWriter.create(file);
    await out.write(fileTypeBox());
    const writer = new SegmentWriter(out);
    await out.write(Buffer.alloc(MEDIA_HEADER_BYTES));
    return writer;
  }

  /** @throws the reason of the signal, when it fires */
  async write(piece: Piece, signal: AbortSignal): Promise<WrittenPiece> {
    const offset = this.#out.position;
    const sizes: number[] = [];
    const reader = new ReadAhead();
    try {
      for await (const { bytes } of readPictures(piece, reader)) {
        signal.throwIfAborted();
        sizes.push(await this.#writePicture(bytes));
      }
    } finally {
      await reader.close();
    }
    return { ...piece, chunk: { offset, count: sizes.length }, sizes };
  }

  /**
   * Writes the tables.
   * @param pieces in the order of decoding
   * @param durationTicks of the segment: its last picture is shown until then
   * @throws NotCopyableError when they cannot live in one track
   */
  async finish(pieces: readonly WrittenPiece[], durationTicks: number): Promise<void> {
    const { codec } = pieces[0]!.track;
    const pictures = picturesIn(pieces);
    const lastShown = pictures.reduce((last, { pts }) => Math.max(last, pts), FIRST_PTS);
    const track = pictureTrack({
      codec,
      sets: setsOfTrack(codec, pieces.flatMap(setsIn)),
      pictures,
      chunks: pieces.map(({ chunk }) => chunk),
      firstPts: FIRST_PTS,
      shownTicks: durationTicks,
      lastFrameTicks: Math.max(1, FIRST_PTS + durationTicks - lastShown),
    });
    const size = this.#out.position - this.#mediaAt;
    await this.#out.write(movieBox([track], true));
    await this.#out.overwrite(this.#mediaAt, mediaHeader(size));
  }

  close(): Promise<void> {
    return this.#out.close();
  }

  /** @returns how many bytes the picture has in the file */
  async #writePicture(stream: Buffer): Promise<number> {
    const before = this.#out.position;
    for (const unit of splitAtStartCodes(stream)) {
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(unit.length);
      await this.#out.write(length);
      await this.#out.write(unit);
    }
    return this.#out.position - before;
  }
}

/** The parameter sets that come with the pictures, and those that were put before the first. */
function setsIn({ track, units }: Piece): ParameterSetList[] {
  const isComplete = units[0]!.sps.length > 0 || !track.initialSets;
  return isComplete ? [...units] : [track.initialSets!, ...units];
}

function picturesIn(pieces: readonly WrittenPiece[]): WrittenPicture[] {
  const { pts, dts } = orderOf(pieces);
  return pieces
    .flatMap(({ track, units, sizes }) =>
      units.map((unit, n) => ({ bytes: sizes[n]!, isSync: n === 0 || isEntry(track.codec, unit) })),
    )
    .map((picture, n) => ({ ...picture, pts: pts[n]!, dts: dts[n]! }));
}

/** H.264's recovery points are none: a player that begins there shows what cannot be decoded before them. */
const isEntry = (codec: VideoCodec, { isIdr, isKey }: AccessUnit) =>
  codec === 'hevc' ? isKey : isIdr;
