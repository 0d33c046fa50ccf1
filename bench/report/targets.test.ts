import { expect, it } from 'vitest';
import type { CaseResult, CutRow } from '../cut/cut-results.ts';
import { METHOD_NAMES, type MethodName } from '../cut/cut-task.ts';
import type { MemoryStage } from '../memory/memory-results.ts';
import { apiTargets, cutTargets, memoryTargets } from './targets.ts';

const WALL_MS: Record<MethodName, number> = {
  ...{ exact: 2_000, copiedSound: 1_000, pipeline: 3_000, ffmpegCopy: 500, ffmpegEncode: 30_000 },
};

const row = (method: MethodName, firstFrame = 0): CutRow => ({
  ...{ method, runs: 3, wallMs: WALL_MS[method], cpuMs: 100, nodePeakBytes: 1e8 },
  ...{ allPeakBytes: 2e8, bytesRead: 120, chunkBytes: 100, segmentProcesses: 2, framesEncoded: 60 },
  errors: { isWhole: true, firstFrame, lastFrame: 0, wrongFrames: 0 },
});

const result = (seconds: number, rows: CutRow[], episode: 'short' | 'long' = 'short') => ({
  ...({ case: { name: 'a clip', seconds, segments: 1, episode }, rows } satisfies CaseResult),
});

const found = (cases: CaseResult[], words: string) =>
  cutTargets({ cases }).find(({ what }) => what.includes(words));

it('compares with both baselines', () => {
  const cases = [30, 180].map((seconds) =>
    result(
      seconds,
      METHOD_NAMES.map((name) => row(name)),
    ),
  );
  expect(found(cases, '30 s, AAC frames copied')).toMatchObject({
    ...{ measured: '30.0 ×', isReached: true },
  });
  expect(found(cases, '180 s, sound to the sample: at least')).toMatchObject({
    ...{ measured: '15.0 ×', isReached: true },
  });
  expect(found(cases, '180 s, AAC frames copied: at most')).toMatchObject({
    ...{ measured: '2.00 ×', isReached: true },
  });
});

it('tells a target that was missed', () => {
  const late = result(30, [row('exact', -1), row('ffmpegCopy', -44)]);
  expect(found([late], 'none wrong')).toMatchObject({ measured: '0 of 1', isReached: false });
});

it('tells of no target that was not measured', () => {
  for (const { measured, isReached } of cutTargets({ cases: [] })) {
    expect([measured, isReached]).toEqual([undefined, undefined]);
  }
});

it('looks at what the playlists and chunks of a segment cost', () => {
  const cases = [result(30, [row('exact')])];
  expect(found(cases, 'bytes read')).toMatchObject({ measured: '1.20 ×', isReached: true });
  expect(found(cases, 'processes')).toMatchObject({ measured: '2', isReached: true });
});

it('compares the long episode with the short one', () => {
  const slow = { ...row('exact'), wallMs: 2_400 };
  const cases = [result(30, [row('exact')]), result(30, [slow], 'long')];
  expect(found(cases, 'long episode')).toMatchObject({ measured: '1.20 ×', isReached: false });
});

it('looks at the worst of the stages', () => {
  const stage: MemoryStage = {
    ...{ name: 'extract', wallMs: 1, cpuMs: 1, nodePeakBytes: 1e8, allPeakBytes: 1e9 },
    ...{ inputBytes: 400, outputBytes: 400, diskPeakBytes: 700 },
  };
  const greedy = { ...stage, nodePeakBytes: 6e8, diskPeakBytes: 900 };
  const [node, all, disk] = memoryTargets({ stages: [stage, greedy] });
  expect([node!.isReached, all!.isReached, disk!.isReached]).toEqual([false, true, false]);
  expect(disk!.measured).toBe('1.13 ×');
});

it('compares audio clips by where they lie, of the format for which that matters most', () => {
  const row = (format: string, minute: number, wallMs: number) => ({
    ...{ format, minute, wallMs, runs: 1, ffmpegAloneMs: 100, bytesRead: 2, fileBytes: 100 },
  });
  const rows = [row('a', 1, 100), row('a', 179, 105), row('b', 1, 200), row('b', 179, 300)];
  const audio = { fileSeconds: 10_800, clipSeconds: 30, rows, indexed: [], cachedMs: 5 };
  const [place, share] = apiTargets({ audio });
  expect(place).toMatchObject({ measured: '1.50 ×', isReached: false });
  expect(share).toMatchObject({ measured: '2.0 %', isReached: true });
});
