/** `H:MM:SS`, `MM:SS` or seconds alone, with up to nine decimals: what people and models write. */
const CLOCK = /^(?:(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)|(\d{1,6}))(?:\.(\d{1,9}))?$/;

/** 100 hours: longer than any episode, small enough that sums of times stay exact integers. */
const MAX_MS = 100 * 3600 * 1000;

/**
 * Reads a time of the input: `HH:MM:SS[.mmm]`, or seconds as a number or as text.
 * Finer parts than a millisecond are rounded to the nearest one.
 * @returns integer milliseconds, or `undefined` where the text is no time
 */
export function parseTimeMs(value: string | number): number | undefined {
  const ms = typeof value === 'number' ? msOfSeconds(value) : parseClockMs(value.trim());
  return ms !== undefined && Number.isSafeInteger(ms) && ms >= 0 && ms <= MAX_MS ? ms : undefined;
}

/** Adding 0 makes 0 of -0, which JSON can hold. */
const msOfSeconds = (seconds: number) => (seconds < 0 ? undefined : Math.round(seconds * 1000) + 0);

function parseClockMs(text: string): number | undefined {
  const match = CLOCK.exec(text);
  if (!match) return undefined;
  const [, hours = '0', minutes = '0', seconds, alone, fraction = ''] = match;
  const wholeSeconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? alone);
  return wholeSeconds * 1000 + Math.round(Number(`0.${fraction || '0'}`) * 1000);
}

/** Milliseconds as `HH:MM:SS.mmm`. */
export function formatTime(ms: number): string {
  const fraction = String(ms % 1000).padStart(3, '0');
  return `${clock(Math.floor(ms / 1000))}.${fraction}`;
}

/** Milliseconds as `HH:MM:SS`, rounded to the nearest second: the `duration` of a clip record. */
export function formatDuration(ms: number): string {
  return clock(Math.round(ms / 1000));
}

function clock(totalSeconds: number): string {
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor(totalSeconds / 60) % 60;
  return [hours, minutes, totalSeconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
