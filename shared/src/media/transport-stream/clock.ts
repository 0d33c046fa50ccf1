// The clock of a transport stream: ISO/IEC 13818-1, 2.4.3.6 and 2.4.3.7.

/** Ticks per second of PTS and DTS. */
export const CLOCK_HZ = 90_000;

/** PTS and DTS have 33 bits: after 26.5 hours they begin again. */
export const CLOCK_WRAP = 2 ** 33;

/** Reads one of the time stamps of a PES header, in ticks. */
export function readTimestamp(buffer: Buffer, at: number): number {
  const high = (buffer[at]! >> 1) & 0x07;
  const middle = buffer.readUInt16BE(at + 1) >> 1;
  const low = buffer.readUInt16BE(at + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

/** @param tag the four bits that tell which of the time stamps it is */
export function writeTimestamp(buffer: Buffer, at: number, ticks: number, tag: number): void {
  const value = wrapped(ticks);
  buffer[at] = (tag << 4) | (Math.floor(value / 2 ** 30) << 1) | 1;
  buffer.writeUInt16BE(((Math.floor(value / 2 ** 15) & 0x7fff) << 1) | 1, at + 1);
  buffer.writeUInt16BE(((value & 0x7fff) << 1) | 1, at + 3);
}

/** The time as it stands in a stream. */
export const wrapped = (ticks: number) => ((ticks % CLOCK_WRAP) + CLOCK_WRAP) % CLOCK_WRAP;

/** How far `later` is from `earlier` in ticks, across the wrap of the clock: the nearer way counts. */
export function ticksBetween(earlier: number, later: number): number {
  const difference = wrapped(later - earlier);
  return difference >= CLOCK_WRAP / 2 ? difference - CLOCK_WRAP : difference;
}

/**
 * Counts on where the time stamps begin again. All streams of a program share one: whichever of them wraps
 * first, they stay beside each other.
 */
export class ContinuousClock {
  #ticks?: number;

  /** @param raw a time as it stands in the stream */
  at(raw: number): number {
    this.#ticks = this.#ticks === undefined ? raw : this.#ticks + ticksBetween(this.#ticks, raw);
    return this.#ticks;
  }
}
