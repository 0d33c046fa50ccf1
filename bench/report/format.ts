export const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 100_000 ? 2 : 0);

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const ratio = (times: number | undefined): string =>
  times === undefined ? '–' : times.toFixed(times < 9.95 ? 1 : 0);

/** With a sign, unless it is 0. */
export function signed(count: number | undefined): string {
  if (count === undefined) return '–';
  return `${count > 0 ? '+' : ''}${count}`.replace('-', '−');
}
