import type { Source } from '../source/source.ts';

/** When what a chunk holds of one kind is due, in ticks of 90 kHz on the clock of its source. */
export interface Reach {
  /** The earliest and the latest. */
  first: number;
  last: number;
  count: number;
  /** The widest steps ahead and back from one to the next, in decoding order. */
  ahead: { ticks: number; fromPts: number };
  back: { ticks: number; fromPts: number };
}

/** When what a chunk holds is due. */
export interface ChunkTimes {
  frames?: Reach;
  audio?: Reach;
}

/**
 * @param count how many chunks the source consists of
 * @param skipped pieces of a neighbour that stand before them
 * @returns nothing where the source does not tell its chunks apart
 */
export function chunkTimesOf(
  { pictures, sound }: Source,
  count: number,
  skipped = 0,
): ChunkTimes[] | undefined {
  const tracks = [
    pictures && 'track' in pictures ? pictures.track : undefined,
    sound && 'track' in sound ? sound.track : undefined,
  ];
  const isForeign = (pictures && !tracks[0]) || (!pictures && !tracks[1]);
  const isApart = tracks.every((track) => !track || track.files.length >= count + skipped);
  if (isForeign || !isApart) return undefined;
  const [frames, audio] = [tracks[0], tracks[1]];
  const framesBy = byFile(frames && 'units' in frames ? frames.units : []);
  const audioBy = byFile(audio && 'packets' in audio ? audio.packets : []);
  return Array.from({ length: count }, (_, n) => ({
    frames: reachOf(framesBy.get(n + skipped)),
    audio: reachOf(audioBy.get(n + skipped)),
  }));
}

function byFile(items: readonly { file: number; pts: number }[]): Map<number, number[]> {
  const times = new Map<number, number[]>();
  for (const { file, pts } of items) {
    const known = times.get(file);
    if (known) known.push(pts);
    else times.set(file, [pts]);
  }
  return times;
}

function reachOf(times: readonly number[] | undefined): Reach | undefined {
  if (!times) return undefined;
  const [start] = times as [number];
  const reach = {
    first: start,
    last: start,
    count: times.length,
    ahead: { ticks: 0, fromPts: start },
    back: { ticks: 0, fromPts: start },
  };
  times.forEach((pts, n) => {
    const before = times[n - 1] ?? pts;
    const ticks = pts - before;
    reach.first = Math.min(reach.first, pts);
    reach.last = Math.max(reach.last, pts);
    if (ticks > reach.ahead.ticks) reach.ahead = { ticks, fromPts: before };
    if (ticks < reach.back.ticks) reach.back = { ticks, fromPts: before };
  });
  return reach;
}
