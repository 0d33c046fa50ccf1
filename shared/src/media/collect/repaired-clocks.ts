import type { MediaWork } from '../ffmpeg/media-work.ts';
import { chunksBetween } from '../hls/chunk-range.ts';
import type { TrackPlaylist } from '../hls/media-playlist.ts';
import { splitRuns } from '../hls/split-runs.ts';
import { openSource } from '../source/open-source.ts';
import type { MediaWarning } from '../warnings.ts';
import { ClockBreak, jumpBefore, jumpUnsure } from './clock-break.ts';
import type { ClockJump } from './clock-jumps.ts';
import { assertOneClock } from './find-break.ts';
import type { Rendition } from './open-segment.ts';

/** A discontinuity that a playlist does not tell of. */
export interface ClockRepair {
  playlist: TrackPlaylist;
  jump: ClockJump;
}

/** More than any segment has chunks of. */
const MOST_ROUNDS = 100;

/**
 * Opens something out of playlists, and where a clock turns out to break within a run of theirs, once more as if
 * EXT-X-DISCONTINUITY stood there.
 * @param open throws ClockBreak where it meets one
 * @throws PermanentError `CHUNK_UNDECODABLE` where it is not certain where the tag belongs
 */
export async function withRepairedClocks<Opened>(
  picture: Rendition,
  sound: Rendition | undefined,
  work: MediaWork,
  open: (
    picture: Rendition,
    sound: Rendition | undefined,
    repairs: readonly ClockRepair[],
  ) => Promise<Opened>,
): Promise<Opened> {
  let pair = { picture, sound };
  const repairs: ClockRepair[] = [];
  for (let round = 0; ; round++) {
    try {
      return await open(pair.picture, pair.sound, repairs);
    } catch (error) {
      if (!(error instanceof ClockBreak) || round === MOST_ROUNDS) throw error;
      const { playlist, jumps } = error;
      repairs.push(...jumps.map((jump) => ({ playlist, jump })));
      pair = await parted(pair, error, work);
    }
  }
}

interface Pair {
  picture: Rendition;
  sound: Rendition | undefined;
}

/** Runs are the same in both playlists, so both are parted. */
async function parted({ picture, sound }: Pair, found: ClockBreak, work: MediaWork): Promise<Pair> {
  const own = found.jumps.map(({ chunk }) => chunk);
  if (!sound) return { picture: split(picture, own), sound };
  const isPicture = found.playlist === picture.playlist;
  const other = isPicture ? sound : picture;
  const others: number[] = [];
  for (const jump of found.jumps) {
    const chunk = await counterpart(found.playlist, jump, other, work);
    if (chunk !== undefined) others.push(chunk);
  }
  return isPicture
    ? { picture: split(picture, own), sound: split(sound, others) }
    : { picture: split(picture, others), sound: split(sound, own) };
}

const split = ({ playlist, store }: Rendition, before: readonly number[]): Rendition => ({
  playlist: splitRuns(playlist, before),
  store,
});

/** Both playlists are parted at one moment: by their durations, which are rounded. */
const NEAR_US = 2_000_000;

/**
 * The chunk of the other playlist that the same break is before.
 * @returns `undefined` where a run of it begins there anyway
 * @throws PermanentError `CHUNK_UNDECODABLE` where there is none
 */
async function counterpart(
  playlist: TrackPlaylist,
  jump: ClockJump,
  { playlist: other, store }: Rendition,
  work: MediaWork,
): Promise<number | undefined> {
  const { startUs } = playlist.chunks[jump.chunk]!;
  const isNear = (us: number) => Math.abs(us - startUs) <= NEAR_US;
  if (other.runs.slice(1).some((run) => isNear(run.startUs))) return undefined;
  const range = chunksBetween(other.chunks, startUs - NEAR_US, startUs + NEAR_US);
  const near = other.chunks
    .slice(Math.max(0, range.first - 1), range.last + 2)
    .filter(({ isGap }) => !isGap);
  const files = await store.fetch(near);
  const there = near.filter(({ index }) => files.has(index));
  const run = other.runs[near[0]?.run ?? 0]!;
  const init = run.init && (await store.fetchInit(run.init));
  if (there.length > 1) {
    const name = `counterpart-${there[0]!.index}`;
    const chunks = there.map(({ index }) => files.get(index)!);
    const source = await openSource({ name, init, chunks }, work);
    const found = breaksIn(() => assertOneClock(source, there, { playlist: other }));
    const [nearest] = found
      .map(({ chunk }) => chunk)
      .sort((a, b) => offBy(other, a, startUs) - offBy(other, b, startUs));
    if (nearest !== undefined) return nearest;
  }
  throw jumpUnsure(playlist, jump);
}

const offBy = ({ chunks }: TrackPlaylist, chunk: number, us: number) =>
  Math.abs(chunks[chunk]!.startUs - us);

function breaksIn(look: () => void): readonly ClockJump[] {
  try {
    look();
    return [];
  } catch (error) {
    if (error instanceof ClockBreak) return error.jumps;
    throw error;
  }
}

/** Warnings for the repairs that affect the moments asked for. */
export function repairWarnings(
  repairs: readonly ClockRepair[],
  { startMs, endMs }: { startMs: number; endMs: number },
): MediaWarning[] {
  return repairs.flatMap(({ playlist, jump }): MediaWarning[] => {
    const atMs = Math.round(playlist.chunks[jump.chunk]!.startUs / 1000);
    if (atMs >= endMs) return [];
    return [
      {
        code: 'CLOCK_REPAIRED',
        message: `${jumpBefore(playlist, jump)}: the clip was cut as if the tag were there. Add it to the playlist.`,
        ...(atMs > startMs ? { atMs } : {}),
      },
    ];
  });
}
