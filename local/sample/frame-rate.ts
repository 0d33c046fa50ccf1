/** Frames per second as the exact fraction that the standards use: 29.97 is 30000/1001. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * Reads `'30'`, `'25/1'` or `'30000/1001'`.
 * @throws RangeError for anything else; decimals are refused because 29.97 is not 30000/1001
 */
export function parseFrameRate(text: string): FrameRate {
  const match = /^([1-9]\d{0,6})(?:\/([1-9]\d{0,6}))?$/.exec(text);
  if (!match) {
    throw new RangeError(
      `The frame rate '${text}' is not a fraction: write it like '30' or '30000/1001'.`,
    );
  }
  return { numerator: Number(match[1]), denominator: Number(match[2] ?? 1) };
}

/** Presentation time of frame `frame`, the first being frame 0 at time 0. */
export function frameTimeMs(frame: number, rate: FrameRate): number {
  return (frame * 1000 * rate.denominator) / rate.numerator;
}

/** The frame number, with a fraction, that is due at `timeMs`. */
export function frameAtMs(timeMs: number, rate: FrameRate): number {
  return (timeMs * rate.numerator) / (1000 * rate.denominator);
}
