import { box, fullBox, uint16, uint32, uint64, zeros } from './box-writer.ts';
import { type SampleTables, sampleTableBox } from './write-tables.ts';

// The header of a plain MP4: ISO/IEC 14496-12, 8.2 to 8.6.

/** A track of a file that is written. */
export interface WrittenTrack {
  kind: 'video' | 'audio';
  /** Units per second of the times of its samples. */
  timescale: number;
  /** The `stsd` box: what kind of samples they are. */
  description: Buffer;
  /** How large to show the picture, in pixels. */
  size?: { width: number; height: number };
  /**
   * Where a player begins to show it, in its own units after the decoding of the first sample. Absent: at
   * whatever time its samples state.
   */
  startsAt?: number;
  /** How long it is shown, in ticks of 90 kHz. */
  shownTicks: number;
  tables: SampleTables;
}

/** The clock of the movie as a whole: that of our pictures, so that nothing is rounded. */
const MOVIE_TIMESCALE = 90_000;

const MAX_UINT32 = 2 ** 32 - 1;
/** As fixed-point numbers of 16.16 and 2.30 bits, which the matrix mixes: nothing is turned or moved. */
const UNITY_MATRIX = uint32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const ONE_16_16 = 0x10000;
const FULL_VOLUME = 0x0100;
/** Enabled, and part of the presentation. */
const TRACK_FLAGS = 3;
/** `und`, three letters of five bits. */
const UNDETERMINED_LANGUAGE = 0x55c4;
/** The samples are in this file. */
const SELF_CONTAINED = 1;

/** The `ftyp` box of what we write. */
export const fileTypeBox = (): Buffer =>
  box('ftyp', Buffer.from('isom'), uint32(0x200), Buffer.from('isomiso2mp41'));

/** The head of the `mdat` box, whose size may need 64 bits. */
export const MEDIA_HEADER_BYTES = 16;

/** In place of a size: it follows. */
const SIZE_FOLLOWS = 1;

/** @param bytes of the whole `mdat` box, this head included */
export const mediaHeader = (bytes: number): Buffer =>
  Buffer.concat([uint32(SIZE_FOLLOWS), Buffer.from('mdat'), uint64(bytes)]);

/**
 * The `moov` box.
 * @param hasLargeOffsets whether the file may be too large for offsets of 32 bits
 * @param extensions boxes that come behind those of the tracks
 */
export function movieBox(
  tracks: readonly WrittenTrack[],
  hasLargeOffsets: boolean,
  ...extensions: readonly Buffer[]
): Buffer {
  const shownTicks = Math.max(...tracks.map((track) => track.shownTicks));
  return box(
    'moov',
    timedBox(
      'mvhd',
      { duration: shownTicks },
      uint32(MOVIE_TIMESCALE),
      uint32(ONE_16_16),
      uint16(FULL_VOLUME),
      zeros(10),
      UNITY_MATRIX,
      zeros(24),
      uint32(tracks.length + 1),
    ),
    ...tracks.map((track, n) => trackBox(track, n + 1, hasLargeOffsets)),
    ...extensions,
  );
}

function trackBox(track: WrittenTrack, id: number, hasLargeOffsets: boolean): Buffer {
  const { kind, size = { width: 0, height: 0 }, shownTicks, startsAt } = track;
  return box(
    'trak',
    timedBox(
      'tkhd',
      { flags: TRACK_FLAGS, duration: shownTicks },
      uint32(id, 0),
      zeros(8),
      // Layer, group of alternatives, volume.
      uint16(0, 0, kind === 'audio' ? FULL_VOLUME : 0, 0),
      UNITY_MATRIX,
      uint32(size.width * ONE_16_16, size.height * ONE_16_16),
    ),
    ...(startsAt === undefined ? [] : [box('edts', editList(shownTicks, startsAt))]),
    mediaBox(track, hasLargeOffsets),
  );
}

function editList(shownTicks: number, startsAt: number): Buffer {
  const isLong = shownTicks > MAX_UINT32;
  const times = isLong ? uint64(shownTicks, startsAt) : uint32(shownTicks, startsAt);
  return fullBox('elst', { version: isLong ? 1 : 0 }, uint32(1), times, uint32(ONE_16_16));
}

function mediaBox(track: WrittenTrack, hasLargeOffsets: boolean): Buffer {
  const { kind, timescale, description, tables } = track;
  const isAudio = kind === 'audio';
  const [handler, name] = isAudio ? ['soun', 'SoundHandler\0'] : ['vide', 'VideoHandler\0'];
  const duration = tables.samples.reduce((sum, sample) => sum + sample.duration, 0);
  return box(
    'mdia',
    timedBox('mdhd', { duration }, uint32(timescale), uint16(UNDETERMINED_LANGUAGE, 0)),
    fullBox('hdlr', {}, zeros(4), Buffer.from(handler!), zeros(12), Buffer.from(name!)),
    box(
      'minf',
      isAudio ? fullBox('smhd', {}, zeros(4)) : fullBox('vmhd', { flags: 1 }, zeros(8)),
      box('dinf', fullBox('dref', {}, uint32(1), fullBox('url ', { flags: SELF_CONTAINED }))),
      sampleTableBox(description, tables, hasLargeOffsets),
    ),
  );
}

/** A box that begins with when it was made and changed, which we do not tell, and then some `head`. */
function timedBox(
  type: string,
  { flags = 0, duration }: { flags?: number; duration: number },
  head: Buffer,
  ...rest: readonly Buffer[]
): Buffer {
  const isLong = duration > MAX_UINT32;
  const number = isLong ? uint64 : uint32;
  const version = isLong ? 1 : 0;
  return fullBox(type, { version, flags }, number(0, 0), head, number(duration), ...rest);
}
