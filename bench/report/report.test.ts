import { expect, it } from 'vitest';
import type { CaseResult, CutResults, CutRow } from '../cut/cut-results.ts';
import { METHOD_NAMES, type MethodName } from '../cut/cut-task.ts';
import { COLUMNS, figuresOf } from './cut-figures.ts';
import { cutPart, partsOf, replacePart } from './page.ts';
import { cutPlot } from './plot.ts';

const WALL_MS: Record<MethodName, number> = {
  exact: 2_000,
  copiedSound: 1_000,
  pipeline: 3_000,
  ffmpegCopy: 500,
  ffmpegEncode: 30_000,
};

const row = (method: MethodName, scale: number): CutRow => ({
  ...{ method, runs: 3, wallMs: scale * WALL_MS[method], cpuMs: 100, nodePeakBytes: 1e8 },
  ...{ allPeakBytes: 2e8, bytesRead: 3e7, framesEncoded: 60 },
  errors: {
    ...{ isWhole: scale === 1, firstFrame: method === 'ffmpegCopy' ? -44 : 0 },
    ...{ lastFrame: 0, wrongFrames: 0 },
  },
  ...(method === 'pipeline' ? { totalProcessingMs: 2_500 } : {}),
});

const result = (seconds: number, scale: number): CaseResult => ({
  case: { name: `${seconds} s`, segments: 1, seconds, episode: 'short' },
  rows: METHOD_NAMES.map((method) => row(method, scale)),
});

const RESULTS: CutResults = {
  machine: { cores: 2, cpu: 'some', node: '20.0.0', ffmpeg: '5.1', date: '2026-01-01' },
  episode: { width: 1920, height: 1080, seconds: 660, megabitsPerSecond: 8.9 },
  longEpisodeSeconds: 21_780,
  cases: [result(30, 1), result(180, 4)],
};

it('compares every method with the two baselines', () => {
  const [exact] = figuresOf(result(30, 1));
  const shown = Object.fromEntries(COLUMNS.map((column, n) => [column, exact![n]]));
  expect(shown).toMatchObject({
    '× faster than re-encode': '15',
    '× copy': '4.0',
    'wall s': '2.00',
    'wrong frames': '0',
  });
});

it('shows frame errors with their sign', () => {
  const copy = figuresOf(result(30, 1)).find(([method]) => method === 'FFmpeg, copy');
  expect(copy).toContain('−44 / 0');
});

it('tells where not all of a clip was looked at', () => {
  expect(figuresOf(result(180, 4))[0]).toContain('0 (edges)');
});

it('says what the pipeline adds to the bare cut', () => {
  expect(cutPart(RESULTS)).toContain('| 180 s | 8.00 | 12.00 | 2.50 | 4.00 |');
});

it('says which targets were reached, missed, and not measured', () => {
  const targets = partsOf({ cut: RESULTS }).get('targets');
  expect(targets).toMatch(/30 s, sound to the sample: at least 7 .* \| 15.0 × \| yes \|/);
  expect(targets).toMatch(/180 s, sound to the sample: at most 6 .* \| 4.00 × \| yes \|/);
  expect(targets).toMatch(/bytes read.* \| – \| not measured \|/);
});

it('draws a line for each method, with a point for each length', () => {
  const plot = cutPlot(RESULTS);
  expect(plot.match(/<circle/g)).toHaveLength(METHOD_NAMES.length * RESULTS.cases.length);
  expect(plot).not.toContain('NaN');
});

it('replaces what stands between its marks, and nothing else', () => {
  const page = 'a\n<!-- x: made by npm run bench -->\nold\n<!-- /x -->\nb';
  expect(replacePart(page, 'x', 'new')).toBe(
    'a\n<!-- x: made by npm run bench -->\n\nnew\n\n<!-- /x -->\nb',
  );
  expect(() => replacePart('a', 'x', 'new')).toThrow('A page must hold');
});
