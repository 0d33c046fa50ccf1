import { withParameterSets } from '../codecs/byte-stream.ts';
import { asBrokenLink } from '../codecs/hevc/broken-link.ts';
import type { ByteReader } from '../source/file-reader.ts';
import type { AccessUnit, PictureTrack } from '../source/media-index.ts';
import { ReadAhead } from '../source/read-ahead.ts';
import type { TimedPacket } from '../transport-stream/writing/write-transport-stream.ts';
import { decodeTimes, presentationRanks } from './presentation-order.ts';

/** Pictures of one track that follow each other in decoding order. */
export interface Piece {
  track: PictureTrack;
  units: readonly AccessUnit[];
  /** When they are shown, ascending, in ticks of 90 kHz; where the clock begins does not matter. */
  times: readonly number[];
}

/** When the first picture of what we write is shown: late enough for decoding to begin before it. */
export const FIRST_PTS = 10 * 90_000;

/** When pictures are shown and decoded, in decoding order, in ticks of 90 kHz. */
export interface DecodingOrder {
  pts: number[];
  dts: number[];
}

/** The times of pieces one after the other: what is shown first is shown at `FIRST_PTS`. */
export function orderOf(pieces: readonly Pick<Piece, 'units' | 'times'>[]): DecodingOrder {
  const given = pieces.flatMap(({ units, times }) =>
    presentationRanks(units.map(({ pts }) => pts)).map((rank) => times[rank]!),
  );
  const shift = FIRST_PTS - given.reduce((low, time) => Math.min(low, time));
  const pts = given.map((time) => time + shift);
  return { pts, dts: decodeTimes(pts) };
}

/** The byte streams (Annex B) of the pictures of a piece, in decoding order; each holds until the next. */
export async function* readPictures(
  { track, units }: Piece,
  reader: ByteReader,
): AsyncGenerator<{ unit: AccessUnit; bytes: Buffer }> {
  for (const [place, unit] of units.entries()) {
    const bytes = await track.read(reader, unit);
    yield { unit, bytes: place === 0 ? beginning(track, unit, bytes) : bytes };
  }
}

/**
 * Reads pieces one after the other as one video. Its clock begins at `FIRST_PTS`, and its decoding times fit
 * the whole.
 */
export async function* splice(pieces: readonly Piece[]): AsyncGenerator<TimedPacket> {
  const { pts, dts } = orderOf(pieces);
  const reader = new ReadAhead();
  let n = 0;
  try {
    for (const piece of pieces) {
      for await (const { bytes, unit } of readPictures(piece, reader)) {
        yield { stream: 'video', bytes, pts: pts[n]!, dts: dts[n]!, isKey: unit.isKey };
        n++;
      }
    }
  } finally {
    await reader.close();
  }
}

/** The first picture of a piece must decode without any before it. */
function beginning(track: PictureTrack, unit: AccessUnit, bytes: Buffer): Buffer {
  const { codec, initialSets } = track;
  const lacksSets = unit.sps.length === 0 && initialSets !== undefined;
  const complete = lacksSets ? withParameterSets(codec, bytes, initialSets) : bytes;
  return codec === 'hevc' && !unit.isIdr ? asBrokenLink(complete) : complete;
}
