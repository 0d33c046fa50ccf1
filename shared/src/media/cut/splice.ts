import { withParameterSets } from '../codecs/byte-stream.ts';
import { asBrokenLink } from '../codecs/hevc/broken-link.ts';
import { FileReader } from '../source/file-reader.ts';
import type { AccessUnit, PictureTrack } from '../source/media-index.ts';
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

/** What a frame is taken to last in a clip of only one. */
const LONE_FRAME_TICKS = 3000;

/** When the pictures of a piece are shown, in decoding order. */
const timesInDecodingOrder = ({ units, times }: Piece): number[] =>
  presentationRanks(units.map(({ pts }) => pts)).map((rank) => times[rank]!);

/**
 * Reads pieces one after the other as one video. Its clock begins at `FIRST_PTS`, and its decoding times fit
 * the whole.
 */
export async function* splice(pieces: readonly Piece[]): AsyncGenerator<TimedPacket> {
  const given = pieces.flatMap(timesInDecodingOrder);
  const shift = FIRST_PTS - given.reduce((low, time) => Math.min(low, time));
  const pts = given.map((time) => time + shift);
  const dts = decodeTimes(pts, LONE_FRAME_TICKS);
  const reader = new FileReader();
  let n = 0;
  try {
    for (const { track, units } of pieces) {
      for (const [place, unit] of units.entries()) {
        const bytes = await track.read(reader, unit);
        yield {
          stream: 'video',
          bytes: place === 0 ? beginning(track, unit, bytes) : bytes,
          pts: pts[n]!,
          dts: dts[n]!,
          isKey: unit.isKey,
        };
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
