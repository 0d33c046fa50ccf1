/** A time on a source's clock in ticks of 90 kHz, half-open. */
export interface TickSpan {
  from: number;
  to: number;
}

/** Less is rounding, or the way an encoder begins. */
export const LEAST_HOLE_TICKS = 50 * 90;
/** A decoder that lacks a frame is silent for as long; all that is shorter is rounding. */
export const LEAST_LOST_TICKS = 15 * 90;
/** An episode may begin with an encoder's priming, which nobody hears. */
const LEAST_HOLE_AT_BEGIN_TICKS = 100 * 90;

/** Times are rounded. */
const ROUNDING_TICKS = 2 * 90;

/** Notes when there is audio. */
export class HeardTime {
  readonly spans: TickSpan[] = [];

  /** Packets come in order, mostly. */
  add(from: number, to: number): void {
    const last = this.spans.at(-1);
    if (last && from >= last.from && from <= last.to + ROUNDING_TICKS) {
      last.to = Math.max(last.to, to);
    } else this.spans.push({ from, to });
  }
}

/** What counts as a hole. */
export interface Holes {
  /** When the episode begins, if that is on the same clock. */
  begin?: number;
  /** What is not longer is none. Default: what is usual between two packets. */
  leastTicks?: number;
}

/**
 * Where there is no audio.
 * @param heard in any order
 */
export function holesIn(
  wanted: TickSpan,
  heard: readonly TickSpan[],
  { begin = Number.NEGATIVE_INFINITY, leastTicks = LEAST_HOLE_TICKS }: Holes = {},
): TickSpan[] {
  const holes: TickSpan[] = [];
  let at = wanted.from;
  const end = { from: wanted.to, to: wanted.to };
  for (const { from, to } of [...heard].sort((a, b) => a.from - b.from).concat(end)) {
    const isBegin = at === wanted.from && at - begin < LEAST_HOLE_TICKS;
    const least = isBegin ? LEAST_HOLE_AT_BEGIN_TICKS : leastTicks;
    const hole = { from: at, to: Math.min(from, wanted.to) };
    if (hole.to - hole.from > least) holes.push(hole);
    at = Math.max(at, to);
  }
  return holes;
}
