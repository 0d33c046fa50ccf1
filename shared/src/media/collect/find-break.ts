import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { Chunk, TrackPlaylist } from '../hls/media-playlist.ts';
import { roundingUs } from '../hls/split-runs.ts';
import type { ParameterSetList } from '../source/media-index.ts';
import { openSource } from '../source/open-source.ts';
import type { Source } from '../source/source.ts';
import { turnsBetween } from '../source/timeline.ts';
import type { ChunkStore } from './chunk-store.ts';
import { chunkTimesOf } from './chunk-times.ts';
import { ClockBreak, jumpInside } from './clock-break.ts';
import { type ClockJump, jumpsBetween, jumpsWithin, type TimedChunk } from './clock-jumps.ts';
import { isNotThere } from './collect-errors.ts';
import { otherTables } from './other-tables.ts';
import { findTimeZero } from './time-zero.ts';

/** A track whose clock is looked into. */
export interface ClockTrack {
  playlist: TrackPlaylist;
  store: ChunkStore;
  missing: ReadonlySet<number>;
  /** The parameter sets that the run begins with. */
  initialSets?: ParameterSetList;
}

const ticksOfUs = (us: number) => us * 0.09;

/**
 * Whether the clock goes on through all chunks of a source.
 * @param chunks those the source consists of
 * @param skipped pieces of a neighbour before them
 * @param toPts what is wanted ends here
 * @throws ClockBreak where it does not, and PermanentError `CHUNK_UNDECODABLE` where it breaks within a chunk
 */
export function assertOneClock(
  source: Source,
  chunks: readonly Chunk[],
  { playlist }: Pick<ClockTrack, 'playlist'>,
  { skipped = 0, toPts = Number.POSITIVE_INFINITY } = {},
): void {
  const timed = timedChunks(source, chunks, skipped);
  if (!timed) return;
  const rounding = ticksOfUs(roundingUs(playlist));
  const inside = jumpsWithin(timed, rounding).find(
    ({ ticks, fromPts }) => ticks < 0 || fromPts < toPts,
  );
  if (inside) throw jumpInside(playlist, inside);
  const jumps = jumpsBetween(timed, rounding);
  if (jumps.length > 0) throw new ClockBreak(playlist, jumps);
}

function timedChunks(
  source: Source,
  chunks: readonly Chunk[],
  skipped: number,
): TimedChunk[] | undefined {
  return chunkTimesOf(source, chunks.length, skipped)?.map((times, n) => {
    const { index, startUs, durationUs } = chunks[n]!;
    const endUs = chunks[n + 1]?.startUs ?? startUs + durationUs;
    return { index, times, listedTicks: ticksOfUs(endUs - startUs) };
  });
}

/** What is off by no more than this begins late, or follows rounded durations. */
export const DRIFT_TICKS = 0.5 * 90_000;
/** Chunks of which the beginning is read, at most. */
const MOST_READS = 24;

/**
 * Looks for the last break of the clock between two chunks of a run, by reading the beginnings of some in between:
 * usually the clock does not break, and one or two reads are enough.
 * @param first whose clock is known
 * @param last whose time is not what it should be
 * @returns `undefined` where the clock only drifts away from the playlist's durations
 * @throws PermanentError `CHUNK_UNDECODABLE` where it breaks within a chunk
 */
export async function findBreak(
  track: ClockTrack,
  init: string | undefined,
  first: number,
  last: number,
  work: MediaWork,
): Promise<ClockJump | undefined> {
  return new BreakSearch(track, init, work).between(first, last);
}

class BreakSearch {
  readonly #rounding: number;
  readonly #begins = new Map<number, number | undefined>();

  constructor(
    private readonly track: ClockTrack,
    private readonly init: string | undefined,
    private readonly work: MediaWork,
  ) {
    this.#rounding = ticksOfUs(roundingUs(track.playlist));
  }

  async between(low: number, high: number): Promise<ClockJump | undefined> {
    const [from, to] = [await this.#offset(low), await this.#offset(high)];
    if (from === undefined || to === undefined) return undefined;
    const drift = to - from;
    if (Math.abs(drift) <= DRIFT_TICKS) return undefined;
    const middle = await this.#between(low, high);
    if (middle === undefined) return this.#breakAt(low, high, drift);
    const half = (await this.#offset(middle))! - from;
    const share = (middle - low) / (high - low);
    const isEven = Math.abs(half - drift * share) <= Math.abs(drift) / 4;
    if (isEven && Math.abs(drift) <= this.#rounding * (high - low)) return undefined;
    return (await this.between(middle, high)) ?? (await this.between(low, middle));
  }

  /** A chunk between two others, as near the middle as there is one that can be read. */
  async #between(low: number, high: number): Promise<number | undefined> {
    const middle = (low + high) >> 1;
    for (let off = 0; off < high - low; off++) {
      for (const at of [middle - off, middle + off]) {
        if (at <= low || at >= high) continue;
        if (this.#begins.size >= MOST_READS) return undefined;
        if ((await this.#offset(at)) !== undefined) return at;
      }
    }
    return undefined;
  }

  /** How much later a chunk begins on its clock than in the playlist; nothing where it is not there. */
  async #offset(index: number): Promise<number | undefined> {
    if (!this.#begins.has(index)) this.#begins.set(index, await this.#readOffset(index));
    const [known] = [...this.#begins.values()].filter((one) => one !== undefined);
    const offset = this.#begins.get(index);
    return offset === undefined ? undefined : offset + turnsBetween(offset, known ?? offset);
  }

  async #readOffset(index: number): Promise<number | undefined> {
    const { playlist, store, missing } = this.track;
    const chunk = playlist.chunks[index]!;
    if (chunk.isGap || missing.has(index)) return undefined;
    try {
      const { pts } = await findTimeZero(chunk, this.init, { playlist, store }, this.work);
      return pts - ticksOfUs(chunk.startUs);
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  }

  /** Looks at the chunks on both sides of what may be a break: the playlist's durations may be wrong, too. */
  async #breakAt(low: number, high: number, drift: number): Promise<ClockJump | undefined> {
    const { playlist, store, initialSets } = this.track;
    const [before, after] = [playlist.chunks[low]!, playlist.chunks[high]!];
    const files = [...(await store.fetch([before, after])).values()];
    if (files.length < 2) return undefined;
    const name = `border-${high}`;
    const { init } = this;
    const tables = () => otherTables(playlist.chunks, playlist.runs[after.run]!, high, store);
    const given = { name, init, chunks: files, tables, initialSets };
    const source = await openSource(given, this.work);
    const timed = timedChunks(source, [before, after], 0);
    if (!timed) {
      const isSure = Math.abs(drift) > before.durationUs * 0.09 + DRIFT_TICKS;
      return isSure ? { chunk: high, ticks: drift } : undefined;
    }
    const [inside] = jumpsWithin(timed.slice(0, 1), this.#rounding);
    if (inside) throw jumpInside(playlist, inside);
    return jumpsBetween(timed, this.#rounding)[0];
  }
}
