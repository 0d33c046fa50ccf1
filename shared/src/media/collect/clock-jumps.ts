import type { ChunkTimes, Reach } from './chunk-times.ts';

// The times of a run count on from chunk to chunk. Where they do not, and the durations of the playlist know nothing
// of it, another clock begins: EXT-X-DISCONTINUITY is missing (RFC 8216, 4.3.2.3).

/** A chunk beside others of its run. */
export interface TimedChunk {
  /** Its place in the playlist. */
  index: number;
  times: ChunkTimes;
  /** From where it begins to where the next one does, by the playlist, in ticks. */
  listedTicks: number;
}

/** Another clock begins. */
export interface ClockJump {
  /** The chunk that begins with it. */
  chunk: number;
  /** By how much it is ahead. */
  ticks: number;
}

/** A jump within a chunk, where no tag can stand. */
export interface InnerJump extends ClockJump {
  /** The last time on the clock before. */
  fromPts: number;
}

/** Less is a hole, a late start, or the depth of reordering. */
const LEAST_TICKS = 0.5 * 90_000;
/** A chunk is as long as the playlist says. */
const LISTED_TICKS = 0.1 * 90_000;
/** The frames and the audio of a chunk do not begin or end at once. */
const AGREEMENT_TICKS = 90_000;
/** So many frames at most are reordered. */
const REORDERED_FRAMES = 17;

/**
 * Finds the chunk boundaries at which the clock jumps. A hole is not a jump: there the playlist's durations advance
 * with the clock.
 * @param roundingTicks by which each of the playlist's durations may be off
 */
export function jumpsBetween(chunks: readonly TimedChunk[], roundingTicks: number): ClockJump[] {
  const usual = usualTicks(chunks);
  return chunks.slice(1).flatMap((chunk, n) => {
    const ticks = jumpAt(chunks.slice(n, n + 3), usual, LEAST_TICKS + roundingTicks);
    return ticks === undefined ? [] : [{ chunk: chunk.index, ticks }];
  });
}

/** @param near the chunk before a border, the one behind it, and the next */
function jumpAt(near: readonly TimedChunk[], usual: number, least: number): number | undefined {
  const [before, after, next] = near as [TimedChunk, TimedChunk, TimedChunk | undefined];
  const kind = before.times.frames && after.times.frames ? 'frames' : 'audio';
  const [a, b] = [before.times[kind], after.times[kind]];
  if (!a || !b) return undefined;
  const unlisted = b.first - a.first - before.listedTicks;
  const step = b.first - a.last - (kind === 'frames' ? usual : 0);
  // What the playlist is rounded by does not matter where the chunk is as long as it says.
  const isAsListed = Math.abs(unlisted - step) < LISTED_TICKS;
  const isUnlisted = isAsListed || Math.abs(unlisted) > least;
  const isJump =
    isUnlisted && Math.abs(step) > LEAST_TICKS && Math.sign(unlisted) === Math.sign(step);
  if (!isJump) return undefined;
  const c = next?.times[kind];
  const isMadeUp =
    c &&
    Math.abs(c.first - a.first - before.listedTicks - after.listedTicks) < Math.abs(unlisted) / 2;
  if (isMadeUp) return undefined;
  const isHeardToo = kind === 'audio' || audioAgrees(before, after, unlisted);
  return isHeardToo ? step : undefined;
}

/** Packets from before a jump may still stand at the beginning of the chunk behind it: its end counts, too. */
function audioAgrees(before: TimedChunk, after: TimedChunk, ticks: number): boolean {
  const [a, b] = [before.times.audio, after.times.audio];
  if (!a || !b) return true;
  const byFirst = b.first - a.first - before.listedTicks;
  const byLast = b.last - a.last - after.listedTicks;
  return [byFirst, byLast].some((jump) => Math.abs(jump - ticks) < AGREEMENT_TICKS);
}

/** Jumps of the clock between the pictures or the sound of one chunk. */
export function jumpsWithin(chunks: readonly TimedChunk[], roundingTicks: number): InnerJump[] {
  const usual = usualTicks(chunks);
  return chunks.flatMap(({ index, times, listedTicks }) => {
    const reaches = [times.frames, times.audio].filter((reach) => reach !== undefined);
    const jumps = reaches.map((reach) =>
      stepWithin(reach, listedTicks, reach === times.frames ? usual : 0, roundingTicks),
    );
    const [jump] = jumps;
    // Only frames, or only audio: a hole, which is no matter of the clock.
    if (!jump || jumps.some((one) => !one || Math.abs(one.ticks - jump.ticks) > AGREEMENT_TICKS)) {
      return [];
    }
    return [{ chunk: index, ...jump }];
  });
}

function stepWithin(
  { first, last, ahead, back }: Reach,
  listedTicks: number,
  usual: number,
  roundingTicks: number,
): { ticks: number; fromPts: number } | undefined {
  if (back.ticks < -Math.max(AGREEMENT_TICKS, REORDERED_FRAMES * usual)) return back;
  const excess = last - first + usual - listedTicks;
  const isAhead = ahead.ticks - usual > AGREEMENT_TICKS && excess > AGREEMENT_TICKS + roundingTicks;
  return isAhead ? ahead : undefined;
}

/** About how long a frame is shown, in ticks. */
function usualTicks(chunks: readonly TimedChunk[]): number {
  const distances = chunks.flatMap(({ times: { frames }, listedTicks }) =>
    frames
      ? [frames.count > 1 ? (frames.last - frames.first) / (frames.count - 1) : listedTicks]
      : [],
  );
  return distances.sort((a, b) => a - b)[(distances.length - 1) >> 1] ?? 0;
}
