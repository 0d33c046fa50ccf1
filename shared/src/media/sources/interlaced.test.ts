import { expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import {
  distance,
  FPS,
  fieldCoded,
  fieldOrderOf,
  mbaff,
  packaged,
  placeOf,
  seen,
  wovenFrames,
} from './interlaced.fixture.ts';
import { useFolder } from './judged.fixture.ts';

// The short form of interlaced.full.test.ts.

const folder = useFolder();
const span: Span = [1_320, 3_320];
const FIRST_FIELD = 66;

it.each([
  ['MBAFF', () => packaged(wovenFrames('top'), mbaff('top'), folder.path)],
  ['field pictures', () => fieldCoded('top', 'apart', folder.path)],
] as const)('%s: deinterlaced at either rate, or kept', async (_, make) => {
  const episode = await make();
  for (const deinterlace of ['frame', 'field'] as const) {
    const output = { ...DEFAULT_OUTPUT, deinterlace };
    const clip = await makeClip(episode, [span], folder.path, { output });
    const frames = await seen(clip.clipFile);
    const step = deinterlace === 'frame' ? 2 : 1;
    expect(frames).toHaveLength((4 * FPS) / step);
    for (const [n, { combing, top, bottom }] of frames.entries()) {
      const due = placeOf(FIRST_FIELD + step * n);
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
  expect(distance(top, placeOf(FIRST_FIELD))).toBeLessThan(2);
  expect(distance(bottom, placeOf(FIRST_FIELD + 1))).toBeLessThan(2);
});
