import type { MediaWarning } from '../warnings.ts';

/** A time on a source's clock in ticks of 90 kHz, half-open. */
export interface TickSpan {
  from: number;
  to: number;
}

/** Less is rounding, or the way an encoder begins. */
const LEAST_HOLE_TICKS = 50 * 90;
/** An episode may begin with an encoder's priming, which nobody hears. */
const LEAST_HOLE_AT_BEGIN_TICKS = 100 * 90;

/** Notes when there is audio, while it is read. */
export class HeardTime {
  readonly spans: TickSpan[] = [];

  /** Packets come in order, mostly. */
  add(from: number, to: number): void {
    const last = this.spans.at(-1);
    if (last && from >= last.from && from <= last.to + LEAST_HOLE_TICKS) {
      last.to = Math.max(last.to, to);
    } else this.spans.push({ from, to });
  }
}

/**
 * Where there is no audio for longer than is usual between two packets.
 * @param heard in any order
 * @param begin when the episode begins, if that is on the same clock
 */
export function holesIn(
  wanted: TickSpan,
  heard: readonly TickSpan[],
  begin = Number.NEGATIVE_INFINITY,
): TickSpan[] {
  const holes: TickSpan[] = [];
  let at = wanted.from;
  const end = { from: wanted.to, to: wanted.to };
  for (const { from, to } of [...heard].sort((a, b) => a.from - b.from).concat(end)) {
    const isBegin = at === wanted.from && at - begin < LEAST_HOLE_TICKS;
    const least = isBegin ? LEAST_HOLE_AT_BEGIN_TICKS : LEAST_HOLE_TICKS;
    const hole = { from: at, to: Math.min(from, wanted.to) };
    if (hole.to - hole.from > least) holes.push(hole);
    at = Math.max(at, to);
  }
  return holes;
}

/** Of a source full of holes, the rest is told as one. */
const MOST_WARNINGS = 10;

/** @param zero when the episode begins, on the same clock; absent: not known */
export function missingAudio(holes: readonly TickSpan[], zero?: number): MediaWarning[] {
  const told = holes.length > MOST_WARNINGS ? holes.slice(0, MOST_WARNINGS - 1) : holes;
  const rest = holes.slice(told.length);
  const warnings = told.map((hole) =>
    warning(`The source has no audio for ${seconds([hole])} s: there is silence.`, hole, zero),
  );
  const [next] = rest;
  if (!next) return warnings;
  const more = `In ${rest.length} more places the source has no audio, for ${seconds(rest)} s in all: there is silence.`;
  return [...warnings, warning(more, next, zero)];
}

const seconds = (holes: readonly TickSpan[]) =>
  (holes.reduce((sum, { from, to }) => sum + to - from, 0) / 90_000).toFixed(2);

const warning = (message: string, { from }: TickSpan, zero?: number): MediaWarning => ({
  code: 'AUDIO_MISSING',
  message,
  ...(zero === undefined ? {} : { atMs: Math.max(0, Math.round((from - zero) / 90)) }),
});
