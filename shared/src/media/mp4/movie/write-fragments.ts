import { box, fullBox, table32, uint32, uint64 } from './box-writer.ts';
import { movieBox, type WrittenTrack } from './write-movie.ts';

// Fragmented MP4, as HLS has it: ISO/IEC 14496-12, 8.8. One header, and then a description for every fragment,
// with its media behind it.

/** A picture or a frame of sound, in units of its track's timescale. */
export interface FragmentSample {
  bytes: number;
  /** From its decoding to that of the next one. */
  duration: number;
  /** From its decoding to its showing. */
  delay: number;
  /** Whether a player may begin here. */
  isSync: boolean;
}

/** What a fragment holds of one track. */
export interface FragmentTrack {
  /** From 1, in the order of the header's tracks. */
  id: number;
  /** When its first sample is decoded, on the track's clock. */
  decodeTime: number;
  /** In decoding order; as they lie in the fragment, behind those of the tracks before. */
  samples: readonly FragmentSample[];
}

/** The `ftyp` box of what we write: a fragment's offsets are counted from its own beginning. */
export const fragmentedTypeBox = (): Buffer =>
  box('ftyp', Buffer.from('iso5'), uint32(1), Buffer.from('iso5iso6mp41'));

/** Of what a fragment says anyway, nothing has a default. The description of the samples is the first one. */
const NO_DEFAULTS = [1, 0, 0, 0] as const;

/** The `moov` box: it tells of tracks, and nothing of their samples. */
export const fragmentedMovieBox = (
  tracks: readonly Omit<WrittenTrack, 'tables' | 'shownTicks' | 'startsAt'>[],
): Buffer =>
  movieBox(
    tracks.map((track) => ({ ...track, shownTicks: 0, tables: { samples: [], chunks: [] } })),
    false,
    box('mvex', ...tracks.map((_, n) => fullBox('trex', {}, uint32(n + 1, ...NO_DEFAULTS)))),
  );

/** `default-base-is-moof`: places are counted from the beginning of the fragment. */
const FROM_THE_FRAGMENT = 0x020000;
/** Where the samples begin, and of each its duration, size, flags and delay. */
const ALL_OF_EACH = 0x000f01;
/** `sample_depends_on`: on no other one; or on others, and then it is no sample to begin with. */
const SYNC = 0x02000000;
const NO_SYNC = 0x01010000;

const MEDIA_HEADER_BYTES = 8;

/**
 * The head of a fragment: its description, and the header of its media, whose bytes come next.
 * @param number from 1
 * @throws RangeError when it is larger than fragments can be, 4 GB
 */
export function fragmentHead(number: number, tracks: readonly FragmentTrack[]): Buffer {
  const lengths = tracks.map(({ samples }) => samples.reduce((sum, { bytes }) => sum + bytes, 0));
  const mediaBytes = lengths.reduce((sum, bytes) => sum + bytes, 0);
  const description = (mediaAt: number) => {
    let at = mediaAt;
    const boxes = tracks.map((track, n) => {
      const place = at;
      at += lengths[n]!;
      return trackFragment(track, place);
    });
    return box('moof', fullBox('mfhd', {}, uint32(number)), ...boxes);
  };
  // How long it is does not depend on where things lie.
  const mediaAt = description(0).length + MEDIA_HEADER_BYTES;
  const mediaHeader = [uint32(MEDIA_HEADER_BYTES + mediaBytes), Buffer.from('mdat')];
  return Buffer.concat([description(mediaAt), ...mediaHeader]);
}

function trackFragment({ id, decodeTime, samples }: FragmentTrack, mediaAt: number): Buffer {
  const fields = samples.flatMap(({ duration, bytes, isSync, delay }) => [
    duration,
    bytes,
    isSync ? SYNC : NO_SYNC,
    // Signed, in version 1.
    delay >>> 0,
  ]);
  return box(
    'traf',
    fullBox('tfhd', { flags: FROM_THE_FRAGMENT }, uint32(id)),
    fullBox('tfdt', { version: 1 }, uint64(decodeTime)),
    fullBox(
      'trun',
      { version: 1, flags: ALL_OF_EACH },
      uint32(samples.length, mediaAt),
      table32(fields),
    ),
  );
}
