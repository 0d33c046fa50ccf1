import { afterEach, expect, it, vi } from 'vitest';
import { makeClip } from '../clip.fixture.ts';
import type * as PlanCut from '../cut/plan-cut.ts';
import { shortEpisode, useFolder } from '../sources/judged.fixture.ts';

// A plan that forgets the last frame: what it says is carried out faithfully, and yet is not what was asked for.

const forgets = vi.hoisted(() => ({ copying: false }));

vi.mock('../cut/plan-cut.ts', async (importOriginal) => {
  const original = await importOriginal<typeof PlanCut>();
  return {
    ...original,
    planCut: (...[pictures, from, to]: Parameters<typeof PlanCut.planCut>) =>
      original.planCut(pictures, from, forgets.copying ? to - 1 : to),
  };
});

const folder = useFolder();

afterEach(() => {
  forgets.copying = false;
});

it('a plan that lacks a frame: encoded as a whole', async () => {
  forgets.copying = true;
  const { cuts, frameCount } = await makeClip(await shortEpisode(), [[4_200, 7_300]], folder.path);
  expect(cuts[0]!.pictures).toMatchObject({
    method: 'reencoded',
    reason: 'the segment holds 92 frames where the source has 93',
  });
  expect(frameCount).toBe(93);
});

it('a plan that does not: as it was planned', async () => {
  const { cuts } = await makeClip(await shortEpisode(), [[4_200, 7_300]], folder.path);
  expect(cuts[0]!.pictures?.method).toBe('smart');
});
