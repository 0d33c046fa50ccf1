import { NotCopyableError, UntidyStreamError, UnusualPackingError } from '../not-copyable.ts';
import type { ParameterSetList } from '../source/media-index.ts';
import { wrapped } from './clock.ts';
import { PacketSorter } from './packet-sorter.ts';
import { PACKET_BYTES } from './packets/packets.ts';
import type { PictureCollector } from './picture-collector.ts';
import { tidyBeginning } from './tidy/tidy-transport-stream.ts';

/** What the beginning of a chunk tells about the episode that begins with it. */
export interface TimeZero extends ParameterSetList {
  /** When the first picture is shown, or the first sound heard where there are none; as it stands in the stream. */
  pts: number;
  /** Whether the tables list sound. */
  hasSound?: boolean;
}

/**
 * Finds out when a chunk begins to be shown, from its first bytes. Of pictures that need others from before
 * the chunk, the leading ones of an open GOP, the earliest counts, too.
 * @param isWhole whether there are no more bytes: what is there decides
 * @returns nothing when more bytes are needed
 * @throws NotCopyableError as for the index; not when the bytes end within a packet; UntidyStreamError
 * where the beginning does not tell which of several streams are used
 */
export function timeZeroOfTransportStream(
  beginning: Buffer,
  isWhole: boolean,
): TimeZero | undefined {
  const sorter = sortedPackets(beginning);
  if (!sorter) return undefined;
  const { pictures, sound, program } = sorter;
  if (isWhole) pictures?.endUnit();
  if (pictures?.packingProblem) throw new UnusualPackingError(pictures.packingProblem);
  if (pictures && pictures.units.length > 0) {
    if (!isWhole && !isDecided(pictures)) return undefined;
    return { ...zeroOf(pictures), ...(program?.sound ? { hasSound: true } : {}) };
  }
  if (isWhole && pictures && program?.hasOthers) {
    throw new UntidyStreamError('the first stream of its kind is empty');
  }
  const firstSound = sound?.packets[0];
  const isSoundFirst = isWhole || (program !== undefined && program.video === undefined);
  if (firstSound && isSoundFirst) return { pts: wrapped(firstSound.pts), sps: [], pps: [] };
  if (isWhole) {
    throw new NotCopyableError('there is neither video nor sound in the transport stream');
  }
  return undefined;
}

/** @returns nothing where there are no tables yet */
function sortedPackets(beginning: Buffer): PacketSorter | undefined {
  const whole = (bytes: Buffer) => bytes.subarray(0, bytes.length - (bytes.length % PACKET_BYTES));
  const sorter = new PacketSorter();
  try {
    sorter.packets(whole(beginning), 0);
    return sorter;
  } catch (error) {
    if (!(error instanceof UntidyStreamError)) throw error;
  }
  const tidy = tidyBeginning(beginning);
  if (!tidy) return undefined;
  const again = new PacketSorter();
  again.packets(whole(tidy), 0);
  return again;
}

/**
 * Nothing is shown before it is decoded: when decoding has come to the earliest time seen, nothing that
 * follows can be earlier. As some streams do not tell decoding times, a picture must have come that is shown
 * after the first one, too: the leading pictures precede it.
 */
function isDecided({ units, codec, isFirstKnown, lastDts }: PictureCollector): boolean {
  const [first] = units;
  if (!first || !isFirstKnown) return false;
  // Of HEVC, even an IDR picture may have leading pictures.
  if (first.isIdr && codec === 'h264') return true;
  const isPastFirst = units.some(({ pts }) => pts > first.pts);
  return isPastFirst && lastDts >= earliest(units);
}

const earliest = (units: readonly { pts: number }[]) =>
  units.reduce((low, { pts }) => Math.min(low, pts), Number.POSITIVE_INFINITY);

/** Of the last unit some parameter sets may not have come yet: only those before its slices count. */
function zeroOf({ units, codec }: PictureCollector): TimeZero {
  const first = units[0]!;
  const pts = wrapped(first.isIdr && codec === 'h264' ? first.pts : earliest(units));
  const sps = units.flatMap((unit) => unit.sps);
  const pps = units.flatMap((unit) => unit.pps);
  if (codec === 'h264') return { pts, sps, pps };
  return { pts, sps, pps, vps: units.flatMap((unit) => unit.vps ?? []) };
}
