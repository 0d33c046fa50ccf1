import type { CutResults } from '../cut/cut-results.ts';
import { METHOD_NAMES, METHODS, type MethodName } from '../cut/cut-task.ts';

const WIDTH = 820;
const HEIGHT = 460;
const AREA = { left: 64, right: 560, top: 48, bottom: 408 };
/** Between two names of lines, so that they stay legible. */
const NAME_PITCH = 18;

const COLORS: Record<MethodName, string> = {
  exact: '#0b6e4f',
  copiedSound: '#3aa76d',
  pipeline: '#2457a6',
  ffmpegCopy: '#8a8a8a',
  ffmpegEncode: '#c0392b',
};

interface Point {
  x: number;
  y: number;
}

/**
 * How long each method takes for segments of growing length: a line each, both axes logarithmic. Colours are
 * legible on the white of the plot, which it brings along for dark pages.
 */
export function cutPlot({ cases }: CutResults): string {
  const singles = cases
    .filter(({ case: { episode, segments } }) => episode === 'short' && segments === 1)
    .sort((a, b) => a.case.seconds - b.case.seconds);
  const lengths = singles.map(({ case: { seconds } }) => seconds);
  const wallSeconds = singles.flatMap(({ rows }) => rows.map(({ wallMs }) => wallMs / 1000));
  const powers = powersAround(Math.min(...wallSeconds), Math.max(...wallSeconds));
  const xOf = logarithmic([lengths[0]!, lengths.at(-1)!], [AREA.left + 24, AREA.right - 24]);
  const yOf = logarithmic([powers[0]!, powers.at(-1)!], [AREA.bottom, AREA.top]);

  const lines = METHOD_NAMES.map((method) => ({
    method,
    points: singles.flatMap(({ case: { seconds }, rows }) =>
      rows
        .filter((row) => row.method === method)
        .map(({ wallMs }): Point => ({ x: xOf(seconds), y: yOf(wallMs / 1000) })),
    ),
  }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    '<title>Wall time of five ways to cut one segment, by its length</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text({ x: AREA.left, y: 24 }, 'wall time in seconds, by the length of the segment', '#222'),
    ...powers.flatMap((value) => [
      `<path d="M${AREA.left} ${round(yOf(value))}H${AREA.right}" stroke="#ddd"/>`,
      text({ x: AREA.left - 8, y: yOf(value) + 4 }, String(value), '#555', 'end'),
    ]),
    ...lengths.map((length) =>
      text({ x: xOf(length), y: AREA.bottom + 22 }, `${length} s`, '#555', 'middle'),
    ),
    ...lines.map(({ method, points }) => drawnLine(points, COLORS[method])),
    ...names(lines),
    '</svg>\n',
  ].join('\n');
}

function logarithmic(from: readonly [number, number], to: readonly [number, number]) {
  const [low, high] = from.map(Math.log10) as [number, number];
  const span = high - low || 1;
  return (value: number) => to[0] + ((Math.log10(value) - low) / span) * (to[1] - to[0]);
}

/** Powers of ten from the one at or below `low` to the one at or above `high`. */
function powersAround(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
  return Array.from({ length: last - first + 1 }, (_, n) => Number(`1e${first + n}`));
}

function drawnLine(points: readonly Point[], color: string): string {
  const path = points.map(({ x, y }, n) => `${n === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`);
  const dots = points.map(({ x, y }) => `<circle cx="${round(x)}" cy="${round(y)}" r="4"/>`);
  const line = `<path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="2"/>`;
  return `<g fill="${color}">${line}${dots.join('')}</g>`;
}

/** Each name stands beside the end of its line, or as near as others let it. */
function names(lines: readonly { method: MethodName; points: readonly Point[] }[]): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return lines
    .map(({ method, points }) => ({ method, end: points.at(-1)! }))
    .sort((a, b) => a.end.y - b.end.y)
    .map(({ method, end }) => {
      lowest = Math.max(end.y, lowest + NAME_PITCH);
      return text({ x: AREA.right + 4, y: lowest + 4 }, METHODS[method].title, COLORS[method]);
    });
}

function text({ x, y }: Point, content: string, fill: string, anchor = 'start'): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}" text-anchor="${anchor}">${content}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
