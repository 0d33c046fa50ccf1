import type { types } from 'hls-parser';
import { type Encryption, encryptionOf, keysAfterMaps } from './encryption.ts';
import { parseHls } from './parse-hls.ts';
import { playlistInvalid, playlistUnsupported } from './playlist-errors.ts';
import { resolveKey } from './resolve-key.ts';

/** Bytes in S3: an object, or a part of one. */
export interface Piece {
  /** S3 key. */
  key: string;
  /** Absent: the whole object. */
  range?: { offset: number; length: number };
  /** How the bytes are encrypted; absent: they are in clear. */
  encryption?: Encryption;
}

/** One chunk of a track. */
export interface Chunk extends Piece {
  /** Its place in the playlist. */
  index: number;
  /** Where the chunk begins by the playlist's own durations, in microseconds from the first chunk. */
  startUs: number;
  durationUs: number;
  /** Index into {@link TrackPlaylist.runs}. */
  run: number;
  /** The playlist itself says that the chunk is missing (EXT-X-GAP). */
  isGap: boolean;
}

/**
 * Consecutive chunks with one clock and one initialization section. Their bytes can be read as one
 * stream; across the border of a run, neither times nor codecs need have anything in common.
 */
export interface Run {
  /** Its chunks `first`…`last`, both included. */
  first: number;
  last: number;
  startUs: number;
  /** The initialization section of fMP4 (EXT-X-MAP). */
  init?: Piece;
  /** Where only its clock made it a run of its own: the first chunk of the run the playlist lists. */
  partOf?: number;
}

/**
 * A track as its media playlist lists it. Time zero is where the first listed chunk begins: of a live
 * playlist that drops its oldest chunks (EXT-X-MEDIA-SEQUENCE above 0), times are told from there.
 */
export interface TrackPlaylist {
  /** Empty only while a growing playlist has none yet. */
  chunks: Chunk[];
  runs: Run[];
  /** Sum of the chunks' durations, in microseconds. */
  durationUs: number;
  /** No more chunks will come (EXT-X-ENDLIST, or of the type VOD). */
  isEnded: boolean;
  /** No chunk is longer, rounded to seconds; in microseconds. */
  targetDurationUs: number;
}

/** Some 100,000 chunks, or a week of them: what is larger is no playlist, and would fill the memory. */
export const MAX_PLAYLIST_BYTES = 16 * 1024 * 1024;

/** Ten for each of 100,000 chunks. */
const MAX_LINES = 1_000_000;

/**
 * Reads a media playlist.
 * @param playlistKey the S3 key it came from; URIs are resolved against it
 * @param folder the S3 folder, with trailing slash, that everything it names must lie in
 * @throws PermanentError `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED`
 */
export function parseMediaPlaylist(
  text: string,
  playlistKey: string,
  folder: string,
): TrackPlaylist {
  if (text.length > MAX_PLAYLIST_BYTES) {
    throw playlistInvalid(playlistKey, 'it is larger than 16 MB');
  }
  const { playlist, lines } = parseHls(text, playlistKey, MAX_LINES);
  assertSupported(playlist, playlistKey);
  const isEnded = playlist.endlist || playlist.playlistType === 'VOD';
  // Low latency and prefetching leave tags without a URI at the end: of a chunk that is still to come.
  const segments = playlist.segments.filter((segment) => segment.uri);
  if (segments.length === 0 && (isEnded || !playlist.targetDuration)) {
    throw playlistInvalid(playlistKey, 'it lists no chunks');
  }
  const listed = new Listing(playlistKey, folder, keysAfterMaps(lines));
  for (const segment of segments) listed.add(segment);
  const { chunks, runs, durationUs } = listed;
  const longestUs = () => chunks.reduce((max, chunk) => Math.max(max, chunk.durationUs), 0);
  const statedUs = Math.round((playlist.targetDuration ?? 0) * 1e6);
  const isStated = Number.isSafeInteger(statedUs) && statedUs > 0;
  const targetDurationUs = isStated ? statedUs : longestUs();
  return { chunks, runs, durationUs, isEnded, targetDurationUs };
}

function assertSupported(
  playlist: types.MasterPlaylist | types.MediaPlaylist,
  playlistKey: string,
): asserts playlist is types.MediaPlaylist {
  if (playlist.isMasterPlaylist) {
    throw playlistUnsupported(
      playlistKey,
      'it is a master playlist, where a media playlist belongs',
    );
  }
  const { isIFrame, skip } = playlist as types.MediaPlaylist;
  if (isIFrame) {
    throw playlistUnsupported(playlistKey, 'it lists key frames only (EXT-X-I-FRAMES-ONLY)');
  }
  if (skip !== 0) {
    throw playlistUnsupported(playlistKey, 'it is an update without the older chunks (EXT-X-SKIP)');
  }
}

/** Gathers the chunks and runs of a playlist, segment by segment. */
class Listing {
  readonly chunks: Chunk[] = [];
  readonly runs: Run[] = [];
  durationUs = 0;
  #map: types.MediaInitializationSection | undefined;
  #init: Piece | undefined;
  #previousKey: types.Key | undefined;
  /** The few keys of an episode: each is resolved once. */
  readonly #keys = new Map<string, string>();

  constructor(
    readonly playlistKey: string,
    readonly folder: string,
    readonly keysAfterMaps: ReadonlySet<number>,
  ) {}

  add(segment: types.Segment): void {
    const index = this.chunks.length;
    const durationUs = Math.round(segment.duration * 1e6);
    if (!(durationUs > 0)) {
      throw playlistInvalid(this.playlistKey, `chunk ${index} has no duration (EXTINF)`);
    }
    if (!Number.isSafeInteger(this.durationUs + durationUs)) {
      throw playlistInvalid(this.playlistKey, `chunk ${index} never ends (EXTINF)`);
    }
    this.#joinRun(segment, index);
    const iv = { sequenceNumber: segment.mediaSequenceNumber };
    this.chunks.push({
      index,
      key: this.#resolve(segment.uri),
      ...(segment.byterange && { range: this.#chunkRange(segment.byterange, index) }),
      startUs: this.durationUs,
      durationUs,
      run: this.runs.length - 1,
      isGap: segment.gap === true,
      ...this.#encryption(segment.key, iv),
    });
    this.durationUs += durationUs;
    this.#previousKey = segment.key;
  }

  /** Lets the segment into the last run, or begins a new one. */
  #joinRun(segment: types.Segment, index: number): void {
    const init = this.#initOf(segment, index);
    const run = this.runs.at(-1);
    if (run && !segment.discontinuity && isSamePiece(run.init, init)) run.last = index;
    else {
      this.runs.push({
        first: index,
        last: index,
        startUs: this.durationUs,
        ...(init && { init }),
      });
    }
  }

  #initOf(segment: types.Segment, index: number): Piece | undefined {
    const { map } = segment;
    // The parser hands the very same section on from chunk to chunk until there is another EXT-X-MAP.
    if (!map || map === this.#map) return this.#init;
    this.#map = map;
    const key = this.keysAfterMaps.has(index) ? this.#previousKey : segment.key;
    this.#init = {
      key: this.#resolve(map.uri),
      ...(map.byterange && { range: this.#initRange(map.byterange) }),
      ...this.#encryption(key, 'explicit'),
    };
    return this.#init;
  }

  #encryption(key: types.Key | undefined, iv: { sequenceNumber: number } | 'explicit') {
    const resolve = (uri: string | undefined) => {
      const known = this.#keys.get(uri ?? '') ?? this.#resolve(uri);
      this.#keys.set(uri ?? '', known);
      return known;
    };
    const encryption = encryptionOf(key, iv, this.playlistKey, resolve);
    return encryption && { encryption };
  }

  #chunkRange(range: types.Byterange, index: number): NonNullable<Piece['range']> {
    // The parser leaves -1 where the offset is left out and nothing comes before.
    if (!isRange(range)) {
      throw playlistInvalid(
        this.playlistKey,
        `the byte range of chunk ${index} (EXT-X-BYTERANGE) is no range, or follows no other one`,
      );
    }
    return { offset: range.offset, length: range.length };
  }

  #initRange({ offset, length }: types.Byterange): NonNullable<Piece['range']> {
    const range = { offset: Math.max(offset, 0), length };
    if (!isRange(range)) {
      throw playlistInvalid(this.playlistKey, 'the byte range of an EXT-X-MAP is no range');
    }
    return range;
  }

  #resolve(uri: string | undefined): string {
    return resolveKey(uri ?? '', this.playlistKey, this.folder);
  }
}

function isRange({ offset, length }: types.Byterange): boolean {
  return Number.isSafeInteger(offset + length) && offset >= 0 && length > 0;
}

/** Whether two mean the same bytes: packagers repeat an EXT-X-MAP before every chunk. */
function isSamePiece(a: Piece | undefined, b: Piece | undefined): boolean {
  return (
    a?.key === b?.key &&
    a?.range?.offset === b?.range?.offset &&
    a?.range?.length === b?.range?.length
  );
}
