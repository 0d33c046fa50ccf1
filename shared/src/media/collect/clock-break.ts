import { PermanentError } from '../../errors.ts';
import type { TrackPlaylist } from '../hls/media-playlist.ts';
import type { ClockJump, InnerJump } from './clock-jumps.ts';

/**
 * Thrown if a playlist turns out to lack EXT-X-DISCONTINUITY: the run must be split before these chunks. It never
 * leaves this folder.
 */
export class ClockBreak extends Error {
  /** @param playlist the one that lacks the tag */
  constructor(
    readonly playlist: TrackPlaylist,
    readonly jumps: readonly ClockJump[],
  ) {
    super('The clock breaks within a run of chunks.');
  }
}

const seconds = (ticks: number) => (Math.abs(ticks) / 90_000).toFixed(1);

/** Which chunk, and by how much its clock is off. */
export function jumpBefore(playlist: TrackPlaylist, { chunk, ticks }: ClockJump): string {
  const { key } = playlist.chunks[chunk]!;
  const way = ticks < 0 ? 'back' : 'ahead';
  return `EXT-X-DISCONTINUITY is missing before chunk ${chunk} (${key}), where the clock jumps ${way} by ${seconds(ticks)} s`;
}

/** A jump where no tag can stand. */
export function jumpInside({ chunks }: TrackPlaylist, { chunk, ticks }: InnerJump): PermanentError {
  const way = ticks < 0 ? 'back' : 'ahead';
  return new PermanentError(
    'CHUNK_UNDECODABLE',
    `The clock jumps ${way} by ${seconds(ticks)} s in the middle of chunk ${chunk} (${chunks[chunk]!.key}), where no EXT-X-DISCONTINUITY can stand: package the episode again, with that tag and a new chunk where the clock jumps.`,
  );
}

/** A jump that only one of two playlists has. */
export const jumpUnsure = (playlist: TrackPlaylist, jump: ClockJump): PermanentError =>
  new PermanentError(
    'CHUNK_UNDECODABLE',
    `${jumpBefore(playlist, jump)}; where that is in the other playlist cannot be told for sure: add the tag to both playlists.`,
  );
