import { expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import {
  distance,
  FPS,
  fieldCoded,
  fieldOrderOf,
  mbaff,
  mbaffOpen,
  packaged,
  placeOf,
  seen,
  wovenFrames,
} from './interlaced.fixture.ts';
import { useFolder } from './judged.fixture.ts';

// The short form of interlaced.full.test.ts.

const folder = useFolder();
/** From the first chunk on, and from the second. */
const early: Span = [1_320, 3_320];
const late: Span = [2_320, 4_320];
const fieldAt = (ms: number) => (ms * 2 * FPS) / 1_000;

it.each([
  ['MBAFF', early, () => packaged(wovenFrames('top'), mbaff('top'), folder.path)],
  ['field pictures', early, () => fieldCoded('top', 'apart', folder.path)],
  [
    'MBAFF, parameter sets in the first chunk only',
    late,
    () => packaged(wovenFrames('top'), mbaffOpen('top'), folder.path),
  ],
  [
    'field pictures, parameter sets in the first chunk only',
    late,
    () => fieldCoded('top', 'apart', folder.path, { isToldOnce: true }),
  ],
] as const)('%s: deinterlaced at either rate, or kept', async (_, span, make) => {
  const episode = await make();
  const first = fieldAt(span[0]);
  for (const deinterlace of ['frame', 'field'] as const) {
    const output = { ...DEFAULT_OUTPUT, deinterlace };
    const clip = await makeClip(episode, [span], folder.path, { output });
    const frames = await seen(clip.clipFile);
    const step = deinterlace === 'frame' ? 2 : 1;
    expect(frames).toHaveLength((4 * FPS) / step);
    for (const [n, { combing, top, bottom }] of frames.entries()) {
      const due = placeOf(first + step * n);
      expect(combing).toBeLessThan(2);
      expect(distance(top, due)).toBeLessThan(2);
      expect(distance(bottom, due)).toBeLessThan(2);
    }
    expect(clip.cuts[0]).toMatchObject({
      pictures: { method: 'reencoded', reason: 'the video is interlaced' },
      warnings: [{ code: 'DEINTERLACED' }],
    });
  }
  const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
  const kept = await makeClip(episode, [span], folder.path, { output });
  expect(await fieldOrderOf(kept.clipFile)).toBe('tt');
  expect(kept.cuts[0]!.warnings ?? []).toEqual([]);
  const [{ top, bottom } = { top: 0, bottom: 0 }] = await seen(kept.clipFile);
  expect(distance(top, placeOf(first))).toBeLessThan(2);
  expect(distance(bottom, placeOf(first + 1))).toBeLessThan(2);
});

it.each([
  ['MBAFF', () => packaged(wovenFrames('top'), mbaffOpen('top'), folder.path)],
  ['field pictures', () => fieldCoded('top', 'apart', folder.path, { isToldOnce: true })],
] as const)(
  '%s, parameter sets in the first chunk only: all segments are kept',
  async (_, make) => {
    const episode = await make();
    const output = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
    for (const [spans, cut] of [
      [[early, [5_000, 6_000]], 'exact'],
      [[[4_000, 5_000]], 'copy'],
    ] satisfies [Span[], 'exact' | 'copy'][]) {
      const clip = await makeClip(episode, spans, folder.path, { output, cut });
      const due = spans.flatMap(([fromMs, toMs]) =>
        Array.from({ length: ((toMs - fromMs) * FPS) / 1_000 }, (_, n) => fieldAt(fromMs) + 2 * n),
      );
      const frames = await seen(clip.clipFile);
      expect(frames).toHaveLength(due.length);
      for (const [n, { top, bottom }] of frames.entries()) {
        expect(distance(top, placeOf(due[n]!))).toBeLessThan(3);
        expect(distance(bottom, placeOf(due[n]! + 1))).toBeLessThan(3);
      }
      expect((await inspectClip(clip.clipFile)).times).toHaveLength(due.length);
      expect([...clip.cuts, clip].flatMap(({ warnings }) => warnings ?? [])).toEqual([]);
    }
  },
);
